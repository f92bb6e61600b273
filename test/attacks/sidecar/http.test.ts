// H rows of the attack list: what two readers could read as different requests is refused, and the upstream sees no byte of it.
import type { Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openRaw, sendRaw, statusOf, until } from '../../support/raw-socket.ts'
import { DEVICE, refusalOf, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

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

const NOTES = `/guitars/${DEVICE}/notes`
const TUNING = `/guitars/${DEVICE}/tuning`
const SMUGGLED = 'GET /admin HTTP/1.1\r\nHost: x\r\n\r\n'

/** A request that is right in all but the lines given. */
async function send(
  lines: string,
  options: { readonly method?: string; readonly path?: string; readonly body?: string; readonly hasHost?: boolean } = {},
): Promise<string> {
  const { method = 'POST', path = NOTES, body = '', hasHost = true } = options
  await rig.nonce()
  const host = hasHost ? `Host: ${rig.host}\r\n` : ''
  return sendRaw(rig.origin, `${method} ${path} HTTP/1.1\r\n${host}${rig.device.headers(method, path)}${lines}\r\n${body}`)
}

function expectNothingForwarded(answer: string, statuses: readonly number[]): void {
  expect(statuses).toContain(statusOf(answer))
  expect(rig.upstream.received()).toBe('')
  expect(answer).not.toMatch(/at \w+ \(|node_modules|\/sidecar\//)
}

describe('H01: a length and a transfer encoding', () => {
  test.each([
    `Content-Length: 45\r\nTransfer-Encoding: chunked\r\n`,
    `Transfer-Encoding: chunked\r\nContent-Length: 45\r\n`,
    `Content-Length: 45\r\nTransfer-Encoding: Chunked\r\n`,
    `Content-Length: 0\r\nTransfer-Encoding: chunked\r\n`,
  ])('%j', async (lines) => {
    const answer = await send(lines, { body: `0\r\n\r\n${SMUGGLED}` })
    expectNothingForwarded(answer, [400])
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(answer).toMatch(/connection: close/i)
  })
})

describe('H05: a transfer encoding that is not exactly "chunked"', () => {
  test.each([
    ',chunked',
    'chunked,',
    'gzip, chunked',
    'xchunked',
    'chunked;a=1',
    '\x0bchunked',
    '\x0cchunked',
    '\xa0chunked',
    'chunked\xa0',
    'identity',
    'chunked, identity',
    'chunked, chunked',
    '"chunked"',
    '',
  ])('%j', async (value) => {
    expectNothingForwarded(await send(`Transfer-Encoding: ${value}\r\n`, { body: `0\r\n\r\n${SMUGGLED}` }), [400, 501])
  })
  test.each([
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n',
    'Transfer-Encoding:\r\n chunked\r\n',
  ])('lines %j', async (lines) => {
    expectNothingForwarded(await send(lines, { body: `0\r\n\r\n${SMUGGLED}` }), [400, 501])
  })
})

describe('H07: a length that is not one plain number', () => {
  test.each([
    'Content-Length: 5\r\nContent-Length: 5',
    'Content-Length: 5\r\nContent-Length: 6',
    'Content-Length: 1, 1',
    'Content-Length: +1',
    'Content-Length: 0x1',
    'Content-Length: 1_0',
    'Content-Length: ',
    'Content-Length: 1 2',
    'Content-Length: -0',
    'Content-Length: 01',
    'Content-Length: 00',
    'Content-Length: 5a',
  ])('%j', async (line) => {
    const answer = await send(`${line}\r\n`, { body: 'hello' })
    expectNothingForwarded(answer, [400])
    expect(answer).toMatch(/connection: close/i)
  })
})

describe('TR07: a length that no number holds exactly is read from its text', () => {
  test.each(['9007199254740992', '9007199254740993', '12345678901234567890', '18446744073709551616', '1'.repeat(400)])('TR07: %s is 413', async (length) => {
    const answer = await send(`Content-Length: ${length}\r\n`, { body: 'hello' })
    expectNothingForwarded(answer, [413])
    expect(answer).toMatch(/connection: close/i)
  })
  test('TR07: the largest exact one goes up as it is', async () => {
    await rig.nonce()
    const client = await openRaw(rig.origin)
    client.send(`POST ${NOTES} HTTP/1.1\r\nHost: ${rig.host}\r\n${rig.device.headers('POST', NOTES)}Content-Length: 9007199254740991\r\n\r\nhello`)
    await until(() => rig.upstream.received().includes('hello'))
    expect(rig.upstream.received()).toMatch(/\r\ncontent-length: 9007199254740991\r\n/i)
    client.close()
  })
})

describe('H08: a chunk that is broken after the head went up', () => {
  test.each([
    '5\nhello\r\n0\r\n\r\n',
    '5\rhello\r\n0\r\n\r\n',
    '1;\nx\r\n0\r\n\r\n',
    '1;a\rx\r\n0\r\n\r\n',
    '0x1\r\nx\r\n0\r\n\r\n',
    '-1\r\nx\r\n0\r\n\r\n',
    '+1\r\nx\r\n0\r\n\r\n',
    '1_0\r\nx\r\n0\r\n\r\n',
    '11111111111111111\r\nx\r\n0\r\n\r\n',
    '5\r\nhello77\r\n0\r\n\r\n',
    '5\r\nhello0\r\n\r\n',
    '5 x\r\nhello\r\n0\r\n\r\n',
  ])('%j', async (body) => {
    await rig.nonce()
    // The upstream does not respond before it has the whole body, as is usual.
    let carrier: Socket | undefined
    rig.upstream.answerWith((socket) => {
      carrier = socket
    })
    rig.audit.length = 0
    const client = await openRaw(rig.origin)
    client.send(`POST ${NOTES} HTTP/1.1\r\nHost: ${rig.host}\r\n${rig.device.headers('POST', NOTES)}Transfer-Encoding: chunked\r\n\r\n`)
    client.send(`${body}${SMUGGLED}`)
    const answer = await client.waitForEnd()
    expect([0, 400]).toContain(statusOf(answer))
    await until(() => carrier === undefined || carrier.destroyed)
    expect(rig.audit).toHaveLength(1)
    expect(rig.audit[0]).toContain('malformed_request')
    expect(rig.upstream.requests()).toBeLessThanOrEqual(1)
    expect(rig.upstream.received()).not.toContain('/admin')
    expect(rig.upstream.received()).not.toContain('\r\n0\r\n\r\n')
  })
})

describe('H11: an upgrade to cleartext HTTP/2', () => {
  test('with the upgrade named by Connection: refused', async () => {
    const answer = await send('Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nConnection: Upgrade, HTTP2-Settings\r\n', { method: 'GET', path: TUNING })
    expectNothingForwarded(answer, [400])
  })
  test('without: its fields are not passed on', async () => {
    const answer = await send('Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n', { method: 'GET', path: TUNING })
    expect(statusOf(answer)).toBe(200)
    expect(rig.upstream.received()).not.toMatch(/upgrade|http2-settings/i)
  })
})

describe('H13: WebSocket', () => {
  const UPGRADE = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
  const open = (path: string, headers: string) => sendRaw(rig.origin, `GET ${path} HTTP/1.1\r\nHost: ${rig.host}\r\n${UPGRADE}${headers}\r\n`)

  test('without a token', async () => expectNothingForwarded(await open(TUNING, ''), [401]))
  test('with a bound token and no proof', async () => expectNothingForwarded(await open(TUNING, `Authorization: DPoP ${rig.device.token}\r\n`), [401]))
  test('with a token in the address alone', async () => expectNothingForwarded(await open(`${TUNING}?access_token=${rig.device.token}`, ''), [401]))
  test('with token and proof it is a clear no, never a 101', async () => {
    await rig.nonce()
    const answer = await open(TUNING, rig.device.headers('GET', TUNING))
    expectNothingForwarded(answer, [501])
    expect(refusalOf(answer).error).toBe('upgrade_not_supported')
  })
})

describe('H14: expectations', () => {
  test('a denied POST gets its refusal before any 100, and what follows is no request', async () => {
    const answer = await sendRaw(
      rig.origin,
      `POST ${NOTES} HTTP/1.1\r\nHost: ${rig.host}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello${SMUGGLED.replace('Host: x', `Host: ${rig.host}`)}`,
    )
    expectNothingForwarded(answer, [401])
    expect(answer).not.toContain('100 Continue')
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
  })
  test('an unknown expectation', async () => expectNothingForwarded(await send('Expect: y 100-continue\r\nContent-Length: 5\r\n', { body: 'hello' }), [417]))
  test('an allowed POST gets its 100 and is forwarded whole, without the expectation', async () => {
    rig.upstream.answerWith((socket) => setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), 100))
    await rig.nonce()
    const client = await openRaw(rig.origin)
    client.send(`POST ${NOTES} HTTP/1.1\r\nHost: ${rig.host}\r\n${rig.device.headers('POST', NOTES)}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`)
    await client.waitFor('100 Continue')
    client.send('hello')
    await client.waitFor('HTTP/1.1 200')
    expect(rig.upstream.received()).toMatch(/content-length: 5\r\n/i)
    expect(rig.upstream.received()).toMatch(/hello$/)
    expect(rig.upstream.received()).not.toMatch(/expect/i)
    client.close()
  })
})

describe('H16: white space around names, and folded lines', () => {
  test.each([' Content-Length: 5', 'X-A: 1\r\n Content-Length: 5', 'Content-Length : 5', 'X-A: 1\r\n folded', 'X-A: 1\r\n\tfolded'])('%j', async (line) => {
    expectNothingForwarded(await send(`${line}\r\n`, { body: 'hello' }), [400])
  })
  test('as the first line of all', async () => {
    expectNothingForwarded(await sendRaw(rig.origin, `POST ${NOTES} HTTP/1.1\r\n Content-Length: 5\r\nHost: ${rig.host}\r\n\r\nhello`), [400])
  })
})

describe('H17: bytes that no header holds', () => {
  test.each(['X-A: a\rb', 'X-A: a\0b', 'X-A: a\nX-B: b', ': empty', 'no colon here', 'X-\x85A: 1', 'X A: 1', 'X\0A: 1', 'X-A\r: 1', 'X(A): 1'])(
    '%j',
    async (line) => {
      expectNothingForwarded(await send(`${line}\r\nContent-Length: 0\r\n`), [400])
    },
  )
  test('a head that ends with CR and another byte', async () => {
    expectNothingForwarded(await sendRaw(rig.origin, `GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n\rX`), [400])
  })
})

describe('H19: where the request goes is not the request’s to say', () => {
  test.each([
    ['two Host lines', () => `Host: ${rig.host}\r\nHost: ${rig.host}\r\n`],
    ['two hosts in one', () => `Host: ${rig.host}, other\r\n`],
    ['a user', () => `Host: a@${rig.host}\r\n`],
    ['a path', () => `Host: ${rig.host}/x\r\n`],
    ['empty', () => 'Host: \r\n'],
    ['absent', () => ''],
  ])('%s', async (_, host) => {
    expectNothingForwarded(await send(host(), { method: 'GET', path: TUNING, hasHost: false }), [400])
  })
  test.each(['http://evil.example/', 'http://x@169.254.169.254/', 'evil.example:80', '*', 'guitars', '/a#b', '\\\\evil'])('target %s', async (target) => {
    expectNothingForwarded(await sendRaw(rig.origin, `GET ${target} HTTP/1.1\r\nHost: ${rig.host}\r\n\r\n`), [400])
  })
  test('absolute form for our own host', async () => {
    expectNothingForwarded(await sendRaw(rig.origin, `GET ${rig.origin}${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n\r\n`), [400])
  })
  test('CONNECT and TRACE', async () => {
    expectNothingForwarded(await sendRaw(rig.origin, `CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n`), [405])
    expectNothingForwarded(await send('', { method: 'TRACE', path: TUNING }), [405])
  })
  test.each(['HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/1.2'])('%s', async (version) => {
    expectNothingForwarded(
      await sendRaw(rig.origin, `GET ${TUNING} ${version}\r\nHost: ${rig.host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
      [400, 505],
    )
  })
})

test('H21: 300 requests at once on one connection: each judged alone, answered in order, one forwarded', async () => {
  await rig.nonce()
  const other = rig.caller({ sub: 'person-mallory', scope: 'read' })
  const get = (path: string, headers: string) => `GET ${path} HTTP/1.1\r\nHost: ${rig.host}\r\n${headers}\r\n`
  const requests = Array.from({ length: 299 }, (_, index) =>
    get(`/nowhere/${index}`, (index % 2 === 0 ? other : rig.device).headers('GET', `/nowhere/${index}`)),
  )
  const client = await openRaw(rig.origin)
  client.send(get(TUNING, rig.device.headers('GET', TUNING)) + requests.join(''))
  await until(() => (client.received().match(/HTTP\/1\.1 \d{3}/g) ?? []).length === 300, 5000)
  const statuses = client.received().match(/HTTP\/1\.1 \d{3}/g) ?? []
  expect(statuses[0]).toBe('HTTP/1.1 200')
  expect(new Set(statuses.slice(1))).toEqual(new Set(['HTTP/1.1 404']))
  expect(rig.upstream.requests()).toBe(1)
  client.close()
})

test('H21: forwarded requests of one connection never run at the same time', async () => {
  let running = 0
  let most = 0
  rig.upstream.answerWith((socket) => {
    running += 1
    most = Math.max(most, running)
    setTimeout(() => {
      running -= 1
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    }, 5)
  })
  await rig.nonce()
  const client = await openRaw(rig.origin)
  client.send(Array.from({ length: 40 }, () => `GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n${rig.device.headers('GET', TUNING)}\r\n`).join(''))
  await until(() => (client.received().match(/HTTP\/1\.1 200/g) ?? []).length === 40, 5000)
  expect(most).toBeLessThanOrEqual(16)
  client.close()
})

describe('H23: two credentials', () => {
  test.each([
    ['two lines', () => `Authorization: DPoP ${rig.device.token}\r\nAuthorization: DPoP other\r\n`, TUNING],
    ['one line with a comma', () => `Authorization: DPoP ${rig.device.token}, DPoP other\r\n`, TUNING],
    ['a line and the address', () => `Authorization: DPoP ${rig.device.token}\r\n`, `${TUNING}?access_token=x`],
    ['a line and the address, escaped', () => `Authorization: DPoP ${rig.device.token}\r\n`, `${TUNING}?a=1&%61ccess_token=x`],
  ])('%s', async (_, lines, path) => {
    const answer = await sendRaw(rig.origin, `GET ${path} HTTP/1.1\r\nHost: ${rig.host}\r\n${lines()}\r\n`)
    expectNothingForwarded(answer, [400])
    expect(refusalOf(answer).error).toBe('invalid_request')
  })
  test('two proofs', async () => {
    await rig.nonce()
    const [, proof = ''] = rig.device.headers('GET', TUNING).split('\r\n')
    const answer = await sendRaw(rig.origin, `GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n${rig.device.headers('GET', TUNING)}${proof}\r\n\r\n`)
    expectNothingForwarded(answer, [400])
  })
})

describe('H25: OPTIONS is never forwarded without credentials', () => {
  const preflight = 'Origin: https://app.example\r\nAccess-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: authorization\r\n'
  test.each([TUNING, '/unknown'])('%s', async (path) => {
    expectNothingForwarded(await sendRaw(rig.origin, `OPTIONS ${path} HTTP/1.1\r\nHost: ${rig.host}\r\n${preflight}\r\n`), [401, 405])
  })
  test('with a body', async () => {
    expectNothingForwarded(await sendRaw(rig.origin, `OPTIONS ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\nContent-Length: 5\r\n\r\nhello`), [401, 405])
  })
})

describe('hop-by-hop fields', () => {
  test.each(['content-length', 'transfer-encoding', 'host', 'authorization', 'dpop', 'content-type'])('Connection may not take away %s', async (name) => {
    expectNothingForwarded(await send(`Connection: close, ${name}\r\nContent-Length: 5\r\n`, { body: 'hello' }), [400])
  })
  test('what Connection names does not pass, in either direction', async () => {
    rig.upstream.answerWith(
      'HTTP/1.1 200 OK\r\nConnection: x-secret-hop\r\nX-Secret-Hop: 1\r\nKeep-Alive: timeout=9\r\nX-Kept: 1\r\nContent-Length: 2\r\n\r\nok',
    )
    const answer = await send('Connection: x-hop\r\nX-Hop: 1\r\nTE: trailers\r\nTrailer: x\r\nProxy-Authorization: y\r\n', { method: 'GET', path: TUNING })
    expect(statusOf(answer)).toBe(200)
    expect(rig.upstream.received()).not.toMatch(/x-hop|^te:|trailer|proxy-authorization/im)
    expect(answer).not.toMatch(/x-secret-hop/i)
    expect(answer).toMatch(/x-kept: 1/i)
  })
  test.each(['GET', 'DELETE'])('%s with chunks goes up with chunks, and nothing else', async (method) => {
    const answer = await send('Transfer-Encoding: chunked\r\n', { method, path: TUNING, body: '5\r\nhello\r\n0\r\n\r\n' })
    expect(statusOf(answer)).toBe(200)
    expect(rig.upstream.received()).toMatch(/transfer-encoding: chunked\r\n/i)
    expect(rig.upstream.received()).toMatch(/\r\n5\r\nhello\r\n0\r\n\r\n$/)
  })
  test.each(['GET', 'DELETE'])('%s without a body goes up without any framing', async (method) => {
    expect(statusOf(await send('', { method, path: TUNING }))).toBe(200)
    expect(rig.upstream.received()).not.toMatch(/transfer-encoding|content-length/i)
  })
})
