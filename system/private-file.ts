// Files that nobody else may read or replace: written whole or not at all, and refused when others could have touched them.
import { closeSync, constants, fstatSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, type Stats, unlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { err, ok, type Result } from '../protocol/result.ts'

/** A key or a set of tokens is far smaller; more is not ours. */
const PRIVATE_FILE_MAX_BYTES = 65_536
const GROUP_AND_OTHERS = 0o077
/** Never follows a link, and never waits for a pipe's other end. */
export const OPEN_WITHOUT_LINK = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

export type PrivateFileRefusal =
  | 'file_missing'
  | 'file_is_a_link'
  | 'file_is_not_a_regular_file'
  | 'file_is_readable_by_others'
  | 'file_has_another_owner'
  | 'file_is_too_large'
  | 'file_unreadable'

/** Opens without following a link, judges the file that is open (not its name), and reads it. */
export function readPrivateFile(path: string): Result<string, PrivateFileRefusal> {
  const opened = openWithoutLink(path)
  if (!opened.ok) return opened
  try {
    const refusal = judgePrivateFile(fstatSync(opened.value), PRIVATE_FILE_MAX_BYTES)
    return refusal === undefined ? ok(readFileSync(opened.value, 'utf8')) : err(refusal)
  } finally {
    closeSync(opened.value)
  }
}

function openWithoutLink(path: string): Result<number, PrivateFileRefusal> {
  try {
    return ok(openSync(path, OPEN_WITHOUT_LINK))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return err('file_missing')
    return err(code === 'ELOOP' ? 'file_is_a_link' : 'file_unreadable')
  }
}

/** What the file that is open, whatever its name, must be: regular, this user's own, closed to others, not too large. */
export function judgePrivateFile(stats: Stats, maxBytes: number): PrivateFileRefusal | undefined {
  if (!stats.isFile()) return 'file_is_not_a_regular_file'
  // Windows has neither modes nor user numbers; there the folder's own rights have to do.
  if (process.platform !== 'win32') {
    if ((stats.mode & GROUP_AND_OTHERS) !== 0) return 'file_is_readable_by_others'
    if (stats.uid !== process.getuid?.()) return 'file_has_another_owner'
  }
  return stats.size > maxBytes ? 'file_is_too_large' : undefined
}

/** False if the file was there already. It never exists half written: a link to a complete file is what creates it. */
export function createPrivateFile(path: string, content: string, suffix: string): boolean {
  const draft = writeDraft(path, content, suffix)
  try {
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    unlinkSync(draft)
  }
  syncFolder(dirname(path))
  return true
}

/** Puts the new content in the old one's place in one step. On disk when it returns. */
export function replacePrivateFile(path: string, content: string, suffix: string): void {
  renameSync(writeDraft(path, content, suffix), path)
  syncFolder(dirname(path))
}

function writeDraft(path: string, content: string, suffix: string): string {
  const draft = `${path}.${suffix}.draft`
  const file = openSync(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  try {
    writeFileSync(file, content)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  return draft
}

/** Makes renames and new names in a folder survive a crash. Windows cannot. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(path, constants.O_RDONLY)
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
