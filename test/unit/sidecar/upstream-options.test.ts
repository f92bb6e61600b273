// TR17, TR08, TR09, TR10: what `upstream` may say, where the values of its fields come from, and that no message repeats a credential.
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadUpstreamHeaders } from '../../../sidecar/config/load-upstream-headers.ts'
import { parseConfig } from '../../../sidecar/config/parse-config.ts'
import { type UpstreamHeaderConfig, upstreamOf } from '../../../sidecar/config/sidecar-config.ts'
import { checkSidecarConfig, readUpstreamHeaders } from '../../../sidecar/main.ts'
import { exportPrivateJwk } from '../../../system/generate-key.ts'
import { createTestKey } from '../../support/issuer-fixture.ts'

const SECRET = 's3cret-of-the-api'
const BASE = {
  listen: { host: '127.0.0.1', port: 0 },
  admin: { host: '127.0.0.1', port: 0 },
  public_origin: 'http://127.0.0.1:9090',
  authz_server: { issuer: 'https://auth.example.test', client_id: 'sidecar-1', key_file: 'key.json' },
  data_directory: 'd',
  routes: [{ method: 'GET', path: '/things/{id}', resource: '{id}', scope: 'read' }],
}

function faultsOf(upstream: unknown): string {
  const config = parseConfig(JSON.stringify({ ...BASE, upstream }))
  return config.ok ? '' : config.error.map(({ option, message, remedy }) => `${option}: ${message}. ${remedy}`).join('\n')
}

const withHeader = (header: object): object => ({ origin: 'http://127.0.0.1:8080', headers: [header] })

describe('TR17: the two forms of upstream', () => {
  test('TR17: an origin alone is what it always was', () => {
    const config = parseConfig(JSON.stringify({ ...BASE, upstream: 'http://127.0.0.1:8080' }))
    expect(config.ok && upstreamOf(config.value)).toEqual({ origin: 'http://127.0.0.1:8080' })
  })
  test('TR17: everything at once', () => {
    const upstream = {
      origin: 'https://api.internal',
      headers: [
        { name: 'Authorization', scheme: 'Basic', file: 'api.login' },
        { name: 'X-Api-Key', env: 'API_KEY' },
      ],
      strip_headers: ['X-Role', 'X-Acme-*'],
      pass_headers: ['X-Client-Id', 'X-User-*'],
      pass_answer_headers: ['Strict-Transport-Security'],
      rewrite_locations: false,
      own_origins: ['http://api.internal:8080'],
    }
    expect(faultsOf(upstream)).toBe('')
  })
})

describe('TR17: what upstream cannot say is refused, with the remedy', () => {
  const refused: readonly (readonly [object, RegExp])[] = [
    [{}, /upstream: "origin" is missing\. The origin of the API/],
    [{ origin: 'localhost' }, /upstream\.origin: "localhost" is not an origin/],
    [{ origin: 'http://127.0.0.1:9090' }, /upstream\.origin: the sidecar would forward to itself/],
    [{ origin: 'http://127.0.0.1:1', header: [] }, /unknown option "header"\. Did you mean "headers"\?/],
    [withHeader({ name: 'X-Api-Key' }), /headers\.0: the value comes from exactly one of `file` and `env`/],
    [withHeader({ name: 'X-Api-Key', file: 'a', env: 'B' }), /exactly one of/],
    [withHeader({ name: 'X Api', env: 'B' }), /"X Api" is not a field name/],
    [withHeader({ name: 'X_Api', env: 'B' }), /"X_Api" is not a field name/],
    [withHeader({ name: 'Authorization', env: 'B', scheme: 'Digest' }), /scheme: "Digest" is not one of "Bearer", "Basic"/],
    ...[
      'Host',
      'Content-Length',
      'Transfer-Encoding',
      'Connection',
      'DPoP',
      'Latchkey-Subject',
      'X-Forwarded-For',
      'X-Request-Id',
      'Accept-Encoding',
      'Range',
      'If-Match',
    ].map((name) => [withHeader({ name, env: 'B' }), /is set by the sidecar itself/] as const),
    [
      {
        origin: 'http://127.0.0.1:1',
        headers: [
          { name: 'X-A', env: 'A' },
          { name: 'x-a', env: 'B' },
        ],
      },
      /headers\.1\.name: "x-a" is listed twice/,
    ],
    [{ origin: 'http://127.0.0.1:1', strip_headers: ['X Role'] }, /strip_headers\.0: "X Role" is not a field name/],
    [{ origin: 'http://127.0.0.1:1', strip_headers: ['X-*-Id'] }, /strip_headers\.0/],
    [{ origin: 'http://127.0.0.1:1', pass_headers: ['*'] }, /pass_headers\.0/],
    [{ origin: 'http://127.0.0.1:1', pass_headers: ['X-*'] }, /pass_headers\.0/],
    ...['Authorization', 'DPoP', 'X-Forwarded-For', 'Latchkey-Subject', 'Latchkey-*', 'Host', 'Connection', 'Proxy'].map(
      (name) => [{ origin: 'http://127.0.0.1:1', pass_headers: [name] }, /cannot be let through: the sidecar sets or reads it itself/] as const,
    ),
    ...['DPoP-Nonce', 'Connection', 'Access-Control-Allow-Origin', 'Latchkey-X', 'Cache-Control', 'Location'].map(
      (name) => [{ origin: 'http://127.0.0.1:1', pass_answer_headers: [name] }, /is not among the fields that can be let through/] as const,
    ),
    [{ origin: 'http://127.0.0.1:1', own_origins: ['api.internal'] }, /own_origins\.0: "api\.internal" is not an origin/],
  ]
  test.each(refused)('TR17: %j', (upstream, message) => expect(faultsOf(upstream)).toMatch(message))

  test.each([
    `http://admin:${SECRET}@127.0.0.1:8080`,
    { origin: `http://admin:${SECRET}@127.0.0.1:8080` },
    { origin: 'http://127.0.0.1:1', own_origins: [`http://:${SECRET}@x`] },
    withHeader({ name: 'X-Api-Key', env: `${SECRET} !` }),
    withHeader({ name: 'X-Api-Key', value: SECRET }),
  ])('TR17: a credential in a wrong place is not repeated: case %#', (upstream) => {
    const faults = faultsOf(upstream)
    expect(faults).not.toBe('')
    expect(faults).not.toContain(SECRET)
  })
})

describe('TR17: values', () => {
  const load = (header: Partial<UpstreamHeaderConfig>, value: string | undefined) =>
    loadUpstreamHeaders(
      { upstream: { origin: 'http://127.0.0.1:1', headers: [{ name: 'Authorization', env: 'TOKEN', ...header }] } },
      { readFile: () => value ?? '', readVariable: () => value },
    )
  test.each([
    [{}, SECRET, SECRET],
    [{}, `${SECRET}\n`, SECRET],
    [{}, `${SECRET}\r\n`, SECRET],
    [{}, 'Token token="a b", user="c"', 'Token token="a b", user="c"'],
    [{ scheme: 'Bearer' }, `${SECRET}\n`, `Bearer ${SECRET}`],
    [{ scheme: 'Basic' }, 'Aladdin:open sesame', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='],
    [{ scheme: 'Basic' }, 'test:123£\n', 'Basic dGVzdDoxMjPCow=='],
    [{ scheme: 'Basic' }, 'user:a:b', 'Basic dXNlcjphOmI='],
  ] as const)('TR17: %j with %j', (header, value, expected) => expect(load(header, value)).toEqual(['Authorization', expected]))
  test.each([
    [{}, undefined, /upstream\.headers\.0\.env: the variable TOKEN is not set/],
    [{}, '', /cannot be sent as a field value/],
    [{}, '\n', /cannot be sent/],
    [{}, `${SECRET}\r\nX-Evil: 1`, /one line of 1 to 8192 visible ASCII characters/],
    [{}, `${SECRET}\n\n`, /cannot be sent/],
    [{}, ` ${SECRET}`, /cannot be sent/],
    [{}, `${SECRET}\0`, /cannot be sent/],
    [{}, `${SECRET}é`, /cannot be sent/],
    [{}, SECRET.repeat(1_000), /cannot be sent/],
    [{ scheme: 'Bearer' }, `Bearer ${SECRET}`, /begins with "Bearer" already/],
    [{ scheme: 'Bearer' }, '', /cannot be sent/],
    [{ scheme: 'Basic' }, SECRET, /a Basic credential has the form user:password/],
    [{ scheme: 'Basic' }, `:${SECRET}`, /user:password/],
    [{ scheme: 'Basic' }, `user:${SECRET}\nx`, /user:password/],
    [{ scheme: 'Basic' }, `Basic ${SECRET}:x`, /begins with "Basic" already/],
  ] as const)('TR17: refused: %j with %j, without repeating it', (header, value, message) => {
    let text = ''
    try {
      load(header, value)
    } catch (error) {
      text = (error as Error).message
    }
    expect(text).toMatch(message)
    expect(text).not.toContain(SECRET)
  })
})

describe('TR17: files are checked like key files, at the start and by --check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-upstream-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'key.json'), JSON.stringify(exportPrivateJwk(createTestKey().privateKey)), { mode: 0o600 })
  const upstream = { origin: 'http://127.0.0.1:8080', headers: [{ name: 'Authorization', scheme: 'Bearer', file: 'api.token' }] } as const
  writeFileSync(join(folder, 'sidecar.yaml'), JSON.stringify({ ...BASE, upstream }))
  const token = join(folder, 'api.token')
  const check = (): Promise<unknown> => checkSidecarConfig(join(folder, 'sidecar.yaml'))

  function writeReadable(): void {
    writeFileSync(token, SECRET)
    chmodSync(token, 0o644)
  }

  function link(): void {
    writeFileSync(join(folder, 'real'), SECRET, { mode: 0o600 })
    rmSync(token, { force: true })
    symlinkSync(join(folder, 'real'), token)
  }

  test.each([
    ['that is missing', () => rmSync(token, { force: true }), 'file_missing'],
    ['that others can read', writeReadable, 'file_is_readable_by_others'],
    ['that is a link', link, 'file_is_a_link'],
  ])('TR17: a file %s is refused', async (_, prepare, reason) => {
    prepare()
    await expect(check()).rejects.toThrow(new RegExp(`upstream\\.headers\\.0\\.file: .*api\\.token: ${reason}.*0600`))
  })
  test('TR17: a good one is read, and read again when asked', async () => {
    rmSync(token, { force: true })
    writeFileSync(token, `${SECRET}\n`, { mode: 0o600 })
    await check()
    expect(readUpstreamHeaders({ upstream }, folder)).toEqual(['Authorization', `Bearer ${SECRET}`])
    writeFileSync(token, 'rotated\n')
    expect(readUpstreamHeaders({ upstream }, folder)).toEqual(['Authorization', 'Bearer rotated'])
  })
})
