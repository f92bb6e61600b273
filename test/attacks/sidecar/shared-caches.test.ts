// TR09: no answer lets a shared cache speak in the sidecar's place, or changes the whole public origin for a browser, unless the operator says so.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keepPrivate } from '../../../sidecar/proxy/keep-private.ts'
import { statusOf } from '../../support/raw-socket.ts'
import { DEVICE, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

const TUNING = `/guitars/${DEVICE}/tuning`
const PAGE = 'https://app.example.test'

let rig: SidecarRig
beforeAll(async () => {
  rig = await startRig({ config: { cors: { origins: [PAGE] } } })
})
afterAll(() => rig.close())
beforeEach(() => rig.upstream.clear())

async function answerTo(lines: readonly string[], at: SidecarRig = rig, headers = ''): Promise<string> {
  at.upstream.answerWith(`HTTP/1.1 200 OK\r\n${lines.map((line) => `${line}\r\n`).join('')}Content-Length: 2\r\n\r\nok`)
  const answer = await at.call(at.device, 'GET', TUNING, { headers })
  expect(statusOf(answer)).toBe(200)
  return answer.split('\r\n\r\n')[0] ?? ''
}

const valuesOf = (answer: string, name: string): string[] => [...answer.matchAll(new RegExp(`^${name}: (.*)$`, 'gim'))].map(([, value = '']) => value.trim())

describe('TR09: instructions to caches and proxies on the way are dropped', () => {
  test.each([
    'CDN-Cache-Control: public, max-age=600',
    'cdn-cache-control: max-age=600',
    'Cloudflare-CDN-Cache-Control: max-age=600',
    'Vercel-CDN-Cache-Control: max-age=600',
    'Netlify-CDN-Cache-Control: public',
    'Fastly-CDN-Cache-Control: public',
    'Acme-CDN-Cache-Control: public',
    'X-Cache-Control: public',
    'X-LiteSpeed-Cache-Control: public,max-age=600',
    'Surrogate-Control: max-age=600',
    'Surrogate-Key: guitars',
    'Edge-Control: public',
    'Edge-Cache-Tag: guitars',
    'Cache-Tag: guitars',
    'Netlify-Vary: query',
    'X-Accel-Expires: 600',
    'X-Accel-Redirect: /secret',
    'X-Sendfile: /etc/passwd',
    'X-Reproxy-URL: http://127.0.0.1/secret',
    'Expires: Fri, 01 Jan 2100 00:00:00 GMT',
  ])('TR09: %s', async (line) => {
    const answer = await answerTo([line])
    expect(valuesOf(answer, line.split(':')[0] ?? '')).toEqual([])
    expect(valuesOf(answer, 'cache-control')).toEqual(['no-store'])
  })
  test('TR09: fields that say nothing to caches pass', async () => {
    const answer = await answerTo(['X-Accel-Buffering: no', 'X-Cache: MISS', 'Age: 0', 'ETag: "1"'])
    for (const line of ['X-Accel-Buffering: no', 'X-Cache: MISS', 'Age: 0', 'ETag: "1"']) expect(answer).toContain(line)
  })
})

describe('TR09: Cache-Control never lets a shared cache keep the answer', () => {
  test.each([
    ['public, max-age=600', 'private, max-age=600'],
    ['max-age=600', 'private, max-age=600'],
    ['Public', 'private'],
    ['s-maxage=60', 'private'],
    ['S-MaxAge = 60, max-age=5', 'private, max-age=5'],
    ['max-age=600, must-revalidate', 'private, max-age=600'],
    ['proxy-revalidate', 'private'],
    ['private="set-cookie", max-age=600', 'private, max-age=600'],
    ['private, public', 'private'],
    ['no-store, public', 'no-store'],
    ['public; max-age=600', 'private, max-age=600'],
    ['"public", max-age=1', 'private, max-age=1'],
    ['immutable,max-age=600,public', 'private, immutable, max-age=600'],
    ['', 'private'],
    [',,', 'private'],
    ['no-cache', 'private, no-cache'],
    ['private', 'private'],
    ['private,max-age=600', 'private,max-age=600'],
    ['no-store', 'no-store'],
    ['No-Store, max-age=0', 'No-Store, max-age=0'],
  ])('TR09: %j -> %j', (given, expected) => expect(keepPrivate(given)).toBe(expected))

  test('TR09: each line of its own', async () => {
    const answer = await answerTo(['Cache-Control: max-age=60', 'cache-control: public'])
    expect(valuesOf(answer, 'cache-control')).toEqual(['private, max-age=60', 'private'])
  })
})

describe('TR09: Vary names what decides, once', () => {
  test.each([
    [[], ['Authorization, Latchkey-Purpose']],
    [['Vary: Accept-Encoding'], ['Accept-Encoding', 'Authorization, Latchkey-Purpose']],
    [['Vary: accept, AUTHORIZATION'], ['accept, AUTHORIZATION', 'Latchkey-Purpose']],
    [
      ['Vary: authorization', 'vary: latchkey-purpose , Accept'],
      ['authorization', 'latchkey-purpose , Accept'],
    ],
    [['Vary: *'], ['*']],
    [['Vary: accept, *'], ['accept, *']],
  ])('TR09: %j -> %j', async (lines, expected) => {
    const values = valuesOf(await answerTo(lines), 'vary').map((value) => value.replace(/(?:^|, )Origin$/, ''))
    expect(values.filter((value) => value !== '')).toEqual(expected)
  })
  test('TR09: with what CORS adds, and not twice', async () => {
    expect(valuesOf(await answerTo([], rig, `Origin: ${PAGE}\r\n`), 'vary')).toEqual(['Authorization, Latchkey-Purpose, Origin'])
    expect(valuesOf(await answerTo(['Vary: origin']), 'vary')).toEqual(['origin', 'Authorization, Latchkey-Purpose'])
  })
  test('TR09: also without a body', async () => {
    rig.upstream.answerWith('HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')
    expect(valuesOf(await rig.call(rig.device), 'vary')).toEqual(['Authorization, Latchkey-Purpose, Origin'])
  })
})

describe('TR09: what would change the whole public origin', () => {
  const LINES = [
    'Strict-Transport-Security: max-age=31536000; includeSubDomains; preload',
    'Public-Key-Pins: pin-sha256="x"; max-age=5184000',
    'Public-Key-Pins-Report-Only: pin-sha256="x"',
    'Expect-CT: max-age=86400, enforce',
    'Alt-Svc: h3="evil.example:443"',
    'Clear-Site-Data: "*"',
    'NEL: {"report_to":"x","max_age":1}',
    'Report-To: {"group":"x"}',
    'Reporting-Endpoints: x="https://evil.example"',
    'Onion-Location: http://x.onion',
    'Service-Worker-Allowed: /',
  ]
  test.each(LINES)('TR09: %s does not pass', async (line) => {
    expect((await answerTo([line])).toLowerCase()).not.toContain(`\n${line.split(':')[0]?.toLowerCase()}:`)
  })
  test('TR09: passes where it is configured, and nothing else does', async () => {
    const other = await startRig({ upstreamOptions: { pass_answer_headers: ['Strict-Transport-Security', 'alt-svc', 'Surrogate-Key'] } })
    try {
      const answer = await answerTo([...LINES, 'Surrogate-Key: guitars', 'CDN-Cache-Control: public'], other)
      expect(answer).toContain(LINES[0])
      expect(answer).toContain(LINES[4])
      expect(answer).toContain('Surrogate-Key: guitars')
      expect(answer).not.toMatch(/public-key-pins|expect-ct|clear-site|nel:|report|onion|service-worker|cdn-cache/i)
    } finally {
      await other.close()
    }
  })
})
