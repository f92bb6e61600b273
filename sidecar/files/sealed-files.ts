// Files of the data directory that only this sidecar can have written: sealed when written, checked when read. Those of an earlier version are sealed once.
import { parseJsonObject } from '../../protocol/encoding.ts'
import type { DataFiles } from '../ports.ts'
import { openSealed, sealJson } from './sealed-text.ts'

/** Says that every file of a folder has been sealed: one without a seal is then a forgery. */
const SEALED_MARK_FILE = 'sealed.json'

export interface SealedFiles extends Pick<DataFiles, 'read' | 'write' | 'list'> {
  /** Seals the files that an earlier version left in the folder, once: before anything is read from it. */
  sealOlder(folder: string): Promise<void>
}

/** What is written must be a JSON object. Reading throws for a file that was not sealed with this key. */
export function createSealedFiles(files: Pick<DataFiles, 'read' | 'write' | 'list'>, key: Uint8Array): SealedFiles {
  /** The disk was full when the files of an earlier version should have been sealed. */
  let acceptsUnsealed = false

  function open(bytes: Uint8Array, name: string): Uint8Array {
    const value = openSealed(bytes, key)
    if (value !== undefined) return Buffer.from(JSON.stringify(value))
    if (acceptsUnsealed) return bytes
    throw new Error(
      `${name} in the data directory cannot be read: it was not written with this sidecar's key. Restore it, or remove it to start from zero. If the key was changed, remove ${SEALED_MARK_FILE} to accept the files as they are.`,
    )
  }

  async function sealOne(name: string): Promise<void> {
    const bytes = await files.read(name)
    if (bytes === undefined || openSealed(bytes, key) !== undefined) return
    // One that is not JSON stays as it is, and is reported when it is needed.
    const { mac: _, ...value } = parseJsonObject(bytes) ?? {}
    if (Object.keys(value).length > 0) await files.write(name, sealJson(value, key))
  }

  return {
    async read(name) {
      const bytes = await files.read(name)
      return bytes && open(bytes, name)
    },
    async write(name, content) {
      const value = parseJsonObject(content)
      if (value === undefined) throw new Error(`${name} is not a JSON object, so it cannot be sealed`)
      await files.write(name, sealJson(value, key))
    },
    list: (folder) => files.list(folder),
    async sealOlder(folder) {
      const mark = await files.read(SEALED_MARK_FILE)
      if (mark !== undefined && openSealed(mark, key) !== undefined) return
      try {
        for (const entry of await files.list(folder)) if (entry.endsWith('.json')) await sealOne(`${folder}/${entry}`)
        await files.write(SEALED_MARK_FILE, sealJson({ version: 1, folder }, key))
      } catch {
        acceptsUnsealed = true
      }
    },
  }
}
