// The commands of an operator and of a device's terminal, against a server over real HTTP: what they print, and how they end.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { errorReply, type Handler, inTurn, type ScriptedServer, STARTED, startScriptedServer, tokenReply } from '../device/scripted-authz-server.ts'
import { runCli } from './run-cli.ts'

let folder = ''
let server: ScriptedServer | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-cli-'))
})
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true })
  await server?.close()
  server = undefined
})

const file = (name: string) => join(folder, name)

async function operator(handlers: Record<string, Handler>): Promise<readonly string[]> {
  server = await startScriptedServer({ '/token': () => tokenReply('operator', { scope: 'registry' }), ...handlers })
  await runCli('key', 'create', file('operator.json'))
  return ['--issuer', server.origin, '--client-id', 'operator', '--key-file', file('operator.json')]
}

const imported = { imported: ['guitar-1'], unchanged: ['guitar-2'], errors: [{ line: 4, column: 10, code: 'unknown_kind', message: 'no such kind' }] }

describe('latchkey device', () => {
  test('import reports bad rows by line and column, keeps the good ones, and ends with 1', async () => {
    const options = await operator({ '/registry/devices/import': () => ({ status: 200, body: imported }) })
    writeFileSync(file('devices.csv'), 'id,kind\n')
    const run = await runCli('device', 'import', file('devices.csv'), ...options)
    expect(run.stdout).toBe(`${file('devices.csv')}:4:10 unknown_kind no such kind\nimported 1, unchanged 1, invalid rows 1\n`)
    expect(run.exitCode).toBe(1)
    expect(server?.seen.at(-1)).toMatchObject({ path: '/registry/devices/import', authorization: 'DPoP access-operator' })
  })

  test('import --json prints one line that a program can read', async () => {
    const options = await operator({ '/registry/devices/import': () => ({ status: 200, body: imported }) })
    writeFileSync(file('devices.json'), '[]')
    const run = await runCli('device', 'import', file('devices.json'), '--json', ...options)
    expect(JSON.parse(run.stdout)).toEqual(imported)
    expect(run.stdout.trim().split('\n')).toHaveLength(1)
  })

  test('import --activate activates what came in, and nothing in a dry run', async () => {
    const activate: Handler = () => ({ status: 200, body: {} })
    const options = await operator({ '/registry/devices/import': () => ({ status: 200, body: imported }), '/registry/devices/activate': activate })
    writeFileSync(file('devices.csv'), 'id,kind\n')
    await runCli('device', 'import', file('devices.csv'), '--activate', '--dry-run', ...options)
    expect(server?.seen.map((entry) => entry.path)).not.toContain('/registry/devices/activate')
    await runCli('device', 'import', file('devices.csv'), '--activate', ...options)
    expect(server?.seen.map((entry) => entry.path)).toContain('/registry/devices/activate')
  })

  test('list prints a table of all pages', async () => {
    const guitar = (id: string) => ({ id, kind: 'smart-guitar', model: 'S', status: 'active', owner: null })
    const pages = inTurn({ status: 200, body: { devices: [guitar('g 1')], next: 'g 1' } }, { status: 200, body: { devices: [guitar('g2')] } })
    const options = await operator({ '/registry/devices': pages })
    const run = await runCli('device', 'list', ...options)
    expect(run).toEqual({
      stdout: 'id\tkind\tmodel\tstatus\towner\ng 1\tsmart-guitar\tS\tactive\t-\ng2\tsmart-guitar\tS\tactive\t-\n',
      stderr: '',
      exitCode: 0,
    })
  })

  test('signs its assertion for the issuer and asks for the scope of operators only', async () => {
    const options = await operator({ '/registry/devices/guitar-1/revoke': () => ({ status: 200, body: {} }) })
    expect(await runCli('device', 'revoke', 'guitar-1', ...options)).toMatchObject({ stdout: 'guitar-1: revoked\n', exitCode: 0 })
    const form = server?.seen.find((entry) => entry.path === '/token')?.form ?? {}
    const claims = JSON.parse(Buffer.from(form['client_assertion']?.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>
    expect(form).toMatchObject({ grant_type: 'client_credentials', scope: 'registry', client_id: 'operator' })
    expect(claims).toMatchObject({ iss: 'operator', sub: 'operator', aud: server?.origin })
    expect(claims['exp']).toBe((claims['iat'] as number) + 60)
  })

  test.each([
    {
      title: 'a refusal',
      reply: errorReply('not_found', { error_description: 'there is no device guitar-1' }, 404),
      message: 'there is no device guitar-1',
      exitCode: 1,
    },
    {
      title: 'a refusal without words',
      reply: errorReply('insufficient_scope', {}, 403),
      message: 'the authz server rejects the request: insufficient_scope',
      exitCode: 1,
    },
    { title: 'a server that hangs up', reply: 'hang up' as const, message: 'does not respond', exitCode: 3 },
  ])('ends with its own exit code at $title', async ({ reply, message, exitCode }) => {
    const options = await operator({ '/registry/devices/guitar-1/activate': () => reply })
    const run = await runCli('device', 'activate', 'guitar-1', ...options)
    expect(run.stderr).toContain(message)
    expect(run.exitCode).toBe(exitCode)
  })

  test.each([
    { title: 'a manifest of another kind', args: ['device', 'import', 'devices.xml'], message: 'devices.xml: the manifest must be a .csv or .json file' },
    { title: 'a manifest that is missing', args: ['device', 'import', 'missing.csv'], message: 'missing.csv: cannot be read' },
  ])('ends with 2 at $title', async ({ args, message }) => {
    const run = await runCli(...args, ...(await operator({})))
    expect(run).toMatchObject({ exitCode: 2, stdout: '' })
    expect(run.stderr).toContain(message)
  })

  test('names the missing option', async () => {
    expect(await runCli('device', 'list')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--issuer') })
  })

  test('S03: does not use a key that others can read', async () => {
    const options = await operator({})
    chmodSync(file('operator.json'), 0o644)
    const run = await runCli('device', 'list', '--json', ...options)
    expect(run.exitCode).toBe(2)
    expect(JSON.parse(run.stderr)).toMatchObject({ error: { code: 'file_is_readable_by_others', option: '--key-file' } })
    expect(server?.seen).toEqual([])
  })
})

describe('latchkey person', () => {
  test('add sends the first line of the password file, and prints no password', async () => {
    const bodies: Readonly<Record<string, string>>[] = []
    const options = await operator({
      '/registry/people': ({ form }) => {
        bodies.push(form)
        return { status: 201, body: { id: 'p1' } }
      },
    })
    writeFileSync(file('password'), 'a long pass phrase\nsecond line\n')
    const run = await runCli('person', 'add', '--email', 'carol@example.test', '--name', 'Carol', '--password-file', file('password'), ...options)
    expect(run).toEqual({ stdout: 'carol@example.test can sign in\n', stderr: '', exitCode: 0 })
    expect(JSON.parse(Object.keys(bodies[0] ?? {})[0] ?? '')).toEqual({
      email: 'carol@example.test',
      display_name: 'Carol',
      password: 'a long pass phrase',
      email_verified: false,
    })
  })

  test.each([
    { title: 'by default', flags: [], expected: false },
    { title: 'with --unverified', flags: ['--unverified'], expected: false },
    { title: 'with --verified', flags: ['--verified'], expected: true },
  ])('TR53: add $title sends email_verified $expected', async ({ flags, expected }) => {
    const bodies: string[] = []
    const options = await operator({
      '/registry/people': ({ form }) => {
        bodies.push(Object.keys(form)[0] ?? '')
        return { status: 201, body: { id: 'p1' } }
      },
    })
    writeFileSync(file('password'), 'a long pass phrase\n')
    await runCli('person', 'add', '--email', 'c@example.test', '--name', 'C', '--password-file', file('password'), ...flags, ...options)
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ email_verified: expected })
  })

  test('TR33: list prints all pages; disable, enable and reset name the person and say what is so', async () => {
    const person = (email: string) => ({ id: 'p', email, display_name: 'N', email_verified: true, status: 'enabled' })
    const pages = inTurn(
      { status: 200, body: { people: [person('a@example.test')], next: 'a@example.test' } },
      { status: 200, body: { people: [person('b@example.test')] } },
    )
    const options = await operator({
      '/registry/people': pages,
      '/registry/people/a%40example.test/disable': () => ({ status: 200, body: { id: 'p', status: 'disabled' } }),
      '/registry/people/p/enable': () => ({ status: 200, body: { id: 'p', status: 'enabled' } }),
      '/registry/people/p/reset': () => ({ status: 200, body: { id: 'p', reset_uri: 'https://keys.example/reset?token=x', expires_at: 86_400 } }),
    })
    expect((await runCli('person', 'list', ...options)).stdout.split('\n').slice(0, 3)).toEqual([
      'email\tname\tverified\tstatus\tid',
      'a@example.test\tN\ttrue\tenabled\tp',
      'b@example.test\tN\ttrue\tenabled\tp',
    ])
    expect(await runCli('person', 'disable', 'a@example.test', ...options)).toMatchObject({ stdout: 'a@example.test: disabled\n', exitCode: 0 })
    expect(await runCli('person', 'enable', 'p', ...options)).toMatchObject({ stdout: 'p: enabled\n', exitCode: 0 })
    expect((await runCli('person', 'reset', 'p', ...options)).stdout).toContain('https://keys.example/reset?token=x')
    expect(JSON.parse((await runCli('person', 'reset', 'p', '--json', ...options)).stdout)).toMatchObject({ reset_uri: 'https://keys.example/reset?token=x' })
  })

  test('add names the password file that is missing', async () => {
    const run = await runCli('person', 'add', '--email', 'c@example.test', '--name', 'C', '--password-file', file('none'), ...(await operator({})))
    expect(run).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--password-file') })
  })
})

describe('latchkey pair', () => {
  const pairArgs = () => ['pair', '--issuer', server?.origin ?? '', '--device', 'guitar-1', '--key-file', file('key.json'), '--token-file', file('tokens.json')]
  const quickly = { ...STARTED, body: { ...STARTED.body, interval: 0.01 } }

  test('makes a key, shows code, address and words, and keeps the tokens for itself', async () => {
    server = await startScriptedServer({ '/device_authorization': () => quickly, '/token': () => tokenReply('1') })
    const run = await runCli(...pairArgs())
    expect(run.exitCode).toBe(0)
    for (const part of ['BCDF-GHJK', 'http://127.0.0.1/device', '█', 'Paired. Abilities: read']) expect(run.stdout).toContain(part)
    expect(run.stdout).not.toContain('access-1')
    expect([statSync(file('key.json')).mode & 0o777, statSync(file('tokens.json')).mode & 0o777]).toEqual([0o600, 0o600])
  })

  test('--json prints one line for the code and one for the end', async () => {
    server = await startScriptedServer({ '/device_authorization': () => quickly, '/token': () => tokenReply('1') })
    const lines = (await runCli(...pairArgs(), '--json')).stdout.trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(['code', 'paired'])
  })

  test.each([
    { title: 'denied', error: 'access_denied', message: 'the person denied this pairing' },
    { title: 'expired', error: 'expired_token', message: 'nobody entered the code in time' },
    { title: 'not known', error: 'invalid_client', message: 'rejects this client' },
  ])('ends with 1 when it is $title, and keeps nothing', async ({ error, message }) => {
    server = await startScriptedServer({ '/device_authorization': () => quickly, '/token': () => errorReply(error) })
    const run = await runCli(...pairArgs(), '--no-qr')
    expect(run.stderr).toContain(message)
    expect(run.exitCode).toBe(1)
    expect(existsSync(file('tokens.json'))).toBe(false)
  })

  test('S06: refuses an issuer without TLS before anything is sent', async () => {
    const run = await runCli('pair', '--issuer', 'http://authz.example.com', '--device', 'x', '--key-file', file('key.json'), '--token-file', file('t.json'))
    expect(run).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('use https') })
  })
})

describe('latchkey doctor', () => {
  test('finds an authz server, and its clock', async () => {
    server = await startScriptedServer({})
    const run = await runCli('doctor', '--json', '--issuer', server.origin)
    expect(run.exitCode).toBe(0)
    expect(JSON.parse(run.stdout)).toMatchObject({ ok: true, findings: expect.arrayContaining([expect.objectContaining({ check: 'clock', ok: true })]) })
  })

  test('says what is wrong with what does not respond, and ends with 1', async () => {
    server = await startScriptedServer({}, { issuer: 'https://other.example' })
    const run = await runCli('doctor', '--issuer', server.origin, '--upstream', 'http://127.0.0.1:1')
    expect(run.stdout).toContain('wrong  authz server: status 200, issuer https://other.example')
    expect(run.stdout).toContain('wrong  upstream answers: no response')
    expect(run.exitCode).toBe(1)
  })
})

describe('TR11, TR12, TR17, TR69: a sidecar’s configuration to start from', () => {
  test('TR69: init --sidecar writes one that is accepted, and doctor says what its routes judge', async () => {
    const folder = file('sidecar-init')
    const run = await runCli('init', folder, '--sidecar')
    expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`next: latchkey sidecar ${join(folder, 'sidecar.yaml')} --check`) })
    const config = join(folder, 'sidecar.yaml')
    expect(readFileSync(config, 'utf8')).toMatch(/^# yaml-language-server: \$schema=\.\/sidecar\.schema\.json\n/)
    expect(JSON.parse(readFileSync(join(folder, 'sidecar.schema.json'), 'utf8'))).toMatchObject({ title: 'Latchkey sidecar' })
    expect((await runCli('doctor', '--sidecar-config', config)).stdout).toMatch(/wrong {2}sidecar configuration: authz_server\.key_file: .*file_missing/)
    await runCli('key', 'create', join(folder, 'sidecar.key.json'))
    expect(await runCli('sidecar', config, '--check')).toMatchObject({ exitCode: 0 })
    expect((await runCli('doctor', '--sidecar-config', config)).stdout).toContain(
      'ok     sidecar configuration: 4 routes, 2 with conditions on the query; the query of the other 2 does not affect decisions',
    )
  })

  test('TR11: sidecar --check and doctor name the pattern that is meant', async () => {
    const config = file('wildcards.yaml')
    await runCli('init', file('wildcards'), '--sidecar')
    writeFileSync(config, readFileSync(join(file('wildcards'), 'sidecar.yaml'), 'utf8').replace('recordings/{path+}', 'recordings/**'))
    const expected =
      /wildcards\.yaml:\d+:\d+ routes\.1\.path: "\/guitars\/\{id\}\/recordings\/\*\*" is not a path template\. Did you mean "\/guitars\/\{id\}\/recordings\/\{path\+\}"\?/
    expect(await runCli('sidecar', config, '--check')).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(expected) })
    expect(await runCli('doctor', '--sidecar-config', config)).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(expected) })
  })
})

test('a wrong command is told with the nearest right one', async () => {
  expect(await runCli('devise')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Did you mean device?') })
})

describe('latchkey schema', () => {
  test('prints the schema of a policy, for people and on one line', async () => {
    const text = await runCli('schema', 'policy')
    expect(JSON.parse(text.stdout)).toMatchObject({ $schema: expect.stringContaining('json-schema.org') })
    expect(JSON.parse((await runCli('schema', 'policy', '--json')).stdout)).toEqual(JSON.parse(text.stdout))
  })

  test('names the schemas there are', async () => {
    expect(await runCli('schema', 'polcy')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('one of: policy') })
  })
})

test('the policy commands are part of the program', async () => {
  writeFileSync(file('rules.yaml'), 'version: 1\nshares: []\n')
  expect(await runCli('policy', 'check', file('rules.yaml'))).toMatchObject({ exitCode: 0 })
})
