// The directories that hold all we know: this user's own, writable for it, and for nobody else. Refuses what others could have prepared.
import { accessSync, constants, lstatSync, mkdirSync, type Stats, statSync } from 'node:fs'
import { StartError } from './start-error.ts'

const DIRECTORY_MODE = 0o700
const GROUP_AND_OTHERS_WRITE = 0o022

/** Makes it where it is missing. It may be a link to another volume; what counts is the directory that it leads to. `option` is named in messages. */
export function openDataDirectory(directory: string, option?: string): void {
  open(directory, option, () => {
    const stats = statSync(directory)
    if (!stats.isDirectory()) throw new StartError(`${nameOf(directory, option)}: is not a directory. Give a directory of its own to this program.`)
    refuseForeign(nameOf(directory, option), stats)
    // Creating, replacing and removing files in it all need both.
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK)
  })
}

/** As above, for a directory of secrets: never a link. */
export function openSecretDirectory(directory: string): void {
  open(directory, undefined, () => {
    const stats = lstatSync(directory)
    if (!stats.isDirectory()) throw new StartError(`${directory}: must be a directory, not a link`)
    refuseForeign(directory, stats)
  })
}

function open(directory: string, option: string | undefined, check: () => void): void {
  try {
    mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE })
    check()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (cause instanceof StartError || code === undefined) throw cause
    throw new StartError(`${nameOf(directory, option)}: cannot be used as a directory (${code}). ${remedyOf(code)}.`, { cause })
  }
}

function remedyOf(code: string): string {
  switch (code) {
    case 'EROFS':
      return 'The file system is mounted read-only: mount it for writing, or give another directory'
    case 'ENOSPC':
      return 'The disk is full: make room, or give a directory on another one'
    case 'EEXIST':
    case 'ENOTDIR':
      return 'A part of the path is a file: give a path of directories'
    default:
      return 'Give a directory that the user that runs this program may create and write'
  }
}

function nameOf(directory: string, option: string | undefined): string {
  return option === undefined ? directory : `${option}: ${directory}`
}

function refuseForeign(name: string, stats: Stats): void {
  // Windows has neither modes nor user numbers; there the folder's own rights have to do.
  if (process.platform === 'win32') return
  if (stats.uid !== process.getuid?.()) throw new StartError(`${name}: belongs to another user; it must belong to the user that runs this program`)
  if ((stats.mode & GROUP_AND_OTHERS_WRITE) !== 0) throw new StartError(`${name}: others can put files here; run chmod 700 on it`)
}
