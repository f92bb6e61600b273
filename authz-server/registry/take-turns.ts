// Cuts long work into pieces and lets the event loop serve others between them, so that no single request holds up the server.
import { setImmediate as othersHadTheirTurn } from 'node:timers/promises'

/** The items in pieces of `most`, in order. */
export async function* takeTurns<Item>(items: readonly Item[], most: number): AsyncGenerator<readonly Item[]> {
  for (let start = 0; start < items.length; start += most) {
    if (start > 0) await othersHadTheirTurn()
    yield items.slice(start, start + most)
  }
}

/** Call it for each small piece of work; every `every` calls it waits until others had their turn. */
export function createTurn(every: number): () => Promise<void> | undefined {
  let count = 0
  return () => {
    count += 1
    return count % every === 0 ? othersHadTheirTurn() : undefined
  }
}
