// TR08: fields by which gateways tell an API who calls, from where, how, and what is really asked for do not pass from callers, whatever the product.
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createRequestFilter, isForUpstream } from '../../../sidecar/proxy/header-rules.ts'
import { statusOf } from '../../support/raw-socket.ts'
import { DEVICE, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

const TUNING = `/guitars/${DEVICE}/tuning`

const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  identity: [
    ...['Remote-User', 'Remote-Groups', 'Remote-Email', 'Remote-Name', 'X-Remote-User', 'X-Remote-Group', 'X-Remote-Extra-Scopes', 'X-Forwarded-User'],
    ...['X-Forwarded-Email', 'X-Forwarded-Groups', 'X-Forwarded-Preferred-Username', 'X-Forwarded-Access-Token', 'X-Auth-Request-User', 'X-Auth-Request-Email'],
    ...['X-Auth-User', 'X-Auth-Username', 'X-Auth-Roles', 'X-Auth-Groups', 'X-Authenticated-User', 'X-Authenticated-Userid', 'X-authentik-username'],
    ...['X-authentik-groups', 'X-authentik-uid', 'X-authentik-jwt', 'X-Authelia-User', 'X-Pomerium-Claim-Email', 'X-Pomerium-Jwt-Assertion', 'X-Vouch-User'],
    ...['X-Vouch-IdP-Claims-Name', 'X-WebAuth-User', 'X-WEBAUTH-ROLE', 'Tailscale-User-Login', 'Tailscale-User-Name', 'X-Consumer-ID', 'X-Consumer-Username'],
    ...['X-Anonymous-Consumer', 'X-Credential-Identifier', 'X-Userinfo', 'X-User', 'X-User-Id', 'X-User-Email', 'X-Username', 'X-Token-User', 'X-Grafana-User'],
    ...['X-Goog-Authenticated-User-Email', 'X-Goog-Authenticated-User-ID', 'X-Goog-IAP-JWT-Assertion', 'X-Endpoint-API-UserInfo', 'X-Apigateway-Api-Userinfo'],
    ...['X-Amzn-Oidc-Data', 'X-Amzn-Oidc-Identity', 'X-Amzn-Oidc-Accesstoken', 'X-MS-CLIENT-PRINCIPAL', 'X-MS-CLIENT-PRINCIPAL-ID', 'X-MS-TOKEN-AAD-ID-TOKEN'],
    ...['Cf-Access-Jwt-Assertion', 'Cf-Access-Authenticated-User-Email', 'X-Appengine-User-Email', 'X-Appengine-Inbound-Appid', 'Teleport-Jwt-Assertion'],
    ...['OIDC-CLAIM-sub', 'X-OIDC-Sub', 'Shib-Session-ID', 'X-Shib-Mail', 'X-SAML-NameID', 'Mellon-NAME-ID', 'iv-user', 'iv-groups', 'SM-USER', 'X-SSO-User'],
    ...['Impersonate-User', 'Impersonate-Group', 'Impersonate-Extra-scopes', 'X-JWT-Claim-Sub', 'X-Groups', 'X-Roles', 'X-Email', 'X-Identity', 'X-MSISDN'],
    ...['X-Group', 'X-Permission', 'X-Scope', 'X-Scope-OrgID', 'X-Hasura-Role', 'X-Grafana-Org-Id', 'X-Geo-Country', 'X-Country-Code'],
    ...['RemoteUser', 'X-RemoteUser', 'X-Authorized', 'Sudo', 'X-On-Behalf-Of', 'X-Act-As'],
  ],
  address: [
    ...['X-Forwarded-For', 'X-Forwarded', 'X-Forward-For', 'X-Forwarder-For', 'X-My-Forwarded-For', 'Forwarded', 'Forwarded-For', 'X-Real-IP', 'X-Real-Port'],
    ...['X-Originating-IP', 'X-Origin-IP', 'X-Original-Forwarded-For', 'X-Client-IP', 'X-ClientIP', 'Client-IP', 'X-Remote-IP', 'X-Remote-Addr', 'Remote-Addr'],
    ...['True-Client-IP', 'X-True-Client-IP', 'X-Cluster-Client-IP', 'Cluster-Client-IP', 'CF-Connecting-IP', 'CF-Connecting-IPv6', 'CF-Pseudo-IPv4'],
    ...[
      'CF-IPCountry',
      'Fastly-Client-IP',
      'Fastly-Temp-XFF',
      'X-Azure-ClientIP',
      'X-Azure-SocketIP',
      'X-Azure-FDID',
      'CloudFront-Viewer-Address',
      'Fly-Client-IP',
    ],
    ...['Cdn-Real-Ip', 'Cdn-Src-Ip', 'Ali-CDN-Real-IP', 'Akamai-Client-IP', 'Incap-Client-IP', 'X-Sucuri-ClientIP', 'X-NF-Client-Connection-IP'],
    ...[
      'X-Vercel-Forwarded-For',
      'DO-Connecting-IP',
      'EO-Connecting-IP',
      'X-Envoy-External-Address',
      'X-Appengine-User-IP',
      'X-ProxyUser-Ip',
      'Proxy-Client-IP',
    ],
    ...['WL-Proxy-Client-IP', 'HTTP-X-Forwarded-For', 'Http-Client-Ip', 'X-Custom-IP-Authorization', 'X-Source-IP', 'X-User-IP', 'X-IP', 'Real-IP'],
  ],
  scheme: [
    'X-Forwarded-Proto',
    'X-Forwarded-Scheme',
    'X-Forwarded-Protocol',
    'X-Forwarded-Ssl',
    'X-Forwarded-Port',
    'X-Scheme',
    'X-Url-Scheme',
    'Front-End-Https',
    'X-ARR-SSL',
    'CF-Visitor',
    'CloudFront-Forwarded-Proto',
    'WL-Proxy-SSL',
    'HTTPS',
    'X-HTTPS',
  ],
  host: [
    'X-Host',
    'X-Forwarded-Host',
    'X-Forwarded-Server',
    'X-Original-Host',
    'X-HTTP-Host-Override',
    'X-Backend-Host',
    'Disguised-Host',
    'X-Real-Host',
    'HTTP-Host',
    'Proxy-Host',
    'X-Originating-Host',
  ],
  path: [
    'X-Original-URL',
    'X-Original-URI',
    'X-Rewrite-URL',
    'X-Forwarded-Uri',
    'X-Forwarded-Prefix',
    'X-Forwarded-Path',
    'X-Replaced-Path',
    'X-Envoy-Original-Path',
    'X-Script-Name',
    'Request-Uri',
    'Base-Url',
  ],
  method: [
    'X-HTTP-Method',
    'X-HTTP-Method-Override',
    'X-Method-Override',
    'X-Method',
    'HTTP-Method-Override',
    'X-Original-Method',
    'X-Forwarded-Method',
    'X-HTTP-Verb',
    'Method-Override',
  ],
  certificate: [
    'SSL-Client-Cert',
    'SSL-Client-S-DN',
    'Ssl-Client-Verify',
    'X-SSL-Client-Cert',
    'X-SSL-CERT',
    'X-SSL-Client-DN',
    'Client-Cert',
    'Client-Cert-Chain',
    'X-Client-Cert',
    'X-Client-Verify',
    'X-Client-DN',
    'X-Forwarded-Client-Cert',
    'X-Forwarded-Tls-Client-Cert',
    'X-ARR-ClientCert',
    'X-Amzn-Mtls-Clientcert',
    'X-TLS-Client-Subject',
    'X-Subject-DN',
  ],
  own: ['Latchkey-Subject', 'Latchkey-Anything', 'X-Latchkey-Subject'],
}

const ORDINARY = [
  ...['User-Agent', 'Accept', 'Accept-Language', 'Content-Type', 'Content-MD5', 'If-Match', 'If-None-Match', 'Cookie', 'Range', 'Referer', 'Origin', 'From'],
  ...[
    'Cache-Control',
    'Prefer',
    'Priority',
    'Idempotency-Key',
    'Last-Event-ID',
    'Sec-Fetch-Site',
    'Sec-CH-UA',
    'Traceparent',
    'Tracestate',
    'Baggage',
    'X-B3-TraceId',
  ],
  ...[
    'X-Amzn-Trace-Id',
    'X-Cloud-Trace-Context',
    'X-Api-Key',
    'X-API-Version',
    'X-Auth-Token',
    'X-Auth-Key',
    'X-CSRF-Token',
    'X-Requested-With',
    'X-Correlation-Id',
  ],
  ...[
    'X-Client-Version',
    'X-Client-Name',
    'X-Client-Info',
    'X-Client-Data',
    'X-User-Agent',
    'X-User-Timezone',
    'X-Session-Id',
    'X-Device-Id',
    'X-Tenant-Id',
    'X-Role',
  ],
  ...['X-Amz-Date', 'X-Amz-Content-Sha256', 'X-MS-Version', 'X-MS-Blob-Type', 'X-Goog-Api-Key', 'X-Goog-Api-Client', 'X-GitHub-Event', 'X-Hub-Signature-256'],
  ...[
    'Upload-Offset',
    'Tus-Resumable',
    'DNT',
    'Signature',
    'Digest',
    'Depth',
    'Destination',
    'MCP-Session-Id',
    'X-Station',
    'constructor',
    'Zip',
    'Description',
  ],
]

let rig: SidecarRig
beforeAll(async () => {
  rig = await startRig({ upstreamOptions: { strip_headers: ['X-Role', 'X-Acme-*'], pass_headers: ['X-Client-Id', 'X-Geoip-*'] } })
})
afterAll(() => rig.close())
beforeEach(() => rig.upstream.clear())

const everyName = Object.values(FAMILIES).flat()

describe.each(Object.entries(FAMILIES))('TR08: %s', (family, names) => {
  test(`TR08: fields that say the ${family} do not pass, in any case`, async () => {
    for (let start = 0; start < names.length; start += 20) {
      const some = names.slice(start, start + 20)
      const lines = some.flatMap((name) => [name, name.toLowerCase(), name.toUpperCase()]).map((name) => `${name}: forged-by-caller\r\n`)
      expect(statusOf(await rig.call(rig.device, 'GET', TUNING, { headers: lines.join('') }))).toBe(200)
    }
    expect(rig.upstream.received().match(/^.*forged-by-caller.*$/gm)).toBeNull()
    expect(rig.upstream.requests()).toBe(Math.ceil(names.length / 20))
  })
})

test('TR08: ordinary fields pass', async () => {
  expect(ORDINARY.filter((name) => !isForUpstream(name))).toEqual([])
  const lines = ['X-Auth-Token: t1', 'X-Client-Version: v2', 'Traceparent: 00-a-b-01', 'X-API-Key: k3'].map((line) => `${line}\r\n`)
  expect(statusOf(await rig.call(rig.device, 'GET', TUNING, { headers: lines.join('') }))).toBe(200)
  for (const line of lines) expect(rig.upstream.received()).toContain(line)
})

test('TR08: the operator adds names and prefixes, and lets names back in', async () => {
  const lines = ['X-Role: r1', 'X-Acme-Tier: t2', 'X-Client-Id: c3', 'X-Geoip-Country: g4', 'X-Client-IP: i5', 'X-Acm: a6'].map((line) => `${line}\r\n`)
  expect(statusOf(await rig.call(rig.device, 'GET', TUNING, { headers: lines.join('') }))).toBe(200)
  expect(rig.upstream.received()).not.toMatch(/r1|t2|i5/)
  expect(rig.upstream.received()).toMatch(/X-Client-Id: c3\r\nX-Geoip-Country: g4\r\nX-Acm: a6/)
})

test('TR08: what the operator strips stays stripped, and what the sidecar says is never taken from a caller', () => {
  const passes = createRequestFilter({ strip: ['X-A'], pass: ['X-A', 'Latchkey-*', 'X-Forwarded-*', 'Authorization', 'X-Real-*'] })
  const names = [
    'X-A',
    'Latchkey-Subject',
    'X-Latchkey-Subject',
    'X-Forwarded-For',
    'X-Forwarded-Proto',
    'X-Forwarded-Host',
    'Authorization',
    'DPoP',
    'Host',
    'Connection',
    'Proxy',
  ]
  expect(names.filter(passes)).toEqual([])
  expect(passes('X-Real-IP')).toBe(true)
})

test('TR08: a family is matched whatever follows its beginning', () => {
  const prefix = fc.constantFrom(
    'X-Forwarded-',
    'Remote-',
    'X-Remote-',
    'X-authentik-',
    'X-Auth-Request-',
    'X-Pomerium-',
    'X-Vouch-',
    'Tailscale-',
    'CF-',
    'Fastly-',
    'X-Azure-',
    'X-Original-',
    'X-Rewrite-',
    'SSL-',
    'X-SSL-',
    'Client-Cert',
    'X-HTTP-Method',
    'X-Consumer-',
    'X-Real-',
    'X-Originating-',
    'True-Client-',
  )
  const suffix = fc.stringMatching(/^[A-Za-z0-9-]{1,20}$/)
  fc.assert(
    fc.property(prefix, suffix, (start, end) => {
      expect([start + end, isForUpstream(start + end)]).toEqual([start + end, false])
    }),
    { numRuns: 500 },
  )
  expect(everyName.length).toBeGreaterThan(150)
})
