// TR10: a caller that follows what an answer says stays with the sidecar: the API's own address does not get out in a field of the head.
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAddressRewriter } from '../../../sidecar/proxy/own-addresses.ts'
import { type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

const PUBLIC = 'https://api.example.test'
const { rewrite, rewriteRefresh, rewriteLinks, rewriteCookie } = createAddressRewriter({
  publicOrigin: PUBLIC,
  upstream: 'http://guitars.internal',
  ownOrigins: ['http://10.0.0.5:8080'],
})
const local = createAddressRewriter({ publicOrigin: PUBLIC, upstream: 'http://127.0.0.1:8080', ownOrigins: [] })

describe('TR10: Location', () => {
  test.each([
    ['http://guitars.internal/x?y=1#z', `${PUBLIC}/x?y=1#z`],
    ['http://guitars.internal', `${PUBLIC}/`],
    ['http://guitars.internal/', `${PUBLIC}/`],
    ['http://guitars.internal?q', `${PUBLIC}/?q`],
    ['http://guitars.internal#f', `${PUBLIC}/#f`],
    ['http://guitars.internal:80/x', `${PUBLIC}/x`],
    ['http://guitars.internal:/x', `${PUBLIC}/x`],
    ['https://guitars.internal/x', `${PUBLIC}/x`],
    ['https://guitars.internal:443/x', `${PUBLIC}/x`],
    ['https://guitars.internal:80/x', `${PUBLIC}/x`],
    ['HTTP://Guitars.Internal/x', `${PUBLIC}/x`],
    ['//guitars.internal/x', `${PUBLIC}/x`],
    ['//GUITARS.internal:80/x', `${PUBLIC}/x`],
    ['http://guitars.internal./x', `${PUBLIC}/x`],
    ['http://admin:secret@guitars.internal/x', `${PUBLIC}/x`],
    ['http://guitars%2Einternal/x', `${PUBLIC}/x`],
    ['http:\\\\guitars.internal\\x', `${PUBLIC}/x`],
    ['/\\guitars.internal/x', `${PUBLIC}/x`],
    ['///guitars.internal/x', `${PUBLIC}/x`],
    ['http:///guitars.internal/x', `${PUBLIC}/x`],
    [' http://guitars.internal/x ', `${PUBLIC}/x`],
    ['ht\ttp://guitars.internal/x', `${PUBLIC}/x`],
    ['http://guitars.internal/a/../b/%2e%2E/c%2Fd', `${PUBLIC}/a/../b/%2e%2E/c%2Fd`],
    ['http://guitars.internal/?next=http://guitars.internal/', `${PUBLIC}/?next=http://guitars.internal/`],
    ['http:guitars.internal/x', `${PUBLIC}/x`],
    ['http:/guitars.internal/x', `${PUBLIC}/x`],
    ['ws://guitars.internal/events', 'wss://api.example.test/events'],
    ['http://10.0.0.5:8080/x', `${PUBLIC}/x`],
    ['http://10.0.0.5:08080/x', `${PUBLIC}/x`],
    ['http://0x0a000005:8080/x', `${PUBLIC}/x`],
    ['http://api.example.test/x', `${PUBLIC}/x`],
    [`${PUBLIC}/x`, `${PUBLIC}/x`],
  ])('TR10: %j -> %j', (given, expected) => expect(rewrite(given)).toBe(expected))

  test.each([
    '/x',
    'x/y',
    '../x',
    '?q=http://guitars.internal/',
    '#f',
    '',
    'https://other.example/http://guitars.internal/',
    'http://guitars.internal.evil.example/x',
    'http://evil.example:80@other.example/x',
    'http://guitars.internal:8080/x',
    'http://10.0.0.5/x',
    'http://xguitars.internal/',
    'https:guitars.internal/x',
    'https:/guitars.internal/x',
    'mailto:a@guitars.internal',
    'myapp://guitars.internal/x',
    'http://[bad/x',
  ])('TR10: %j stays as it is', (value) => expect(rewrite(value)).toBe(value))

  test.each([
    'http://127.0.0.1:8080/x',
    'http://localhost:8080/x',
    'http://[::1]:8080/x',
    'http://127.1:8080/x',
    'http://2130706433:8080/x',
    'http://[::ffff:127.0.0.1]:8080/x',
    'http://0.0.0.0:8080/x',
    'https://LOCALHOST:8080/x',
  ])('TR10: %s is this machine by another name', (value) => expect(local.rewrite(value)).toBe(`${PUBLIC}/x`))
  test.each(['http://localhost:9090/x', 'http://localhost/x', 'http://127.0.0.2:8081/x'])('TR10: %s is another service of this machine', (value) => {
    expect(local.rewrite(value)).toBe(value)
  })

  test('TR10: whatever is written, a browser that reads the result does not go to the API', () => {
    const part = fc.constantFrom(
      'http:',
      'https:',
      'HTTP:',
      '//',
      '/',
      '\\',
      '\\\\',
      'guitars.internal',
      'Guitars.Internal.',
      ':80',
      ':443',
      ':',
      'u:p@',
      '@',
      '/x',
      '?q',
      '#f',
      ' ',
      '\t',
      '..',
      'evil.example',
      '10.0.0.5:8080',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const written = rewrite(parts.join(''))
        if (!URL.canParse(written, `${PUBLIC}/a/b`)) return
        const { protocol, hostname, port } = new URL(written, `${PUBLIC}/a/b`)
        if (/^https?:/.test(protocol)) expect(['', '80', '443'].includes(port) && hostname.replace(/\.$/, '') === 'guitars.internal').toBe(false)
      }),
      { numRuns: 500 },
    )
  })
})

describe('TR10: Refresh, Link and Set-Cookie', () => {
  test.each([
    ['5; url=http://guitars.internal/x', `5; url=${PUBLIC}/x`],
    ['0;URL=http://guitars.internal/x', `0;URL=${PUBLIC}/x`],
    ["5; url='http://guitars.internal/x'", `5; url='${PUBLIC}/x'`],
    ['5; url="//guitars.internal/x"; y', `5; url="${PUBLIC}/x"; y`],
    ['5, url = http://guitars.internal/x', `5, url = ${PUBLIC}/x`],
    ['5 http://guitars.internal/x', `5 ${PUBLIC}/x`],
    ['5; http://guitars.internal/x', `5; ${PUBLIC}/x`],
    ['5', '5'],
    ['5; url=/x', '5; url=/x'],
    ['5; url=https://other.example/x', '5; url=https://other.example/x'],
  ])('TR10: Refresh: %j', (given, expected) => expect(rewriteRefresh(given)).toBe(expected))
  test.each([
    [
      '<http://guitars.internal/x?page=2>; rel="next", <https://other.example/>; rel=help',
      `<${PUBLIC}/x?page=2>; rel="next", <https://other.example/>; rel=help`,
    ],
    ['<//guitars.internal/style.css>;rel=preload', `<${PUBLIC}/style.css>;rel=preload`],
    ['</x>; rel=self; anchor="http://guitars.internal/y"', `</x>; rel=self; anchor="${PUBLIC}/y"`],
    ['</x>; rel=self', '</x>; rel=self'],
  ])('TR10: Link: %j', (given, expected) => expect(rewriteLinks(given)).toBe(expected))
  test.each([
    ['s=1; Domain=guitars.internal; Path=/', 's=1; Path=/'],
    ['s=1; domain=.GUITARS.internal.;Secure', 's=1;Secure'],
    ['s=1; Path=/; Domain=10.0.0.5', 's=1; Path=/'],
    ['s=1; Domain=example.test', 's=1; Domain=example.test'],
    ['domain=guitars.internal; Path=/', 'domain=guitars.internal; Path=/'],
  ])('TR10: Set-Cookie: %j', (given, expected) => expect(rewriteCookie(given)).toBe(expected))
  test('TR10: long hostile values take no time worth speaking of', () => {
    const started = process.cpuUsage()
    for (const text of [
      ' '.repeat(32_000),
      '<'.repeat(32_000),
      `5${' '.repeat(32_000)}x`,
      `;${' '.repeat(32_000)}`,
      '; anchor'.repeat(4_000),
      '; domain='.repeat(4_000),
      '\\'.repeat(32_000),
    ]) {
      for (const change of [rewrite, rewriteRefresh, rewriteLinks, rewriteCookie]) change(text)
    }
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(2_000)
  })
})

describe('TR10: through the sidecar', () => {
  let rig: SidecarRig
  let untouched: SidecarRig
  beforeAll(async () => {
    rig = await startRig({ upstreamOptions: { own_origins: ['http://guitars.internal:8080'] } })
    untouched = await startRig({ upstreamOptions: { rewrite_locations: false } })
  })
  afterAll(() => Promise.all([rig.close(), untouched.close()]))
  beforeEach(() => rig.upstream.clear())

  const linesFor = (origin: string): readonly string[] => [
    `Location: ${origin}/x/`,
    `Content-Location: ${origin}/x/1`,
    `Operation-Location: ${origin}/operations/1`,
    `Refresh: 5; url=${origin}/x`,
    `Link: <${origin}/x?page=2>; rel="next"`,
    `SourceMap: ${origin}/x.map`,
    `X-Next-Page: ${origin}/x?page=2`,
    `WWW-Authenticate: Bearer realm="api", resource_metadata="${origin}/.well-known/oauth-protected-resource"`,
  ]
  async function answerTo(lines: readonly string[], at: SidecarRig): Promise<string> {
    at.upstream.answerWith(`HTTP/1.1 301 Moved Permanently\r\n${lines.map((line) => `${line}\r\n`).join('')}Content-Length: 0\r\n\r\n`)
    return at.call(at.device)
  }

  test('TR10: every field that names the API names the public origin instead', async () => {
    for (const origin of [rig.upstream.origin, rig.upstream.origin.replace('127.0.0.1', 'LocalHost'), 'http://guitars.internal:8080']) {
      const answer = await answerTo(linesFor(origin), rig)
      for (const line of linesFor(rig.origin)) expect(answer).toContain(`${line}\r\n`)
      expect(answer).not.toContain(origin)
    }
  })
  test('TR10: an address elsewhere passes byte for byte', async () => {
    const answer = await answerTo(linesFor('https://other.example'), rig)
    for (const line of linesFor('https://other.example')) expect(answer).toContain(`${line}\r\n`)
  })
  test('TR10: nothing is changed where the operator switches it off', async () => {
    const lines = linesFor(untouched.upstream.origin)
    const answer = await answerTo(lines, untouched)
    for (const line of lines) expect(answer).toContain(`${line}\r\n`)
  })
})
