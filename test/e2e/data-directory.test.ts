// The real command on data directories that are in use, in other hands, or damaged: exit code 2, one message with the remedy, nothing changed.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { createKeyFile } from '../../device/key-file.ts'
import { createServerProcess, type ServerProcess } from '../faults/authz-server/server-process.ts'
import { runCli } from '../unit/cli/run-cli.ts'
import { buildLatchkey, runLatchkey, startLatchkey } from './run-latchkey.ts'

let server: ServerProcess
let root: string
let processNumber = ''
beforeAll(async () => {
  await buildLatchkey()
  root = mkdtempSync(join(tmpdir(), 'latchkey-directories-'))
  server = await createServerProcess()
  await server.start()
  processNumber = String((JSON.parse(readFileSync(join(server.dataDirectory, 'latchkey.pid'), 'utf8')) as { pid: number }).pid)
}, 120_000)
afterAll(async () => {
  await server.dispose()
  rmSync(root, { recursive: true })
})

function configWith(name: string, dataDirectory: string): string {
  const file = join(server.directory, `${name}.yaml`)
  writeFileSync(file, readFileSync(server.configFile, 'utf8').replace(/^data_directory: .*$/m, `data_directory: ${dataDirectory}`))
  return file
}

function sidecarConfig(name: string, dataDirectory: string): string {
  const directory = join(root, name)
  mkdirSync(directory)
  createKeyFile(join(directory, 'key.json'))
  const file = join(directory, 'sidecar.yaml')
  const text = {
    listen: { host: '127.0.0.1', port: 0 },
    admin: { host: '127.0.0.1', port: 0 },
    public_origin: 'https://guitars.example.test',
    upstream: 'http://127.0.0.1:9',
    authz_server: { issuer: server.issuer, client_id: 'sidecar', key_file: 'key.json' },
    data_directory: dataDirectory,
    routes: [{ method: 'GET', path: '/things/{id}', resource: '{id}', scope: 'read' }],
  }
  writeFileSync(file, stringify(text))
  return file
}

test('TR26: a second authz server on the data directory, by its name or by a link, exits with 2 and names the first', { timeout: 60_000 }, async () => {
  symlinkSync(server.dataDirectory, join(root, 'link'))
  const linked = join(root, 'linked-database')
  mkdirSync(linked, { mode: 0o700 })
  symlinkSync(server.databaseFile, join(linked, 'authz-server.db'))
  for (const config of [server.configFile, configWith('by-link', join(root, 'link')), configWith('by-database', linked)]) {
    const second = await runLatchkey('authz-server', config, '--json')
    expect([second.exitCode, second.stderr]).toEqual([2, expect.stringContaining(`is in use by process ${processNumber} (latchkey authz-server)`)])
  }
})

test('TR26: a second sidecar exits with 2 and names the first; after a kill, the next one starts', { timeout: 60_000 }, async () => {
  const config = sidecarConfig('one', join(root, 'sidecar-data'))
  const first = startLatchkey(['sidecar', config, '--json'])
  expect(JSON.parse(await first.firstLine)).toMatchObject({ ready: true })
  const second = await runLatchkey('sidecar', sidecarConfig('two', join(root, 'sidecar-data')))
  expect([second.exitCode, second.stderr]).toEqual([2, expect.stringContaining(`is in use by process ${first.child.pid} (latchkey sidecar)`)])
  first.child.kill('SIGKILL')
  await first.ended
  const third = startLatchkey(['sidecar', config, '--json'])
  expect(JSON.parse(await third.firstLine)).toMatchObject({ ready: true })
  third.child.kill('SIGKILL')
  await third.ended
})

test('TR23: a sidecar does not start on a data directory that others can write to', { timeout: 60_000 }, async () => {
  const directory = join(root, 'open-data')
  mkdirSync(directory)
  chmodSync(directory, 0o777)
  const refused = await runLatchkey('sidecar', sidecarConfig('open', directory))
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('others can put files here; run chmod 700 on it')])
})

test('TR33: a backup of a running server is one private file, and never replaces another', { timeout: 60_000 }, async () => {
  const out = join(root, 'backup.latchkey')
  const made = await runCli('backup', '--config', server.configFile, '--out', out, '--json')
  expect([made.exitCode, JSON.parse(made.stdout)]).toMatchObject([0, { file: out, issuer: server.issuer, revision: expect.any(Number) }])
  expect((statSync(out).mode & 0o777).toString(8)).toBe('600')
  const before = readFileSync(out)
  const again = await runCli('backup', '--config', server.configFile, '--out', out)
  expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('already exists')])
  expect(readFileSync(out).equals(before)).toBe(true)
  expect(readdirSync(root).filter((name) => name.includes('draft'))).toEqual([])
})

test.each([
  {
    title: 'no database',
    args: () => ['backup', '--config', configWith('empty', join(root, 'nothing')), '--out', join(root, 'b')],
    says: 'there is no database',
  },
  { title: 'no such folder', args: () => ['backup', '--config', server.configFile, '--out', join(root, 'no', 'b')], says: 'cannot be written' },
  { title: 'no --out', args: () => ['backup', '--config', server.configFile], says: '--out' },
  { title: 'no configuration', args: () => ['backup', '--config', join(root, 'none.yaml'), '--out', join(root, 'b')], says: 'does not exist' },
])('TR33: a backup with $title is refused', { timeout: 60_000 }, async ({ args, says }) => {
  const refused = await runCli(...args())
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining(says)])
  expect(existsSync(join(root, 'b'))).toBe(false)
})

const cut = (name: string, change: (bytes: Buffer) => Buffer, mode = 0o600) => {
  writeFileSync(join(root, name), change(readFileSync(join(root, 'backup.latchkey'))), { mode })
  return join(root, name)
}

test.each([
  { title: 'that is cut off', file: () => cut('cut', (bytes) => bytes.subarray(0, bytes.length / 2)), says: /is damaged|is not a backup/ },
  { title: 'that is no backup', file: () => cut('text', () => Buffer.from('hello')), says: /is not a backup/ },
  { title: 'that is a database alone', file: () => cut('db', () => readFileSync(server.databaseFile)), says: /is not a backup/ },
  { title: 'that others can read', file: () => cut('readable', (bytes) => bytes, 0o644), says: /file_is_readable_by_others[\s\S]*chmod 600/ },
  { title: 'that is not there', file: () => join(root, 'missing'), says: /cannot be opened \(ENOENT\)/ },
  {
    title: 'that is a link',
    file() {
      symlinkSync(join(root, 'backup.latchkey'), join(root, 'linked-backup'))
      return join(root, 'linked-backup')
    },
    says: /cannot be opened \(ELOOP\)/,
  },
])('TR33: a restore of a file $title is refused, and changes nothing', { timeout: 60_000 }, async ({ file, says }) => {
  const target = join(root, 'target')
  const refused = await runCli('restore', file(), '--config', configWith('target', target))
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringMatching(says)])
  expect(existsSync(join(target, 'authz-server.db'))).toBe(false)
})

test('TR33: a restore with --replace keeps what was there, and brings the keys of the backup', { timeout: 60_000 }, async () => {
  const target = join(root, 'restored')
  const config = configWith('restored', target)
  const backup = join(root, 'backup.latchkey')
  expect((await runCli('restore', backup, '--config', config)).exitCode).toBe(0)
  expect(readFileSync(join(target, 'keys', 'signing-keys.json'))).toEqual(readFileSync(join(server.dataDirectory, 'keys', 'signing-keys.json')))
  const again = await runCli('restore', backup, '--config', config, '--replace', '--json')
  const { replaced } = JSON.parse(again.stdout) as { replaced: string }
  expect(readdirSync(replaced).sort()).toEqual(['authz-server.db', 'keys'])
  expect(readdirSync(target).sort()).toEqual(['authz-server.db', 'keys', 'latchkey.lock', 'latchkey.pid', replaced.split('/').at(-1)].sort())
  for (const name of ['authz-server.db', 'keys/signing-keys.json', 'keys/user-code-key'])
    expect((statSync(join(target, name)).mode & 0o777).toString(8)).toBe('600')
  // Nothing of the keys is left in the database.
  const secret = (JSON.parse(readFileSync(join(target, 'keys', 'signing-keys.json'), 'utf8')) as { active: { d: string } }).active.d
  expect(readFileSync(join(target, 'authz-server.db')).includes(secret)).toBe(false)
})
