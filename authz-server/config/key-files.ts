// The files of secrets beside the database, for a backup and for a restore. Their content is copied and never looked at.
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openSecretDirectory } from '../../system/data-directory.ts'
import { createPrivateFile, readPrivateFile } from '../../system/private-file.ts'
import { StartError } from '../../system/start-error.ts'

const KEYS_FOLDER = 'keys'
const NAME = /^keys\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/

export interface KeyFile {
  /** From the data directory on, e.g. `keys/signing-keys.json`. */
  readonly name: string
  readonly content: string
}

/** Throws StartError for one that others could read or have put there. */
export function readKeyFiles(dataDirectory: string): readonly KeyFile[] {
  openSecretDirectory(join(dataDirectory, KEYS_FOLDER))
  const names = readdirSync(join(dataDirectory, KEYS_FOLDER)).map((name) => `${KEYS_FOLDER}/${name}`)
  return names
    .filter((name) => NAME.test(name) && !name.endsWith('.draft'))
    .map((name) => {
      const content = readPrivateFile(join(dataDirectory, name))
      if (content.ok) return { name, content: content.value }
      throw new StartError(`${join(dataDirectory, name)}: ${content.error}. It must be a regular file that belongs to this user, with mode 0600.`)
    })
}

/** Into a directory that has none of them yet. Throws StartError for a name that is not one of a key file. */
export function writeKeyFiles(directory: string, files: readonly KeyFile[]): void {
  for (const { name, content } of files) {
    if (!NAME.test(name))
      throw new StartError(`the backup contains a file that does not belong in a data directory: ${JSON.stringify(name)}. Take another backup.`)
    openSecretDirectory(dirname(join(directory, name)))
    createPrivateFile(join(directory, name), content, 'restore')
  }
}
