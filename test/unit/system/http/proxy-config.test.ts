// TR21, TR28, TR29: the new options of both configurations: old files are read as before, and what cannot work is refused with the remedy.
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../../authz-server/config/load-config.ts'
import { parseConfig } from '../../../../sidecar/config/parse-config.ts'
import { formatConfigError } from '../../../../system/config/option-fault.ts'
import { buildTrust } from '../../../../system/http/proxy-config.ts'

const AUTHZ = 'issuer: http://127.0.0.1:9400\ndata_directory: d\nresource_servers: []\nclients: []\ndevice_types: []\n'
const SIDECAR = `admin: { host: 127.0.0.1, port: 9091 }
public_origin: http://127.0.0.1:9090
upstream: http://127.0.0.1:8080
authz_server: { issuer: http://127.0.0.1:9400, client_id: s, key_file: k }
data_directory: d
routes: [{ method: GET, path: /a, resource: a, scope: read }]
`
const LISTEN = 'listen: { host: 127.0.0.1, port: 1 }\n'

function readAuthzServer(more: string, listen = LISTEN): readonly string[] {
  const loaded = loadConfig(AUTHZ + listen + more)
  return loaded.ok ? [] : loaded.error.map((error) => formatConfigError('a.yaml', error))
}
function readSidecar(more: string, listen = LISTEN): readonly string[] {
  const loaded = parseConfig(SIDECAR + listen + more)
  return loaded.ok ? [] : loaded.error.map((error) => formatConfigError('s.yaml', error))
}

describe.each([
  { program: 'authz server', read: readAuthzServer },
  { program: 'sidecar', read: readSidecar },
])('TR21: the $program', ({ read }) => {
  test.each([
    { title: 'none of them', more: '' },
    {
      title: 'all of them',
      more: 'trusted_proxies: [127.0.0.1, "::1", 10.0.0.0/8, "2001:db8::/32"]\nclient_address_header: forwarded\ndrain_seconds: 1\nlog_level: debug\n',
    },
    { title: 'the PROXY protocol', more: 'trusted_proxies: [127.0.0.1]\n', listen: 'listen: { host: 127.0.0.1, port: 1, proxy_protocol: true }\n' },
  ])('TR21: reads $title', ({ more, listen }) => {
    expect(read(more, listen)).toEqual([])
  })

  test.each([
    { more: 'trusted_proxies: [10.0.0.1/8]\n', expected: /trusted_proxies.*10\.0\.0\.0\/8/ },
    { more: 'trusted_proxies: [localhost]\n', expected: /trusted_proxies.*not a network/ },
    { more: 'trusted_proxies: ["::ffff:10.0.0.0/104"]\n', expected: /trusted_proxies.*10\.0\.0\.0\/8/ },
    { more: 'trusted_proxies: [0.0.0.0/0]\n', expected: /trusted_proxies.*every client/ },
    { more: 'trusted_proxies: ["::/0"]\n', expected: /trusted_proxies.*every client/ },
    { more: 'trusted_proxies: 127.0.0.1\n', expected: /trusted_proxies/ },
    { more: 'client_address_header: x-forwarded-for\n', expected: /client_address_header.*trusted_proxies/ },
    { more: 'trusted_proxies: [127.0.0.1]\nclient_address_header: x-real-ip\n', expected: /client_address_header/ },
    { more: 'drain_seconds: 0\n', expected: /drain_seconds/ },
    { more: 'drain_seconds: 1.5\n', expected: /drain_seconds/ },
    { more: 'log_level: trace\n', expected: /log_level/ },
    { more: '', listen: 'listen: { host: 127.0.0.1, port: 1, proxy_protocol: true }\n', expected: /proxy_protocol.*trusted_proxies/ },
  ])('TR21: refuses $more$listen', ({ more, listen, expected }) => {
    expect(read(more, listen)).toEqual([expect.stringMatching(expected)])
  })
})

test.each([
  { admin: '{ host: 127.0.0.1, port: 9401 }', expected: [] },
  { admin: '{ host: localhost, port: 0 }', expected: [] },
  { admin: '{ host: 0.0.0.0, port: 9401 }', expected: [expect.stringMatching(/admin\.host.*loopback/)] },
  { admin: '{ host: keys.example.org, port: 9401 }', expected: [expect.stringMatching(/admin\.host.*loopback/)] },
  { admin: '{ port: 9401 }', expected: [expect.stringMatching(/admin.*host/)] },
])('TR29: admin: $admin', ({ admin, expected }) => {
  expect(readAuthzServer(`admin: ${admin}\n`)).toEqual(expected)
})

test('TR21: a single address is a network of one', () => {
  expect(buildTrust({ listen: {}, trusted_proxies: ['127.0.0.1', '10.0.0.0/8'], client_address_header: 'forwarded' })).toEqual({
    networks: ['127.0.0.1/32', '10.0.0.0/8'],
    header: 'forwarded',
  })
})
