// The keys of everybody in the dev world, each in a private file of its own in the data directory; made at the first start, kept with it.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { explainKeyFileRefusal, openOrCreateKeyFile } from '../../device/index.ts'
import type { SigningKey } from '../../protocol/jws.ts'

export type DevKeyOwner = 'operator' | 'sidecar' | 'guitar' | 'app'

export interface DevKeys {
  readonly fileOf: (owner: DevKeyOwner) => string
  readonly keyOf: (owner: DevKeyOwner) => SigningKey
}

export function openDevKeys(dataDirectory: string): DevKeys {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  const fileOf = (owner: DevKeyOwner) => join(dataDirectory, `${owner}.key.json`)
  const keys = new Map<DevKeyOwner, SigningKey>()
  for (const owner of ['operator', 'sidecar', 'guitar', 'app'] as const) {
    const opened = openOrCreateKeyFile(fileOf(owner))
    if (!opened.ok) throw new Error(explainKeyFileRefusal(fileOf(owner), opened.error))
    keys.set(owner, opened.value)
  }
  return {
    fileOf,
    keyOf(owner) {
      const key = keys.get(owner)
      if (key === undefined) throw new Error(`there is no key of ${owner}`)
      return key
    },
  }
}
