// A small file beside the database that says how far its log had come. A database that was replaced by a copy does not fit it; and the file, which names itself, does not fit a copy of itself.
import { closeSync, fstatSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { isJsonObject, parseJsonObject } from '../../protocol/encoding.ts'
import { readPrivateFile } from '../../system/private-file.ts'
import type { LogPosition } from './feed-log-repository.ts'

export interface NotedLog extends LogPosition {
  readonly incarnation: string
}

export interface FeedMarker {
  /** What was written last; `missing` also for a file that is not this program's, `copied` for a copy. */
  read(): NotedLog | 'missing' | 'copied'
  /**
   * Survives the end of the process, not always that of the machine: a marker behind the log is no harm, and one that cannot be
   * written is removed. The next start then takes the database for a restored one, which costs each sidecar one snapshot.
   */
  write(noted: NotedLog): void
}

/** What a copy of a file does not share with it. */
interface FileIdentity {
  readonly inode: string
  /** Nanoseconds; empty where the file system has no birth times. */
  readonly born: string
}

export function createFeedMarker(path: string): FeedMarker {
  let hasBirthTimes: boolean | undefined

  function replace(noted: NotedLog, withBirth: boolean): FileIdentity {
    const draft = `${path}.draft`
    rmSync(draft, { force: true })
    const file = openSync(draft, 'wx', 0o600)
    try {
      const { ino, birthtimeNs } = fstatSync(file, { bigint: true })
      const identity = { inode: String(ino), born: withBirth ? String(birthtimeNs) : '' }
      writeSync(file, `${JSON.stringify({ version: 1, ...noted, ...identity })}\n`)
      renameSync(draft, path)
      return identity
    } finally {
      closeSync(file)
    }
  }

  return {
    read() {
      const text = readPrivateFile(path)
      const marker = text.ok ? parseMarker(text.value) : undefined
      if (marker === undefined) return 'missing'
      const { inode, born, ...noted } = marker
      const actual = identify(path)
      return inode === actual.inode && (born === '' || born === actual.born) ? noted : 'copied'
    },
    write(noted) {
      try {
        const identity = replace(noted, hasBirthTimes ?? true)
        hasBirthTimes ??= identify(path).born === identity.born
        if (!hasBirthTimes && identity.born !== '') replace(noted, false)
      } catch {
        rmSync(path, { force: true })
      }
    },
  }
}

function identify(path: string): FileIdentity {
  const { ino, birthtimeNs } = statSync(path, { bigint: true })
  return { inode: String(ino), born: String(birthtimeNs) }
}

function parseMarker(text: string): (NotedLog & FileIdentity) | undefined {
  const value = parseJsonObject(text)
  if (!isJsonObject(value) || value['version'] !== 1 || !Number.isSafeInteger(value['revision'])) return undefined
  const { incarnation, revision, digest, inode, born } = value
  if (![incarnation, digest, inode, born].every((member) => typeof member === 'string')) return undefined
  return { incarnation, revision, digest, inode, born } as NotedLog & FileIdentity
}
