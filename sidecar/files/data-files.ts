// The data directory: small files written whole or not at all, durable when the promise resolves. Names are our own; no name leaves the directory.
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DataFiles } from '../ports.ts'

const NAME = /^(?:[a-z]+\/)?[A-Za-z0-9_-]+(?:\.json)?$/

export function createDataFiles(directory: string): DataFiles {
  let drafts = 0

  function pathOf(name: string): string {
    if (!NAME.test(name)) throw new Error('not a name in the data directory')
    return join(directory, name)
  }

  return {
    async read(name) {
      try {
        return await readFile(pathOf(name))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
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

async function writeThrough(path: string, content: Uint8Array | string): Promise<void> {
  const file = await open(path, 'w', 0o600)
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
