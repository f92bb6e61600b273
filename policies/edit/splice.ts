// Changes of a text in places: everything between them stays byte for byte. It knows no YAML.

export interface Splice {
  readonly start: number
  /** Not included. */
  readonly end: number
  readonly text: string
}

/** Places must not overlap; their order does not matter. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const sorted = [...splices].sort((a, b) => a.start - b.start || a.end - b.end)
  let [result, done] = ['', 0]
  for (const { start, end, text: inserted } of sorted) {
    if (start < done) throw new RangeError('two changes of a document overlap')
    result += text.slice(done, start) + inserted
    done = end
  }
  return result + text.slice(done)
}
