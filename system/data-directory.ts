// The directories that hold all we know: this user's own, and nobody else's to write. Refuses what others could have prepared.
import { lstatSync, mkdirSync, type Stats, statSync } from 'node:fs'
import { StartError } from './start-error.ts'

const DIRECTORY_MODE = 0o700
const GROUP_AND_OTHERS_WRITE = 0o022

/** Makes it where it is missing. It may be a link to another volume; what counts is the directory that it leads to. */
export function openDataDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE })
  refuseForeign(directory, statSync(directory))
}

/** As above, for a directory of secrets: never a link. */
export function openSecretDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE })
  const stats = lstatSync(directory)
  if (!stats.isDirectory()) throw new StartError(`${directory}: must be a directory, not a link`)
  refuseForeign(directory, stats)
}

function refuseForeign(directory: string, stats: Stats): void {
  // Windows has neither modes nor user numbers; there the folder's own rights have to do.
  if (process.platform === 'win32') return
  if (stats.uid !== process.getuid?.()) throw new StartError(`${directory}: belongs to another user; it must belong to the user that runs this program`)
  if ((stats.mode & GROUP_AND_OTHERS_WRITE) !== 0) throw new StartError(`${directory}: others can put files here; run chmod 700 on it`)
}
