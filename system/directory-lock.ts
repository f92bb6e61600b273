// One process for one data directory. The lock is SQLite's on a file of its own: the kernel drops it with the process, so none is left after a kill, a crash or a reboot.
import { realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'libsql'
import { isJsonObject, parseJsonObject } from '../protocol/encoding.ts'
import { claimFile } from './claim-file.ts'
import { readPrivateFile, replacePrivateFile } from './private-file.ts'
import { StartError } from './start-error.ts'

/** Never removed: a lock on a file that was removed and made again would exclude nobody. */
export const LOCK_FILE = 'latchkey.lock'
/** Says who has the lock. What it says counts only while the lock is held. */
export const LOCK_HOLDER_FILE = 'latchkey.pid'

export interface LockRequest {
  /** It has to exist. */
  readonly directory: string
  /** Shown to whoever comes second, e.g. `authz-server`. */
  readonly program: string
  readonly pid: number
  /** A file in it that may be a link to another directory: that directory is locked too. */
  readonly file?: string
}

export interface DirectoryLock {
  release(): void
}

/** Throws StartError that names the other process, if another one has the lock, or this one already. */
export function lockDirectory(request: LockRequest): DirectoryLock {
  const held: DirectoryLock[] = []
  const release = () => {
    for (const lock of held.splice(0).reverse()) lock.release()
  }
  try {
    for (const directory of listDirectories(request)) held.push(lockOne(directory, request))
  } catch (error) {
    release()
    throw error
  }
  return { release }
}

/** Starts a server that has the lock until it is closed. Without a server, the lock is released again. Throws like `lockDirectory` and `start`. */
export async function startLocked<S extends { close(): Promise<void> }>(request: LockRequest, start: () => Promise<S>): Promise<S> {
  const lock = lockDirectory(request)
  try {
    const server = await start()
    return { ...server, close: () => server.close().finally(lock.release) }
  } catch (fault) {
    lock.release()
    throw fault
  }
}

/** By their real names, so that links and relative paths lead to one lock. */
function listDirectories({ directory, file }: LockRequest): readonly string[] {
  const own = realpathSync(directory)
  const stats = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false })
  if (file === undefined || stats === undefined) return [own]
  if (stats.nlink > 1) {
    throw new StartError(
      `${file}: has ${stats.nlink} names (hard links), so that another process could use it without being noticed. Remove the other names, or copy the file.`,
    )
  }
  // In one order for all, so that two processes cannot wait for each other's directory.
  return [...new Set([own, dirname(realpathSync(file))])].sort()
}

function lockOne(directory: string, { program, pid }: LockRequest): DirectoryLock {
  const path = join(directory, LOCK_FILE)
  const holderPath = join(directory, LOCK_HOLDER_FILE)
  const database = openLockFile(path)
  try {
    database.exec('pragma busy_timeout = 0')
    database.exec('begin exclusive')
  } catch (cause) {
    database.close()
    if (isBusy(cause)) throw new StartError(describeHolder(directory, readHolder(holderPath)))
    throw new StartError(
      `${path}: cannot be locked (${(cause as Error).message}). It must be an empty file that belongs to this user: remove it, and try again.`,
    )
  }
  try {
    replacePrivateFile(holderPath, `${JSON.stringify({ pid, program })}\n`, `${pid}`)
  } catch {
    // A full disk: the lock is held all the same, and others are refused without a name.
  }
  return {
    release() {
      database.exec('rollback')
      database.close()
    },
  }
}

function openLockFile(path: string): Database.Database {
  try {
    claimFile(path)
    return new Database(path)
  } catch (cause) {
    if (cause instanceof StartError) throw cause
    throw new StartError(`${path}: cannot be opened (${(cause as Error).message}). The data directory must be writable for this user.`)
  }
}

function isBusy(cause: unknown): boolean {
  const code = (cause as { code?: unknown } | undefined)?.code
  return typeof code === 'string' && (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
}

interface Holder {
  readonly pid: number
  readonly program: string
}

function readHolder(path: string): Holder | undefined {
  const text = readPrivateFile(path)
  const value = text.ok ? parseJsonObject(text.value) : undefined
  if (!isJsonObject(value)) return undefined
  const { pid, program } = value
  return Number.isSafeInteger(pid) && typeof program === 'string' && /^[a-z-]{1,40}$/.test(program) ? { pid: pid as number, program } : undefined
}

function describeHolder(directory: string, holder: Holder | undefined): string {
  const who = holder === undefined ? 'another process' : `process ${holder.pid} (latchkey ${holder.program})`
  return `${directory}: is in use by ${who}. Stop that process first, or give this one its own data directory.`
}
