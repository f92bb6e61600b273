// FA37, S03: a configuration or a key file that is wrong stops the start, and the message says where and what to do.
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parseConfig } from '../../../sidecar/config/parse-config.ts'
import { formatConfigError } from '../../../system/config/option-fault.ts'
import { exportPrivateJwk } from '../../../system/generate-key.ts'
import { createTestKey } from '../../support/issuer-fixture.ts'

const GOOD = `listen: { host: 127.0.0.1, port: 0 }
admin: { host: 127.0.0.1, port: 0 }
public_origin: http://127.0.0.1:9090
upstream: http://127.0.0.1:8080
authz_server: { issuer: "http://127.0.0.1:9400", client_id: sidecar-1, key_file: sidecar.key.json }
data_directory: ./data
routes:
  - { method: GET, path: "/guitars/{id}", resource: "{id}", scope: read }
`

test('a good configuration is taken, with its defaults', () => {
  const config = parseConfig(GOOD)
  expect(config).toMatchObject({ ok: true, value: { feed: { max_age_seconds: 900 }, limits: { answer_seconds: 30, idle_seconds: 60, request_seconds: 30 } } })
})

describe('FA37: every fault has a line, an option, and a remedy', () => {
  test.each([
    ['an unknown option', GOOD.replace('upstream:', 'upstreem:'), /4:1 upstreem: unknown option "upstreem"\. Did you mean "upstream"\?/],
    ['a missing option', GOOD.replace(/upstream.*\n/, ''), /"upstream" is missing\. The origin of the API/],
    ['a wrong type', GOOD.replace('port: 0', 'port: "x"'), /1:\d+ listen\.port: "x" must be integer\. A port from 0 to 65535/],
    ['a port out of range', GOOD.replace('port: 0', 'port: 65536'), /listen\.port: 65536 must be <= 65535/],
    [
      'no loopback without tls',
      GOOD.replace('host: 127.0.0.1', 'host: 0.0.0.0'),
      /1:\d+ listen\.host: "0\.0\.0\.0" is not loopback, and there is no tls\. Add listen\.tls/,
    ],
    [
      'an upstream that is no origin',
      GOOD.replace('http://127.0.0.1:8080', 'localhost'),
      /4:1 upstream: "localhost" is not an origin\. .* e\.g\. http:\/\/127\.0\.0\.1:8080/,
    ],
    ['an upstream with a path', GOOD.replace(':8080', ':8080/api'), /upstream: .* is not an origin/],
    ['an issuer without TLS', GOOD.replace('127.0.0.1:9400', 'auth.example.com'), /authz_server\.issuer: .* without TLS/],
    ['the sidecar before itself', GOOD.replace(':8080', ':9090'), /upstream: the sidecar would forward to itself/],
    ['a route that is no template', GOOD.replace('/guitars/{id}', '/guitars/{id}-{x}'), /8:\d+ routes\.0\.path: .* is not a path template/],
    ['a route with dots', GOOD.replace('/guitars/{id}', '/guitars/../{id}'), /routes\.0\.path/],
    ['a resource by an unknown name', GOOD.replace('"{id}"', '"{di}"'), /routes\.0\.resource: the path has no \{di\}/],
    ['the same route twice', `${GOOD}  - { method: GET, path: "/guitars/{x}", resource: "{x}", scope: play }\n`, /two routes match the same requests/],
    ['a key twice', `${GOOD}upstream: http://127.0.0.1:1\n`, /9:1 "upstream" appears twice\. Keep one of them/],
    ['no YAML', 'a: [', /1:\d+ /],
    ['nothing', '', /must be object/],
    ['a list', '- 1', /must be object/],
  ])('%s', (_, text, message) => {
    const config = parseConfig(text)
    expect(config.ok).toBe(false)
    if (!config.ok) expect(config.error.map((error) => formatConfigError('sidecar.yaml', error)).join('\n')).toMatch(message)
  })
  test('all faults are reported at once', () => {
    const config = parseConfig(GOOD.replace('port: 0', 'port: x').replace('scope: read', 'scope: 7'))
    expect(config.ok ? 0 : config.error.length).toBe(2)
  })
})

describe('S03: key files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-config-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const keyFile = join(folder, 'sidecar.key.json')
  const jwk = JSON.stringify(exportPrivateJwk(createTestKey().privateKey))
  const publicJwk = JSON.stringify(createTestKey().jwk)

  function writeKey(text: string, mode = 0o600): void {
    rmSync(keyFile, { force: true })
    writeFileSync(keyFile, text, { mode })
    chmodSync(keyFile, mode)
  }

  function linkKey(): void {
    rmSync(keyFile, { force: true })
    writeFileSync(join(folder, 'real'), jwk, { mode: 0o600 })
    symlinkSync(join(folder, 'real'), keyFile)
  }

  test.each([
    ['of mode 0644', () => writeKey(jwk, 0o644), 'file_is_readable_by_others'],
    ['that is a link', () => linkKey(), 'file_is_a_link'],
    ['cut short', () => writeKey(jwk.slice(0, 40)), 'key_malformed'],
    ['without a private part', () => writeKey(publicJwk), 'key_malformed'],
    ['that is missing', () => rmSync(keyFile, { force: true }), 'file_missing'],
  ])('a key file %s is refused by name', async (_, prepare, reason) => {
    prepare()
    writeFileSync(join(folder, 'sidecar.yaml'), GOOD)
    const { checkSidecarConfig } = await import('../../../sidecar/main.ts')
    await expect(checkSidecarConfig(join(folder, 'sidecar.yaml'))).rejects.toThrow(
      new RegExp(`authz_server.key_file: .*sidecar.key.json: ${reason}.*0600|authz_server.key_file: .*${reason}`),
    )
  })

  test('a good one is taken', async () => {
    writeKey(jwk)
    const { checkSidecarConfig } = await import('../../../sidecar/main.ts')
    expect((await checkSidecarConfig(join(folder, 'sidecar.yaml'))).upstream).toBe('http://127.0.0.1:8080')
  })

  test('a lenient parser in NODE_OPTIONS stops the start', async () => {
    const { runSidecar } = await import('../../../sidecar/main.ts')
    const before = process.env['NODE_OPTIONS']
    process.env['NODE_OPTIONS'] = '--insecure-http-parser'
    try {
      await expect(runSidecar(join(folder, 'sidecar.yaml'))).rejects.toThrow(/insecure-http-parser/)
    } finally {
      if (before === undefined) delete process.env['NODE_OPTIONS']
      else process.env['NODE_OPTIONS'] = before
    }
  })
})
