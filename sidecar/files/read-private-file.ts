// Reads a file that only this user may read; judges the open file, not its name, and follows no link.
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { err, ok, type Result } from '../../protocol/result.ts'

const PRIVATE_FILE_MAX_BYTES = 65_536
const GROUP_AND_OTHERS = 0o077

export type PrivateFileRefusal =
  | 'file_missing'
  | 'file_is_a_link'
  | 'file_is_not_a_regular_file'
  | 'file_is_readable_by_others'
  | 'file_has_another_owner'
  | 'file_is_too_large'
  | 'file_unreadable'

export function readPrivateFile(path: string): Result<string, PrivateFileRefusal> {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    return err(refusalOf((error as NodeJS.ErrnoException).code))
  }
  try {
    const refusal = judge(fstatSync(file))
    return refusal === undefined ? ok(readFileSync(file, 'utf8')) : err(refusal)
  } finally {
    closeSync(file)
  }
}

function refusalOf(code: string | undefined): PrivateFileRefusal {
  if (code === 'ENOENT') return 'file_missing'
  return code === 'ELOOP' ? 'file_is_a_link' : 'file_unreadable'
}

function judge(stats: Stats): PrivateFileRefusal | undefined {
  if (!stats.isFile()) return 'file_is_not_a_regular_file'
  if (stats.size > PRIVATE_FILE_MAX_BYTES) return 'file_is_too_large'
  // Windows has neither modes nor user numbers; there the folder's own rights have to do.
  if (process.platform === 'win32') return undefined
  if ((stats.mode & GROUP_AND_OTHERS) !== 0) return 'file_is_readable_by_others'
  return stats.uid === process.getuid?.() ? undefined : 'file_has_another_owner'
}
