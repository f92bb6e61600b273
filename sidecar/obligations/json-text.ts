// A JSON text as a tree that keeps every number and text as it was written. Reads only texts that JSON.parse has accepted; it judges nothing.

export type JsonNode = JsonScalar | JsonObject | JsonArray

export interface JsonScalar {
  readonly kind: 'scalar'
  /** As written. */
  text: string
}

export interface JsonMember {
  /** As written, with its quotes. */
  readonly nameText: string
  readonly name: string
  readonly value: JsonNode
}

export interface JsonObject {
  readonly kind: 'object'
  members: readonly JsonMember[]
}

export interface JsonArray {
  readonly kind: 'array'
  items: readonly JsonNode[]
}

/** Throws for what is no JSON, or is nested deeper than the stack allows. */
export function parseJsonText(text: string): JsonNode {
  JSON.parse(text)
  return new Reader(text).value()
}

export function printJsonText(node: JsonNode): string {
  const pieces: string[] = []
  print(node, pieces)
  return pieces.join('')
}

function print(node: JsonNode, pieces: string[]): void {
  switch (node.kind) {
    case 'scalar':
      pieces.push(node.text)
      return
    case 'array':
      pieces.push('[')
      for (const [index, item] of node.items.entries()) {
        if (index > 0) pieces.push(',')
        print(item, pieces)
      }
      pieces.push(']')
      return
    case 'object':
      pieces.push('{')
      for (const [index, { nameText, value }] of node.members.entries()) {
        pieces.push(index > 0 ? ',' : '', nameText, ':')
        print(value, pieces)
      }
      pieces.push('}')
  }
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(): JsonNode {
    this.#skipSpace()
    const first = this.#text[this.#at]
    if (first === '{') return { kind: 'object', members: this.#list('}', () => this.#member()) }
    if (first === '[') return { kind: 'array', items: this.#list(']', () => this.value()) }
    return { kind: 'scalar', text: first === '"' ? this.#string() : this.#word() }
  }

  #member(): JsonMember {
    this.#skipSpace()
    const nameText = this.#string()
    this.#skipSpace()
    this.#at += 1
    return { nameText, name: JSON.parse(nameText) as string, value: this.value() }
  }

  #list<T>(close: string, read: () => T): readonly T[] {
    const found: T[] = []
    this.#at += 1
    this.#skipSpace()
    while (this.#text[this.#at] !== close) {
      found.push(read())
      this.#skipSpace()
      if (this.#text[this.#at] === ',') this.#at += 1
      this.#skipSpace()
    }
    this.#at += 1
    return found
  }

  #string(): string {
    const start = this.#at
    this.#at += 1
    while (this.#text[this.#at] !== '"') this.#at += this.#text[this.#at] === '\\' ? 2 : 1
    this.#at += 1
    return this.#text.slice(start, this.#at)
  }

  #word(): string {
    const start = this.#at
    while (this.#at < this.#text.length && !',]} \n\r\t'.includes(this.#text[this.#at] ?? '')) this.#at += 1
    return this.#text.slice(start, this.#at)
  }

  #skipSpace(): void {
    while (' \n\r\t'.includes(this.#text[this.#at] ?? '!')) this.#at += 1
  }
}
