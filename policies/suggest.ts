// "Did you mean": the known word nearest to an unknown one. It never guesses where nothing is near.

/** ` Did you mean "x"?` with a leading space, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearestWord(word, known)
  return near === undefined ? '' : ` Did you mean "${near}"?`
}

export function nearestWord(word: string, known: readonly string[]): string | undefined {
  if (word.length > WORD_MAX_CHARS) return undefined
  const limit = word.length <= 3 ? 1 : word.length <= 7 ? 2 : 3
  const ranked = known
    .filter((one) => Math.abs(one.length - word.length) <= limit)
    .map((one) => ({ one, distance: distance(word.toLowerCase(), one.toLowerCase()) }))
    .filter((row) => row.distance <= limit)
    .sort((a, b) => a.distance - b.distance)
  return ranked[0]?.one
}

/** Levenshtein's distance, and a swap of two neighbours counts as one. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)]
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) row.push(cell(rows, row, { a, b, i, j }))
    rows.push(row)
  }
  return rows[a.length]?.[b.length] ?? a.length
}

function cell(rows: readonly number[][], row: readonly number[], at: { a: string; b: string; i: number; j: number }): number {
  const { a, b, i, j } = at
  const same = a[i - 1] === b[j - 1] ? 0 : 1
  const best = Math.min((rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (rows[i - 1]?.[j - 1] ?? 0) + same)
  const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
  return swapped ? Math.min(best, (rows[i - 2]?.[j - 2] ?? 0) + 1) : best
}

// Longer words are addresses or mistakes of another kind, and the distance costs the square of the length.
const WORD_MAX_CHARS = 64
