// One process for one data directory: the second is refused and told who has it; a lock never outlives its process.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { LOCK_HOLDER_FILE, lockDirectory } from '../../../system/directory-lock.ts'
import { buildProgram } from '../authz-server/server-process.ts'

let root: string
let directory: string
const children: ChildProcess[] = []
beforeAll(() => buildProgram())
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'latchkey-lock-'))
  directory = join(root, 'data')
  mkdirSync(directory, { mode: 0o700 })
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(root, { recursive: true })
})

async function holdInAnotherProcess(...args: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'lock-holder.mjs'), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  await once(child.stdout!, 'data')
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

const lock = (at = directory, file?: string) => lockDirectory({ directory: at, program: 'sidecar', pid: process.pid, ...(file === undefined ? {} : { file }) })

test('TR26: the second process is refused, and the message names the first', async () => {
  const child = await holdInAnotherProcess(directory)
  expect(() => lock()).toThrow(`is in use by process ${child.pid} (latchkey authz-server). Stop that process first`)
})

test('TR26: a lock ends with its process, however that ends', async () => {
  await kill(await holdInAnotherProcess(directory))
  const held = lock()
  expect(() => lock()).toThrow(`process ${process.pid} (latchkey sidecar)`)
  held.release()
  lock().release()
})

test.each([
  { title: 'a process that runs, as after a reboot that gave its number away', pid: () => process.ppid },
  { title: 'this very process', pid: () => process.pid },
  { title: 'a process that cannot be', pid: () => 2 ** 30 },
])('TR26: a note left behind that names $title blocks no start', ({ pid }) => {
  writeFileSync(join(directory, LOCK_HOLDER_FILE), JSON.stringify({ pid: pid(), program: 'authz-server' }), { mode: 0o600 })
  lock().release()
})

test.each(['', '{', '[]', '{"pid":"1"}', JSON.stringify({ pid: 7, program: 'rm -rf' }), '\u0000'])('TR26: a note of %j names nobody', async (text) => {
  const held = lock()
  writeFileSync(join(directory, LOCK_HOLDER_FILE), text, { mode: 0o600 })
  expect(() => lock()).toThrow('is in use by another process')
  held.release()
})

test.each([
  {
    title: 'a link to the directory',
    path: () => {
      symlinkSync(directory, join(root, 'link'))
      return join(root, 'link')
    },
  },
  { title: 'a relative path', path: () => relative(process.cwd(), directory) },
  { title: 'a path with dots', path: () => join(directory, '..', 'data', '.') },
])('TR26: the same directory by $title is the same lock', ({ path }) => {
  const held = lock()
  expect(() => lock(path())).toThrow('is in use by')
  held.release()
})

test('TR26: a database that is a link into another data directory locks that one too', async () => {
  const other = join(root, 'other')
  mkdirSync(other, { mode: 0o700 })
  const database = join(directory, 'authz-server.db')
  writeFileSync(database, '')
  symlinkSync(database, join(other, 'authz-server.db'))
  const child = await holdInAnotherProcess(directory, database)
  expect(() => lock(other, join(other, 'authz-server.db'))).toThrow(`process ${child.pid}`)
  // Nothing stays locked by the attempt.
  lock(other).release()
})

test('TR26: a database with two names is refused, because the other name could be in use unnoticed', () => {
  const database = join(directory, 'authz-server.db')
  writeFileSync(database, '')
  linkSync(database, join(root, 'second-name.db'))
  expect(() => lock(directory, database)).toThrow('has 2 names (hard links)')
})

test('TR26: of ten processes that start at once, one gets the lock', async () => {
  const starts = Array.from({ length: 10 }, () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'lock-holder.mjs'), directory], { stdio: ['ignore', 'pipe', 'ignore'] })
    children.push(child)
    return Promise.race([once(child.stdout!, 'data').then(() => 'locked'), once(child, 'exit').then(() => 'refused')])
  })
  expect((await Promise.all(starts)).sort()).toEqual(['locked', ...Array.from({ length: 9 }, () => 'refused')])
})
