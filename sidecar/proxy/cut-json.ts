// Copies a valid JSON text without the members and elements that paths name. Works on the text itself, so that numbers and order stay as they were.

/** One selector after the other: a member's name, or null for all children. */
export type PlacePath = readonly (string | null)[]

/** `text` must have passed JSON.parse. Of members with one name, all are cut. */
export function cutJson(text: string, paths: readonly PlacePath[]): string {
  const cutter = new Cutter(text)
  cutter.copyValue(paths)
  return cutter.output()
}

class Cutter {
  readonly #text: string
  readonly #pieces: string[] = []
  #at = 0
  /** Everything before it has been copied or cut. */
  #copied = 0

  constructor(text: string) {
    this.#text = text
  }

  output(): string {
    this.#pieces.push(this.#text.slice(this.#copied))
    return this.#pieces.join('')
  }

  /** Goes over one value, leaving out what the paths name below it. */
  copyValue(paths: readonly PlacePath[]): void {
    this.#skipSpace()
    const first = this.#text[this.#at]
    if (first === '{') this.#children(paths, { close: '}', hasNames: true })
    else if (first === '[') this.#children(paths, { close: ']', hasNames: false })
    else if (first === '"') this.#readString()
    else while (this.#at < this.#text.length && !',]} \n\r\t'.includes(this.#text[this.#at] ?? '')) this.#at += 1
  }

  #children(paths: readonly PlacePath[], kind: { readonly close: string; readonly hasNames: boolean }): void {
    this.#at += 1
    let kept = 0
    /** Just after the opening bracket or the last comma that stays. */
    let start = this.#at
    this.#skipSpace()
    if (this.#text[this.#at] === kind.close) {
      this.#at += 1
      return
    }
    for (;;) {
      this.#skipSpace()
      const name = kind.hasNames ? this.#readName() : null
      const below = paths.filter(([selector]) => selector === null || (kind.hasNames && selector === name))
      const isCut = below.some((path) => path.length === 1)
      this.copyValue(isCut ? [] : below.map((path) => path.slice(1)))
      const end = this.#at
      this.#skipSpace()
      const isLast = this.#text[this.#at] === kind.close
      this.#at += 1
      // A cut child goes with the comma after it; the last one with the comma before it, if any is left.
      if (isCut && !isLast) this.#cut(start, this.#at)
      else if (isCut) this.#cut(start, end, kept > 0)
      else kept += 1
      if (isLast) return
      start = this.#at
    }
  }

  #cut(from: number, to: number, dropsComma = false): void {
    this.#pieces.push(this.#text.slice(this.#copied, from))
    this.#copied = to
    if (!dropsComma) return
    // The comma is the last thing copied: it ends the last piece that is not empty.
    for (let index = this.#pieces.length - 1; index >= 0; index -= 1) {
      const piece = this.#pieces[index] ?? ''
      if (piece === '') continue
      this.#pieces[index] = piece.replace(/,\s*$/, '')
      return
    }
  }

  #readName(): string {
    const name = JSON.parse(this.#readString()) as string
    this.#skipSpace()
    this.#at += 1
    return name
  }

  #readString(): string {
    const start = this.#at
    this.#at += 1
    while (this.#text[this.#at] !== '"') this.#at += this.#text[this.#at] === '\\' ? 2 : 1
    this.#at += 1
    return this.#text.slice(start, this.#at)
  }

  #skipSpace(): void {
    while (' \n\r\t'.includes(this.#text[this.#at] ?? '!')) this.#at += 1
  }
}
