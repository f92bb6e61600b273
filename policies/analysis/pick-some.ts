// Some of many, the same ones for the same seed. No randomness of the machine.

export interface Choice {
  readonly count: number
  /** Any text; equal texts pick alike. */
  readonly seed: string
}

/** The first one is always among them; the others are spread by the seed, in their old order. */
export function pickSome<T>(all: readonly T[], { count, seed }: Choice): readonly T[] {
  const next = createSequence(seed)
  const ranked = all.map((one, index) => ({ one, index, rank: index === 0 ? -1 : next() }))
  const chosen = ranked.sort((a, b) => a.rank - b.rank).slice(0, count)
  return chosen.sort((a, b) => a.index - b.index).map(({ one }) => one)
}

/** Numbers from 0 up to 2^32, by a linear congruential step (Numerical Recipes' constants) from a FNV-1a hash of the seed. */
function createSequence(seed: string): () => number {
  let state = 0x811c9dc5
  for (const character of seed) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state
  }
}
