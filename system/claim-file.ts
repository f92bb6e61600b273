// For a file that a library opens by its name, such as a database: makes sure that it is this user's own and nobody else's to read. Reads and writes nothing in it.
import { chmodSync, closeSync, openSync, statSync } from 'node:fs'
import { StartError } from './start-error.ts'

const FILE_MODE = 0o600
const GROUP_AND_OTHERS = 0o077

/** Makes it empty if it is missing. Throws StartError for a file of another user. */
export function claimFile(path: string): void {
  closeSync(openSync(path, 'a', FILE_MODE))
  claimFileIfThere(path)
}

/** One that an earlier version or a careless copy left open to others is closed to them. */
export function claimFileIfThere(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false })
  // Windows has neither modes nor user numbers; there the folder's own rights have to do.
  if (stats === undefined || process.platform === 'win32') return
  if (stats.uid !== process.getuid?.()) throw new StartError(`${path}: belongs to another user; it must belong to the user that runs this program`)
  if ((stats.mode & GROUP_AND_OTHERS) !== 0) chmodSync(path, FILE_MODE)
}
