// TR27: what cannot work is refused before anything listens, with the option, what is wrong with its value, and the remedy.
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../authz-server/config/load-config.ts'
import { parseConfig } from '../../../sidecar/config/parse-config.ts'
import { type CertificateUse, checkCertificate } from '../../../system/config/check-certificate.ts'
import { checkClock } from '../../../system/config/check-clock.ts'
import { explainListen } from '../../../system/config/explain-listen.ts'
import { formatConfigError } from '../../../system/config/option-fault.ts'
import { openDataDirectory } from '../../../system/data-directory.ts'
import { exportPrivateJwk, generateSigningKey } from '../../../system/generate-key.ts'
import { bind } from '../../../system/http/connections.ts'
import { describeKeyText, parsePrivateKey } from '../../../system/private-key.ts'
import { createTestCertificate } from '../../e2e/test-certificate.ts'

const jwk = JSON.stringify(generateSigningKey().jwk)
const SIDECAR = `listen: { host: 127.0.0.1, port: 9090 }
admin: { host: 127.0.0.1, port: 9091 }
public_origin: https://things.example.org
upstream: http://127.0.0.1:8080
authz_server: { issuer: "https://keys.example.org", client_id: sidecar-1, key_file: sidecar.key.json }
data_directory: ./data
routes:
  - { method: GET, path: "/guitars/{id}", resource: "{id}", scope: read }
`
const AUTHZ = `issuer: https://keys.example.org
listen: { host: 127.0.0.1, port: 9400 }
admin: { host: 127.0.0.1, port: 9401 }
data_directory: ./data
resource_servers:
  - { id: "https://things.example.org", name: Things, client_id: sidecar-1 }
  - { id: "https://others.example.org", name: Others }
clients:
  - { client_id: sidecar-1, name: Sidecar, authentication: private_key_jwt, jwk: ${jwk}, scopes: [uma_protection, feed] }
device_types: []
`
const programs = {
  sidecar: { text: SIDECAR, read: parseConfig },
  'authz server': { text: AUTHZ, read: loadConfig },
} as const

function faultsOf(program: keyof typeof programs, from: string, to: string): readonly string[] {
  const { text, read } = programs[program]
  expect(text).toContain(from)
  const result = read(text.replace(from, () => to))
  return result.ok ? [] : result.error.map((error) => formatConfigError('a.yaml', error))
}

test.each(Object.keys(programs) as (keyof typeof programs)[])('the %s configuration of these tests is accepted', (program) => {
  expect(faultsOf(program, 'listen', 'listen')).toEqual([])
})

describe('in both programs', () => {
  const both = Object.keys(programs) as (keyof typeof programs)[]
  const rows = [
    { from: 'listen: { host: 127.0.0.1', to: 'listen: { host: "[::1]"', expected: /listen\.host: "\[::1\]" is not a host name.*Write ::1/ },
    { from: 'listen: { host: 127.0.0.1', to: 'listen: { host: "[::1]:9090"', expected: /listen\.host: .*Write ::1/ },
    { from: 'listen: { host: 127.0.0.1', to: 'listen: { host: "127.0.0.1:9090"', expected: /listen\.host: .*Write 127\.0\.0\.1, .*port/ },
    { from: 'listen: { host: 127.0.0.1', to: 'listen: { host: "http://127.0.0.1"', expected: /listen\.host: .*Write 127\.0\.0\.1/ },
    { from: 'listen: { host: 127.0.0.1', to: 'listen: { host: 127.0.0.256', expected: /listen\.host: "127\.0\.0\.256" is not/ },
    { from: 'listen: { host: 127.0.0.1', to: 'listen: { host: "127.1"', expected: /listen\.host: "127\.1" is not/ },
    { from: 'listen: { host: 127.0.0.1', to: 'listen: { host: "local host"', expected: /listen\.host: "local host" is not/ },
    { from: 'listen: { host: 127.0.0.1', to: 'listen: { host: ""', expected: /listen\.host/ },
    { from: 'listen: { host: 127.0.0.1', to: 'listen: { host: "*"', expected: /listen\.host: "\*" is not/ },
    { from: 'admin: { host: 127.0.0.1', to: 'admin: { host: "[::1]"', expected: /admin\.host: "\[::1\]" is not/ },
    { from: /port: 9(?:090|400)/, to: 'port: 70000', expected: /listen\.port: 70000 must be <= 65535/ },
    { from: /port: 9(?:090|400)/, to: 'port: -1', expected: /listen\.port: -1 must be >= 0/ },
    { from: /port: 9(?:090|400)/, to: 'port: 1.5', expected: /listen\.port: 1\.5 must be integer/ },
    { from: /port: 9(?:091|401)/, to: undefined, expected: /admin\.port: listen\.port and admin\.port are both 9\d+\. Give/ },
    { from: 'data_directory:', to: 'data_dir: x\ndata_directory:', expected: /\d+:1 data_dir: unknown option "data_dir"\. / },
    { from: 'data_directory:', to: 'data_directory: ./a\ndata_directory:', expected: /:\d+:1 "data_directory" appears twice\. Keep one/ },
    { from: 'data_directory: ./data', to: 'data_directory: &d ./data\nlog_level: *d', expected: /Anchors/ },
    { from: 'data_directory: ./data', to: 'data_directory: ./data\n---\nlog_level: info', expected: /one document/i },
    { from: 'data_directory: ./data', to: `data_directory: ${'['.repeat(50)}`, expected: /deep/ },
    { from: 'data_directory: ./data', to: 'data_directory:', expected: /data_directory: an empty value must be string/ },
    { from: 'data_directory: ./data', to: 'data_directory: ./data\ndrain_seconds: 99999', expected: /drain_seconds: 99999 must be <= 3600/ },
  ]
  test.each(both.flatMap((program) => rows.map((row) => ({ program, ...row }))))('TR27: $program: $from -> $to', ({ program, from, to, expected }) => {
    const { text } = programs[program]
    const found = typeof from === 'string' ? from : (from.exec(text)?.[0] ?? '')
    const listenPort = /port: (\d+)/.exec(text)?.[1]
    const faults = faultsOf(program, found, to ?? `port: ${listenPort}`)
    expect(faults).toContainEqual(expect.stringMatching(expected))
    for (const line of faults) expect(line).toMatch(/^a\.yaml:\d+:\d+ .+[.?)]$/)
  })
})

test.each([
  { from: 'https://things.example.org', to: 'https://Things.example.org', expected: /public_origin: .*e\.g\. https:\/\/things\.example\.org/ },
  { from: 'https://things.example.org', to: 'https://things.example.org:443', expected: /e\.g\. https:\/\/things\.example\.org\./ },
  { from: '"https://keys.example.org"', to: '"https://keys.example.org/"', expected: /authz_server\.issuer: .*e\.g\. https:\/\/keys\.example\.org\./ },
  { from: '"https://keys.example.org"', to: 'https://things.example.org', expected: /authz_server\.issuer: .* is also the public_origin/ },
  {
    from: '"https://keys.example.org"',
    to: 'http://127.0.0.1:9090',
    expected: /authz_server\.issuer: .*leads to the sidecar itself \(listen: 127\.0\.0\.1, port 9090\)/,
  },
  { from: 'http://127.0.0.1:8080', to: 'http://127.0.0.1:9090', expected: /upstream: .*leads to the sidecar itself/ },
  { from: 'http://127.0.0.1:8080', to: 'http://localhost:9090', expected: /upstream: .*leads to the sidecar itself/ },
  { from: 'http://127.0.0.1:8080', to: 'http://127.0.0.1:9091', expected: /upstream: .*leads to the sidecar itself \(admin/ },
  { from: 'http://127.0.0.1:8080', to: 'https://things.example.org', expected: /upstream: the sidecar would forward to itself/ },
  { from: 'http://127.0.0.1:8080', to: 'HTTP://127.0.0.1:8080', expected: /upstream: .*e\.g\. http:\/\/127\.0\.0\.1:8080/ },
  {
    from: 'port: 9090 }\nadmin: { host: 127.0.0.1, port: 9091 }\npublic_origin: https:',
    to: 'port: 9090, tls: { certificate_file: c, key_file: k } }\nadmin: { host: 127.0.0.1, port: 9091 }\npublic_origin: http:',
    expected: /public_origin: .*is http, and listen\.tls serves https/,
  },
  {
    from: 'scope: read }\n',
    to: 'scope: read }\n  - { method: GET, path: "/guitars/{x}", resource: "{x}", scope: play }\n',
    expected: /routes\.1\.path: two routes match the same requests/,
  },
  { from: 'data_directory', to: 'limits: { answer_seconds: 0 }\ndata_directory', expected: /limits\.answer_seconds: 0 must be >= 1/ },
  { from: 'data_directory', to: 'feed: { max_age_seconds: 1000000 }\ndata_directory', expected: /feed\.max_age_seconds: 1000000 must be <=/ },
])('TR27: sidecar: $from -> $to', ({ from, to, expected }) => {
  expect(faultsOf('sidecar', from, to)).toContainEqual(expect.stringMatching(expected))
})

test.each([
  { from: 'issuer: https://keys.example.org', to: 'issuer: https://Keys.example.org', expected: /issuer: .*e\.g\. https:\/\/keys\.example\.org\./ },
  { from: 'issuer: https://keys.example.org', to: 'issuer: https://keys.example.org/', expected: /issuer: .*e\.g\. https:\/\/keys\.example\.org\./ },
  {
    from: 'name: Others }',
    to: 'name: Others, client_id: sidecar-1 }',
    expected:
      /resource_servers\.1\.client_id: "sidecar-1" is already the client of "https:\/\/things\.example\.org": one sidecar cannot serve "https:\/\/others\.example\.org"/,
  },
  { from: '"https://others', to: '"https://things', expected: /resource_servers\.1\.id: "https:\/\/things\.example\.org" is already resource_servers\.0\.id/ },
  { from: '"https://others.example.org"', to: '"https://others.example.org/"', expected: /resource_servers\.1\.id: .*e\.g\. https:\/\/others\.example\.org\./ },
  { from: `jwk: ${jwk}`, to: 'jwk: "-----BEGIN PRIVATE KEY----- c2VjcmV0"', expected: /clients\.0\.jwk: the value must be object/ },
])('TR27: authz server: $from -> $to', ({ from, to, expected }) => {
  expect(faultsOf('authz server', from, to)).toContainEqual(expect.stringMatching(expected))
})

test('TR27: a value that may be a credential is in no message', () => {
  const secret = 'c2VjcmV0'.repeat(20)
  const faults = [
    ...faultsOf('authz server', `jwk: ${jwk}`, `jwk: "${secret}"`),
    ...faultsOf('sidecar', 'upstream: http://127.0.0.1:8080', `upstream: { origin: "http://127.0.0.1:8080", headers: [{ name: X-Key, env: "${secret}" }] }`),
  ]
  expect(faults.length).toBeGreaterThan(1)
  expect(faults.join()).not.toContain('c2VjcmV0')
})

describe('certificates', () => {
  const NOW = Date.parse('2026-06-01T00:00:00Z')
  const make = (from: string, to: string, name = 'things.example.org') => createTestCertificate({ name, notBefore: new Date(from), notAfter: new Date(to) })
  const good = make('2026-01-01', '2027-01-01')
  const other = make('2026-01-01', '2027-01-01')
  const old = make('2025-01-01', '2026-05-31')
  const early = make('2026-06-02', '2027-01-01')
  const address = make('2026-01-01', '2027-01-01', '127.0.0.1')
  const use = (more: Partial<CertificateUse> = {}): CertificateUse => ({
    publicOrigin: 'https://things.example.org',
    nowMilliseconds: NOW,
    isBehindProxy: false,
    ...more,
  })

  test.each([
    { title: 'a good one', certificate: good.cert, key: good.key, use: use(), expected: [] },
    { title: 'of an address', certificate: address.cert, key: address.key, use: use({ publicOrigin: 'https://127.0.0.1:9090' }), expected: [] },
    {
      title: 'expired',
      certificate: old.cert,
      key: old.key,
      use: use(),
      expected: [/expired on 2026-05-31T00:00:00Z; this machine's clock says 2026-06-01T00:00:00Z/],
    },
    {
      title: 'not valid yet',
      certificate: early.cert,
      key: early.key,
      use: use(),
      expected: [/valid from 2026-06-02T00:00:00Z; this machine's clock says 2026-06-01/],
    },
    {
      title: 'by a clock of 1970',
      certificate: good.cert,
      key: good.key,
      use: use({ nowMilliseconds: 0 }),
      expected: [/valid from 2026-01-01T00:00:00Z; this machine's clock says 1970-01-01/],
    },
    {
      title: 'of another name',
      certificate: good.cert,
      key: good.key,
      use: use({ publicOrigin: 'https://api.example.org' }),
      expected: [/is for DNS:things\.example\.org, and the public origin is https:\/\/api\.example\.org/],
    },
    {
      title: 'with the key of another',
      certificate: good.cert,
      key: other.key,
      use: use(),
      expected: [/listen\.tls\.key_file it is not the key of the certificate/],
    },
    {
      title: 'after another',
      certificate: other.cert + good.cert,
      key: good.key,
      use: use(),
      expected: [/the certificate of the key is number 2 in the file/],
    },
    {
      title: 'before one that did not issue it',
      certificate: good.cert + other.cert,
      key: good.key,
      use: use(),
      expected: [/certificate 2, of .*, did not issue certificate 1/],
    },
    { title: 'in the file of the key', certificate: good.key, key: good.key, use: use(), expected: [/certificate_file it holds a key, and no certificate/] },
    { title: 'empty', certificate: '', key: '', use: use(), expected: [/certificate_file it holds no PEM certificate/, /key_file it holds no PEM key/] },
    { title: 'in the place of the key', certificate: good.cert, key: good.cert, use: use(), expected: [/key_file it holds no private key/] },
    {
      title: 'that is none',
      certificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      key: good.key,
      use: use(),
      expected: [/cannot be read/],
    },
    {
      title: 'with an encrypted key',
      certificate: good.cert,
      key: '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n',
      use: use(),
      expected: [/key_file the key has a passphrase/],
    },
  ])('TR27: $title', ({ certificate, key, use: given, expected }) => {
    const faults = checkCertificate({ certificate, key }, given)
    expect(faults.map(({ option, message }) => `${option} ${message}`)).toEqual(expected.map((part) => expect.stringMatching(part) as string))
    for (const { remedy } of faults) expect(remedy).not.toBe('')
  })

  test('TR27: behind a proxy another name is a warning', () => {
    const faults = checkCertificate({ certificate: good.cert, key: good.key }, use({ publicOrigin: 'https://api.example.org', isBehindProxy: true }))
    expect(faults).toMatchObject([{ isWarning: true }])
  })
})

describe('the machine', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-machine-'))
    writeFileSync(join(folder, 'file'), '')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test.each([
    { at: 0, expected: /says 1970-01-01T00:00:00\.000Z.*NTP/ },
    { at: 1_735_689_599, expected: /says 2024-12-31T23:59:59\.000Z/ },
  ])('TR27: a clock at $at s was never set', ({ at, expected }) => {
    expect(checkClock(at)).toMatch(expected)
    expect(checkClock(1_735_689_600)).toBeUndefined()
  })

  test.each(['file', 'file/below'])('TR27: %s cannot be the data directory', (path) => {
    expect(() => openDataDirectory(join(folder, path), 'data_directory')).toThrow(/^data_directory: .*(EEXIST|ENOTDIR).*give a path of directories\.$/)
  })

  test.each([
    {
      host: 'no-such-host.invalid',
      port: 0,
      expected: /^listen\.host: cannot listen on host no-such-host\.invalid, port 0: this name .*\((ENOTFOUND|EAI_AGAIN)\)/,
    },
    {
      host: '192.0.2.1',
      port: 0,
      expected: /^listen\.host: cannot listen on host 192\.0\.2\.1, port 0: this machine does not have this address \(EADDRNOTAVAIL\)/,
    },
  ])('TR27: $host cannot be listened on', async ({ host, port, expected }) => {
    const { createServer: createHttp } = await import('node:http')
    await expect(bind(createHttp(), { host, port }).catch(explainListen('listen', { host, port }))).rejects.toThrow(expected)
  })

  test('TR27: a port in use', async () => {
    const { createServer: createHttp } = await import('node:http')
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    const at = { host: '127.0.0.1', port }
    await expect(bind(createHttp(), at).catch(explainListen('admin', at))).rejects.toThrow(
      new RegExp(`^admin\\.port: cannot listen on host 127\\.0\\.0\\.1, port ${port}: another program has this port \\(EADDRINUSE\\)`),
    )
    other.close()
  })

  const own = exportPrivateJwk(generateSigningKey().privateKey)
  test.each([
    { title: 'an empty file', text: '\n', expected: /empty/ },
    { title: 'PEM', text: '-----BEGIN EC PRIVATE KEY-----\nMHc=\n', expected: /PEM: ec private key/ },
    { title: 'the public half', text: JSON.stringify(generateSigningKey().jwk), expected: /public half/ },
    { title: 'a set of keys', text: JSON.stringify({ keys: [own] }), expected: /set of keys/ },
    { title: 'another curve', text: JSON.stringify({ ...own, crv: 'P-384' }), expected: /type EC, or of another curve/ },
    { title: 'RSA', text: '{"kty":"RSA","n":"AQAB","d":"AQ"}', expected: /type RSA/ },
    { title: 'another JSON object', text: '{"a":1}', expected: /not a JWK/ },
    { title: 'text', text: 'secret', expected: /not a JSON object/ },
  ])('TR27: a key file with $title', ({ text, expected }) => {
    expect(parsePrivateKey(text).ok).toBe(false)
    expect(describeKeyText(text)).toMatch(expected)
  })
})
