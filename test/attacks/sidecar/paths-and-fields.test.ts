// P and F rows of the attack list: one path for route, log and upstream; and no field by which a caller could speak in the sidecar's place.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { sendRaw, statusOf } from '../../support/raw-socket.ts'
import { DEVICE, OWNER, refusalOf, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

let rig: SidecarRig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig.close())
afterEach(async () => {
  rig.upstream.clear()
  expect(statusOf(await rig.call(rig.device))).toBe(200)
  rig.upstream.clear()
})

const TUNING = `/guitars/${DEVICE}/tuning`

function expectNothingForwarded(answer: string, statuses: readonly number[]): void {
  expect(statuses).toContain(statusOf(answer))
  expect(rig.upstream.received()).toBe('')
}

async function get(path: string, headers = ''): Promise<string> {
  await rig.nonce()
  const credentials = rig.device.headers('GET', path.split('?', 1)[0] ?? '')
  return sendRaw(rig.origin, `GET ${path} HTTP/1.1\r\nHost: ${rig.host}\r\n${credentials}${headers}\r\n`)
}

describe('P01: dot segments in every spelling', () => {
  test.each([
    '/guitars/../admin',
    '/guitars/%2e%2e/admin',
    '/guitars/.%2e/admin',
    '/guitars/%2E./admin',
    '/guitars/./../admin',
    '/guitars/..;/admin',
    '/guitars/..%3b/admin',
    '/guitars/..%3Bx/admin',
    '/guitars/%2e%2e%3b/admin',
    '/guitars/%2e;x/admin',
    '/guitars/..',
    '/.',
  ])('%s', async (path) => expectNothingForwarded(await get(path), [400]))
  test('an escape that need not be there is one path for route, log and upstream', async () => {
    rig.audit.length = 0
    await rig.nonce()
    const answer = await sendRaw(rig.origin, `GET /guitars/%67uitar-0042/tuning HTTP/1.1\r\nHost: ${rig.host}\r\n${rig.device.headers('GET', TUNING)}\r\n`)
    expect(statusOf(answer)).toBe(200)
    expect(rig.upstream.received()).toContain(`GET ${TUNING} HTTP/1.1`)
    expect(rig.audit.at(-1)).toContain(`"path":"${TUNING}"`)
  })
})

describe('P04: empty segments', () => {
  test.each(['//admin', '///admin', '//evil.example/p', `/guitars//${DEVICE}/tuning`, `/${TUNING}`])('%s', async (path) =>
    expectNothingForwarded(await get(path), [400]),
  )
})

describe('P06: the query takes no part in the match', () => {
  test.each([`/admin?x=${TUNING}`, `/admin?${TUNING}`])('%s', async (path) => {
    expectNothingForwarded(await sendRaw(rig.origin, `GET ${path} HTTP/1.1\r\nHost: ${rig.host}\r\n\r\n`), [401])
    const answer = await get(path)
    expectNothingForwarded(answer, [403])
    expect(refusalOf(answer).error).toBe('insufficient_scope')
  })
  test('an escaped question mark is a part of the path', async () => expectNothingForwarded(await get('/admin%3f/status'), [404]))
  test('a query goes up as it came', async () => {
    expect(statusOf(await get(`${TUNING}?a=1&a=2&b=%2f..%2f`))).toBe(200)
    expect(rig.upstream.received()).toContain(`GET ${TUNING}?a=1&a=2&b=%2f..%2f HTTP/1.1`)
  })
})

describe('P08: bytes and escapes that no path holds', () => {
  test.each([
    '/%c0%ae%c0%ae/',
    '/%00',
    '/%0d%0aX:1',
    '/%zz',
    '/%',
    '/%2',
    '/%2fadmin',
    '/a%5cb',
    '/%252e%252e/admin',
    '/a\x01b',
    '/a\xe9b',
    '/a\x7fb',
    '/a\\b',
    '/a"b',
    '/a<b>',
    `/${'a'.repeat(15_000)}`,
    `/${'%ff'}`,
    `/a?${'b'.repeat(9_000)}`,
    '/a?b\x01',
    '/a?b\xe9',
  ])('%j', async (path) => {
    rig.audit.length = 0
    const answer = await sendRaw(rig.origin, `GET ${path} HTTP/1.1\r\nHost: ${rig.host}\r\n\r\n`)
    expectNothingForwarded(answer, [400, 414, 431])
    expect(rig.audit).toHaveLength(1)
    expect(rig.audit[0]?.match(/\n/g)).toHaveLength(1)
  })
})

describe('P11: methods', () => {
  test.each(['get', 'GETX', 'PROPFIND', 'LOCK', 'Post', 'M'.repeat(5000)])('%s', async (method) => {
    expectNothingForwarded(await sendRaw(rig.origin, `${method} ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n\r\n`), [400, 405, 431])
  })
  test('a method without a route for this path', async () => {
    const answer = await sendRaw(rig.origin, `PATCH ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n\r\n`)
    expectNothingForwarded(answer, [405])
    expect(answer).toMatch(/allow: GET, HEAD, DELETE/i)
  })
})

/** The values of that header that the upstream got. */
function upstreamValues(name: string): string[] {
  return [...rig.upstream.received().matchAll(new RegExp(`^${name}: (.*)\r$`, 'gim'))].map(([, value = '']) => value)
}

describe('F01: look-alikes of the sidecar’s own fields', () => {
  test.each(['Latchkey_Subject', 'LATCHKEY_SUBJECT', 'Latchkey.Subject', 'X_Forwarded_For', 'X-Forwarded_For'])('%s is refused', async (name) => {
    expectNothingForwarded(await get(TUNING, `${name}: admin\r\n`), [400])
  })
  test.each(['Latchkey-Subject', 'latchkey-subject', 'LATCHKEY-DEVICE', 'Latchkey-Scope', 'Latchkey-Anything', 'X-Latchkey-Subject'])(
    '%s is replaced or removed',
    async (name) => {
      expect(statusOf(await get(TUNING, `${name}: admin\r\n${name}: root\r\n`))).toBe(200)
      expect(upstreamValues('Latchkey-Subject')).toEqual([OWNER])
      expect(upstreamValues('Latchkey-Device')).toEqual([DEVICE])
      expect(rig.upstream.received()).not.toMatch(/: (?:admin|root)\r/)
    },
  )
})

test('F03: Connection cannot take away what the sidecar says', async () => {
  expect(statusOf(await get(TUNING, 'Connection: close, Latchkey-Subject, X-Forwarded-For, X-Request-Id\r\n'))).toBe(200)
  expect(upstreamValues('Latchkey-Subject')).toEqual([OWNER])
  expect(upstreamValues('X-Forwarded-For')).toEqual(['127.0.0.1'])
  expect(upstreamValues('X-Forwarded-Host')).toEqual([rig.host])
  expect(upstreamValues('X-Request-Id')).toHaveLength(1)
})

describe('F04: fields that name another address or method', () => {
  const fields = [
    'X-Forwarded-Uri',
    'X-Original-URL',
    'X-Rewrite-URL',
    'X-Original-Method',
    'X-HTTP-Method-Override',
    'X-Forwarded-Prefix',
    'Forwarded',
    'X-Real-IP',
  ]
  test.each(fields)('%s', async (name) => {
    expectNothingForwarded(await sendRaw(rig.origin, `GET /admin HTTP/1.1\r\nHost: ${rig.host}\r\n${name}: ${TUNING}\r\n\r\n`), [401])
    expect(statusOf(await get(TUNING, `${name}: /admin\r\n`))).toBe(200)
    expect(rig.upstream.received()).not.toContain('/admin')
  })
})

describe('F08: fields that stand once', () => {
  test.each([
    'Content-Type: a/b\r\nContent-Type: c/d',
    'Origin: a\r\nOrigin: b',
    'Content-Encoding: gzip\r\nContent-Encoding: br',
    'Range: bytes=0-1\r\nRange: bytes=2-3',
  ])('%j', async (lines) => {
    expectNothingForwarded(await get(TUNING, `${lines}\r\n`), [400])
  })
  test('fields that may repeat go up line by line', async () => {
    expect(statusOf(await get(TUNING, 'X-Role: user\r\nX-Role: admin\r\n'))).toBe(200)
    expect(upstreamValues('X-Role')).toEqual(['user', 'admin'])
  })
})

describe('F10: no caller is a health check', () => {
  test.each(['User-Agent: kube-probe/1.29', 'User-Agent: GoogleHC/1.0', 'User-Agent: '])('%s', async (line) => {
    expectNothingForwarded(await sendRaw(rig.origin, `GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n${line}\r\n\r\n`), [401])
  })
  test('health has its own listener, by exact path', async () => {
    expectNothingForwarded(await get('/healthz'), [404])
    const paths: [string, number][] = [
      ['/healthz', 200],
      ['/readyz', 200],
      ['/metrics', 200],
      ['/healthz/', 404],
      ['/healthz/../admin', 404],
      ['/admin', 404],
      ['/healthz?x', 404],
    ]
    for (const [path, status] of paths)
      expect(statusOf(await sendRaw(rig.adminOrigin, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`))).toBe(status)
    expect(rig.upstream.received()).toBe('')
  })
})

describe('F12: the host is exactly ours', () => {
  test.each(['evil127.0.0.1:1', '127.0.0.1.evil', '127.0.0.1:99999', '127.0.0.1', 'localhost', '127.0.0.1.:80', '[::1]'])('%s', async (host) => {
    expectNothingForwarded(await sendRaw(rig.origin, `GET ${TUNING} HTTP/1.1\r\nHost: ${host}\r\n\r\n`), [400, 421])
  })
})

test('F14: names of Object’s own members are names like others', async () => {
  const lines = ['__proto__: x', 'constructor: y', 'hasOwnProperty: z', 'toString: w']
  expectNothingForwarded(await get(TUNING, `${lines[0]}\r\n`), [400])
  expect(statusOf(await get(TUNING, `${lines.slice(1).join('\r\n')}\r\n${'constructor: v\r\n'.repeat(50)}`))).toBe(200)
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(upstreamValues('constructor')).toHaveLength(51)
})

test('credentials do not go up', async () => {
  expect(statusOf(await get(TUNING))).toBe(200)
  expect(rig.upstream.received()).not.toMatch(/authorization|dpop/i)
  expect(rig.upstream.received()).not.toContain(rig.device.token.slice(0, 30))
})
