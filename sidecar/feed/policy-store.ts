// Compiled policies by digest: in memory, else on disk, else from the authz server; always verified by digest before use. Bounded in memory.

import { sha256Base64url } from '../../protocol/encoding.ts'
import { isThumbprint } from '../../protocol/jwk.ts'
import { AUTHZ_CALL_MILLISECONDS, POLICIES_LOADED_MAX } from '../limits.ts'
import { createLru } from '../lru.ts'
import type { DataFiles, LoadedPolicy } from '../ports.ts'

export interface PolicyStore {
  /** In memory and ready, or undefined. */
  get(digest: string): LoadedPolicy | undefined
  /** Callers at the same time share one load. Throws if it cannot be had or is not what its digest says. */
  load(digest: string): Promise<LoadedPolicy>
  /** Like `load`, for a caller who waits: throws after `AUTHZ_CALL_MILLISECONDS`, while the load goes on for the next one. */
  loadSoon(digest: string): Promise<LoadedPolicy>
  /** Removes files of policies that nobody uses any more. */
  sweep(isUsed: (digest: string) => boolean): Promise<void>
  readonly size: () => number
}

export interface PolicyStorePorts {
  readonly files: DataFiles
  readonly fetchArtifact: (digest: string) => Promise<Uint8Array>
  readonly loadPolicy: (wasm: Uint8Array) => Promise<LoadedPolicy>
}

const ARTIFACT_FOLDER = 'artifacts'

export function createPolicyStore(ports: PolicyStorePorts): PolicyStore {
  const loaded = createLru<LoadedPolicy>(POLICIES_LOADED_MAX)
  const pending = new Map<string, Promise<LoadedPolicy>>()

  async function bytesOf(digest: string): Promise<Uint8Array> {
    const name = `${ARTIFACT_FOLDER}/${digest}`
    const stored = await ports.files.read(name).catch(() => undefined)
    if (stored !== undefined && sha256Base64url(stored) === digest) return stored
    const fetched = await ports.fetchArtifact(digest)
    if (sha256Base64url(fetched) !== digest) throw new Error('an artifact is not what its digest says')
    // A full disk must not stop a decision: the bytes are here and verified.
    await ports.files.write(name, fetched).catch(() => undefined)
    return fetched
  }

  async function loadOne(digest: string): Promise<LoadedPolicy> {
    if (!isThumbprint(digest)) throw new Error('an artifact is named by no digest')
    const policy = await ports.loadPolicy(await bytesOf(digest))
    loaded.set(digest, policy)
    return policy
  }

  function load(digest: string): Promise<LoadedPolicy> {
    const ready = loaded.get(digest)
    if (ready !== undefined) return Promise.resolve(ready)
    const running = pending.get(digest) ?? loadOne(digest).finally(() => pending.delete(digest))
    pending.set(digest, running)
    return running
  }

  return {
    get: (digest) => loaded.get(digest),
    size: loaded.size,
    load,
    loadSoon: (digest) => within(AUTHZ_CALL_MILLISECONDS, load(digest)),
    async sweep(isUsed) {
      for (const digest of await ports.files.list(ARTIFACT_FOLDER)) {
        if (isThumbprint(digest) && !isUsed(digest)) await ports.files.remove(`${ARTIFACT_FOLDER}/${digest}`)
      }
    },
  }
}

function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('a policy was not there in time')), milliseconds)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
