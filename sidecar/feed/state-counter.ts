// How often the state file was written, in a sealed file beside it: an older copy of the state file, put back by somebody, does not fit it.

import { openSealed, sealJson } from '../files/sealed-text.ts'
import type { DataFiles } from '../ports.ts'

export const COUNTER_FILE = 'feed-state-counter.json'

export interface StateCounter {
  /** Undefined if there is none, or none that this sidecar wrote. */
  load(): Promise<number | undefined>
  save(generation: number): Promise<void>
}

export function createStateCounter(files: Pick<DataFiles, 'read' | 'write'>, key: Uint8Array): StateCounter {
  return {
    async load() {
      const bytes = await files.read(COUNTER_FILE).catch(() => undefined)
      const { version, generation } = (bytes && openSealed(bytes, key)) ?? {}
      return version === 1 && Number.isSafeInteger(generation) ? (generation as number) : undefined
    },
    save: (generation) => files.write(COUNTER_FILE, sealJson({ version: 1, generation }, key)),
  }
}
