import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CONFIG_SCHEMA } from '../../../../authz-server/config/config-schema.ts'
import { loadConfig } from '../../../../authz-server/config/load-config.ts'
import { formatConfigError } from '../../../../system/config/option-fault.ts'
import { generateKey } from '../support/authz-world.ts'

const key = generateKey()
const jwk = (value: object = key.jwk) => JSON.stringify(value)

const GOOD = `issuer: http://127.0.0.1:9400
listen: { host: 127.0.0.1, port: 9400 }
data_directory: ./data
resource_servers:
  - { id: "http://127.0.0.1:9090", name: Guitars, client_id: sidecar-1 }
clients:
  - { client_id: band-app, name: Band app, authentication: none, scopes: [openid] }
  - { client_id: sidecar-1, name: Sidecar, authentication: private_key_jwt, jwk: ${jwk()}, scopes: [uma_protection, feed] }
device_types:
  - kind: smart-guitar
    resource_server: http://127.0.0.1:9090
    resources:
      - { key: "{device}", name: "Guitar {device}", type: smart-guitar, scopes: [read, play] }
`

const problemsOf = (text: string) => {
  const loaded = loadConfig(text)
  return loaded.ok ? [] : loaded.error.map((error) => formatConfigError('authz-server.yaml', error))
}

test('a complete file becomes a configuration; tags may be left out', () => {
  const loaded = loadConfig(GOOD)
  expect(loaded).toMatchObject({
    ok: true,
    value: { warnings: [], config: { issuer: 'http://127.0.0.1:9400', device_types: [{ resources: [{ tags: [] }] }] } },
  })
})

test('the printed schema beside the code is the schema', () => {
  const file = join(import.meta.dirname, '..', '..', '..', '..', 'authz-server', 'config', 'authz-server.schema.json')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(CONFIG_SCHEMA)
})

describe('confirmation per resource server', () => {
  const withServer = (entry: string) => GOOD.replace('clients:\n', `  - ${entry}\nclients:\n`)
  test.each([
    ['an API that checks tokens itself', '{ id: "https://plain.example", name: Plain }', []],
    ['with the thumbprint alone', '{ id: "https://plain.example", name: Plain, confirmation: [jkt] }', []],
    ['with both', '{ id: "https://plain.example", name: Plain, confirmation: [jkt, jwk] }', []],
    [
      'with the key alone',
      '{ id: "https://plain.example", name: Plain, confirmation: [jwk] }',
      [expect.stringMatching(/:6:\d+ resource_servers\.1\.confirmation: this list .*\[jkt\] or \[jkt, jwk\]/)],
    ],
    ['with nothing', '{ id: "https://plain.example", name: Plain, confirmation: [] }', [expect.stringMatching(/this list .*\[jkt\] or \[jkt, jwk\]/)]],
    ['with something else', '{ id: "https://plain.example", name: Plain, confirmation: [x5t] }', [expect.anything(), expect.anything()]],
  ])('%s', (_, entry, problems) => {
    expect(problemsOf(withServer(entry))).toEqual(problems)
  })

  test('an API that introspects needs no feed if it says so', () => {
    const without = GOOD.replace('[uma_protection, feed]', '[uma_protection]')
    expect(problemsOf(without)).toEqual([
      expect.stringMatching(/needs the scope feed\. .*; for an API that is not behind a sidecar, write confirmation: \[jkt\] instead\./),
    ])
    expect(problemsOf(without.replace('client_id: sidecar-1 }', 'client_id: sidecar-1, confirmation: [jkt] }'))).toEqual([])
  })

  test('a sidecar with the thumbprint alone is warned of', () => {
    const loaded = loadConfig(GOOD.replace('client_id: sidecar-1 }', 'client_id: sidecar-1, confirmation: [jkt] }'))
    expect(loaded.ok && loaded.value.warnings.map((warning) => formatConfigError('a.yaml', warning))).toEqual([
      expect.stringMatching(/resource_servers\.0\.confirmation: a sidecar refuses/),
    ])
  })
})

test('TR55: proof_at_start is required or optional, for clients and for device types', () => {
  const withBoth = GOOD.replace('scopes: [openid] }', 'scopes: [openid], proof_at_start: required }').replace(
    '    resources:',
    '    proof_at_start: optional\n    resources:',
  )
  expect(problemsOf(withBoth)).toEqual([])
  expect(problemsOf(withBoth.replace('proof_at_start: optional', 'proof_at_start: never'))).toEqual([
    expect.stringMatching(/device_types\.0\.proof_at_start: "never" is not one of "required", "optional"\. Required or optional/),
  ])
})

test('a long address to type is warned of: 40 characters are good, 41 are not', () => {
  const at = (issuer: string) => {
    const loaded = loadConfig(GOOD.replace('http://127.0.0.1:9400', issuer))
    return loaded.ok ? loaded.value.warnings.map((warning) => formatConfigError('a.yaml', warning)) : 'refused'
  }
  expect(at(`https://${'k'.repeat(20)}.test`)).toEqual([])
  expect(at(`https://${'k'.repeat(21)}.test`)).toEqual([expect.stringMatching(/^a\.yaml:1:1 issuer: people type https:\/\/k+\.test\/device by hand: 41 /)])
})

describe('FA37: a bad configuration is refused, with file, place, option and remedy', () => {
  test.each([
    {
      title: 'an unknown option',
      from: 'data_directory:',
      to: 'data_dirctory:',
      expected: /^authz-server\.yaml:3:1 data_dirctory: unknown option "data_dirctory"\. Did you mean "data_directory"\? Known here: issuer, /m,
    },
    { title: 'an option of the wrong type', from: 'port: 9400', to: 'port: "x"', expected: /:2:\d+ listen\.port: "x" must be integer\. A port, 0 to 65535/ },
    { title: 'a missing option', from: 'data_directory: ./data\n', to: '', expected: /"data_directory" is missing/ },
    {
      title: 'an issuer with a path',
      from: 'issuer: http://127.0.0.1:9400',
      to: 'issuer: http://127.0.0.1:9400/',
      expected: /:1:1 issuer: .*is not an origin\. .*e\.g\. http:\/\/127\.0\.0\.1:9400\.$/m,
    },
    {
      title: 'an issuer with http in the open',
      from: 'issuer: http://127.0.0.1:9400',
      to: 'issuer: http://keys.example.org',
      expected: /issuer: .* Use https/,
    },
    {
      title: 'listening in the open without TLS',
      from: 'host: 127.0.0.1',
      to: 'host: 0.0.0.0',
      expected: /:2:\d+ listen\.host: "0\.0\.0\.0" is not loopback, and there is no tls\. Add listen\.tls/,
    },
    {
      title: 'TLS with an http issuer',
      from: 'port: 9400 }',
      to: 'port: 9400, tls: { certificate_file: a, key_file: b } }',
      expected: /issuer: .*is http, and listen\.tls serves https/,
    },
    { title: 'a private key', from: jwk(), to: jwk({ ...key.jwk, d: 'AAAA' }), expected: /:8:\d+ clients\.1\.jwk: this is a private key/ },
    { title: 'a service without a key', from: ` jwk: ${jwk()},`, to: '', expected: /clients\.1: private_key_jwt needs "jwk"/ },
    { title: 'an app with a power of services', from: '[openid]', to: '[openid, registry]', expected: /clients\.0\.scopes: "registry" is for services/ },
    {
      title: 'a client twice',
      from: 'client_id: band-app',
      to: 'client_id: sidecar-1',
      expected: /clients\.1\.client_id: "sidecar-1" is already clients\.0\.client_id|"sidecar-1" is already/,
    },
    {
      title: 'a resource server of no client',
      from: 'client_id: sidecar-1 }',
      to: 'client_id: sidecar-2 }',
      expected: /resource_servers\.0\.client_id: no client "sidecar-2"/,
    },
    {
      title: 'a sidecar without the feed',
      from: '[uma_protection, feed]',
      to: '[uma_protection]',
      expected: /resource_servers\.0\.client_id: client "sidecar-1" needs the scope feed/,
    },
    {
      title: 'a device type of no resource server',
      from: 'resource_server: http://127.0.0.1:9090',
      to: 'resource_server: http://127.0.0.1:9091',
      expected: /device_types\.0\.resource_server: no resource server/,
    },
    {
      title: 'a resource key without {device}',
      from: 'key: "{device}"',
      to: 'key: guitar',
      expected: /device_types\.0\.resources\.0\.key: "guitar" must match .*\. Its key in routes and rules; must contain \{device\}/,
    },
    { title: 'an option twice', from: 'data_directory: ./data', to: 'data_directory: ./data\ndata_directory: ./other', expected: /:4:1 .*appears twice/ },
    { title: 'text that is no YAML', from: 'issuer:', to: 'issuer: [', expected: /^authz-server\.yaml:\d+:\d+ / },
    { title: 'nothing at all', from: GOOD, to: '', expected: /must be object\. The configuration of the authz server/ },
  ])('$title', ({ from, to, expected }) => {
    expect(GOOD).toContain(from)
    expect(problemsOf(GOOD.replace(from, () => to)).join('\n')).toMatch(expected)
  })
})
