// The data directory: small files written whole or not at all, durable when the promise resolves, and read only if nobody else could have put them there. No name leaves the directory.
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { judgePrivateFile, OPEN_WITHOUT_LINK, type PrivateFileRefusal } from '../../system/private-file.ts'
import { DATA_FILE_MAX_BYTES } from '../limits.ts'
import type { DataFiles } from '../ports.ts'

const NAME = /^(?:[a-z]+\/)?[A-Za-z0-9_-]+(?:\.json)?$/

/** The message goes on after the file's name. */
class DataFileRefused extends Error {
  constructor(refusal: PrivateFileRefusal) {
    super(REFUSAL_WORDS[refusal])
    this.name = 'DataFileRefused'
  }
}

const REFUSAL_WORDS: { readonly [refusal in PrivateFileRefusal]: string } = {
  file_missing: 'is missing',
  file_is_a_link: 'is a symbolic link',
  file_is_not_a_regular_file: 'is not a regular file',
  file_is_readable_by_others: 'can be read or changed by other users: run chmod 600 on it if it was not',
  file_has_another_owner: 'belongs to another user',
  file_is_too_large: 'is too large',
  file_unreadable: 'cannot be read',
}

export function createDataFiles(directory: string): DataFiles {
  let drafts = 0

  function pathOf(name: string): string {
    if (!NAME.test(name)) throw new Error('not a name in the data directory')
    return join(directory, name)
  }

  return {
    async read(name) {
      const file = await openToRead(pathOf(name))
      if (file === undefined) return undefined
      try {
        const refusal = judgePrivateFile(await file.stat(), DATA_FILE_MAX_BYTES)
        if (refusal !== undefined) throw new DataFileRefused(refusal)
        return await file.readFile()
      } finally {
        await file.close()
      }
    },
    async write(name, content) {
      const path = pathOf(name)
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      drafts += 1
      const draft = `${path}.${process.pid}-${drafts}.draft`
      try {
        await writeThrough(draft, content)
        await rename(draft, path)
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
      await syncFolder(dirname(path))
    },
    async list(folder) {
      try {
        return await readdir(join(directory, folder))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
        throw error
      }
    },
    remove: (name) => rm(pathOf(name), { force: true }),
  }
}

async function openToRead(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, OPEN_WITHOUT_LINK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP') throw new DataFileRefused('file_is_a_link')
    throw error
  }
}

async function writeThrough(path: string, content: Uint8Array | string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Without it, a rename may be forgotten by a power cut. Windows has no such call. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
