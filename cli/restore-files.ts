// The files of a restore: prepared whole in a folder of their own, then put in place one rename each. What was there goes to another folder.
import { existsSync, linkSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type KeyFile, writeKeyFiles } from '../authz-server/config/key-files.ts'
import { extractDatabase } from '../authz-server/store/backup-file.ts'
import { DATABASE_FILE } from '../authz-server/store/store.ts'
import { syncFolder } from '../system/private-file.ts'

const KEYS_FOLDER = 'keys'
const STAGE_PREFIX = 'restore-'
const REPLACED_PREFIX = 'replaced-'
/** They belong to the database beside them, and to no other. */
const BESIDE_DATABASE = ['-wal', '-shm', '-journal', '.marker', '.marker.draft'].map((suffix) => DATABASE_FILE + suffix)

export function hasDatabaseOrKeys(dataDirectory: string): boolean {
  return [DATABASE_FILE, KEYS_FOLDER].some((name) => isThere(join(dataDirectory, name)))
}

export interface RestoreRequest {
  readonly dataDirectory: string
  /** The file, checked. */
  readonly backup: string
  readonly files: readonly KeyFile[]
  readonly now: Date
}

/** The folder with what was there; undefined if nothing was. */
export function putInPlace({ dataDirectory, backup, files, now }: RestoreRequest): string | undefined {
  // Left by a restore that was cut off before it changed anything.
  for (const name of readdirSync(dataDirectory)) if (name.startsWith(STAGE_PREFIX)) rmSync(join(dataDirectory, name), { recursive: true })
  const stamp = now.toISOString().replaceAll(/[-:]/g, '').replace('.', '-')
  const stage = join(dataDirectory, STAGE_PREFIX + stamp)
  mkdirSync(stage, { mode: 0o700 })
  try {
    extractDatabase(backup, join(stage, DATABASE_FILE))
    writeKeyFiles(stage, files)
    const aside = moveAside(dataDirectory, `${REPLACED_PREFIX}${stamp}`)
    if (existsSync(join(stage, KEYS_FOLDER))) renameSync(join(stage, KEYS_FOLDER), join(dataDirectory, KEYS_FOLDER))
    renameSync(join(stage, DATABASE_FILE), join(dataDirectory, DATABASE_FILE))
    syncFolder(dataDirectory)
    return aside
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

/** The old database keeps its name until the new one takes it: no start in between finds none and makes an empty one. */
function moveAside(dataDirectory: string, name: string): string | undefined {
  const there = [...BESIDE_DATABASE, KEYS_FOLDER].filter((entry) => isThere(join(dataDirectory, entry)))
  const database = join(dataDirectory, DATABASE_FILE)
  if (there.length === 0 && !isThere(database)) return undefined
  const aside = join(dataDirectory, name)
  mkdirSync(aside, { mode: 0o700 })
  if (isThere(database)) {
    if (lstatSync(database).isSymbolicLink()) renameSync(database, join(aside, DATABASE_FILE))
    else linkSync(database, join(aside, DATABASE_FILE))
  }
  for (const entry of there) renameSync(join(dataDirectory, entry), join(aside, entry))
  syncFolder(aside)
  return aside
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
