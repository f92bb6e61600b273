// Attack rows Q and H19, H14 as far as they concern the authz server's own HTTP server, with bytes of our own on the wire.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuthzWorld, startAuthzWorld } from '../../unit/authz-server/support/authz-world.ts'

let world: AuthzWorld
let port: number
let host: string
beforeAll(async () => {
  world = await startAuthzWorld()
  host = new URL(world.issuer).host
  port = Number(new URL(world.issuer).port)
})
afterAll(() => world.close())

async function open(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** What comes back until the server closes or nothing comes for a while. */
async function exchange(text: string): Promise<string> {
  const socket = await open()
  let answer = ''
  socket.on('data', (bytes) => {
    answer += bytes.toString('latin1')
  })
  socket.write(text, 'latin1')
  await Promise.race([once(socket, 'close'), new Promise((resolve) => setTimeout(resolve, 700))])
  socket.destroy()
  return answer
}
const statusOf = (answer: string) => Number(answer.split(' ')[1])
const get = (target: string, lines: readonly string[] = [`Host: ${host}`]) => `GET ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`

test('an ordinary request is served', async () => {
  expect(statusOf(await exchange(get('/jwks')))).toBe(200)
})

describe('Q04: head flood', () => {
  test.each([
    { title: '100 lines', lines: 100, status: 200 },
    { title: '101 lines', lines: 101, status: 431 },
  ])('Q04: $title', async ({ lines, status }) => {
    const more = Array.from({ length: lines - 1 }, (_, index) => `X-${index}: 1`)
    expect(statusOf(await exchange(get('/jwks', [`Host: ${host}`, ...more])))).toBe(status)
  })
  test('Q04: 16 KiB of headers and one', async () => {
    expect(statusOf(await exchange(get('/jwks', [`Host: ${host}`, `X: ${'a'.repeat(16 * 1024)}`])))).toBe(431)
  })
  test.each([
    { title: 'exactly 8 KiB', length: 8192, status: 200 },
    { title: '8 KiB and one', length: 8193, status: 414 },
  ])('Q04: a target of $title', async ({ length, status }) => {
    expect(statusOf(await exchange(get(`/jwks?${'a'.repeat(length - '/jwks?'.length)}`)))).toBe(status)
  })
  test('Q04: a body over the limit is refused by its announced length, unread', async () => {
    const answer = await exchange(
      `POST /token HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 10000000\r\n\r\n`,
    )
    expect(statusOf(answer)).toBe(413)
  })
  test('Q04: a chunked body that does not end is refused at the limit', async () => {
    const chunk = `4000\r\n${'a'.repeat(0x4000)}\r\n`
    const answer = await exchange(`POST /token HTTP/1.1\r\nHost: ${host}\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}`)
    expect(statusOf(answer)).toBe(413)
  })
})

describe('H19: names and targets', () => {
  test.each([
    { title: 'two Host lines', text: () => get('/jwks', [`Host: ${host}`, `Host: ${host}`]), status: 400 },
    { title: 'no Host', text: () => get('/jwks', ['X: 1']), status: 400 },
    { title: 'an empty Host', text: () => get('/jwks', ['Host:']), status: 421 },
    { title: 'another Host', text: () => get('/jwks', ['Host: evil.example']), status: 421 },
    { title: 'a Host with user info', text: () => get('/jwks', [`Host: a@${host}`]), status: 421 },
    { title: 'a spoofed X-Forwarded-Host', text: () => get('/jwks', ['Host: evil.example', `X-Forwarded-Host: ${host}`]), status: 421 },
    { title: 'absolute form', text: () => get(`http://${host}/jwks`), status: 400 },
    { title: 'absolute form of another host', text: () => get('http://169.254.169.254/'), status: 400 },
    { title: 'two slashes', text: () => get('//evil.example/jwks'), status: 400 },
    { title: 'a backslash', text: () => get('/\\evil.example'), status: 400 },
    { title: 'a fragment', text: () => get('/jwks#a'), status: 400 },
    { title: 'a path that cannot be decoded', text: () => get('/artifacts/%zz'), status: 400 },
    { title: 'HTTP/1.0', text: () => `GET /jwks HTTP/1.0\r\nHost: ${host}\r\n\r\n`, status: 505 },
    { title: 'TRACE', text: () => `TRACE /jwks HTTP/1.1\r\nHost: ${host}\r\n\r\n`, status: 405 },
    { title: 'a method nobody knows', text: () => `PROPFIND /jwks HTTP/1.1\r\nHost: ${host}\r\n\r\n`, status: 405 },
    {
      title: 'two Authorization lines',
      text: () => get('/registry/devices', [`Host: ${host}`, 'Authorization: DPoP a', 'Authorization: DPoP b']),
      status: 400,
    },
    { title: 'a header name with an underscore', text: () => get('/jwks', [`Host: ${host}`, 'X_Forwarded_For: 1']), status: 400 },
    {
      title: 'a transfer coding besides chunked',
      text: () => `POST /token HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
      status: 501,
    },
    { title: 'two lengths', text: () => `POST /token HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na`, status: 400 },
    {
      title: 'length and chunks',
      text: () => `POST /token HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      status: 400,
    },
  ])('H19: $title', async ({ text, status }) => {
    const answer = await exchange(text())
    expect(statusOf(answer)).toBe(status)
    expect(answer).not.toMatch(/at .*\.ts:|node_modules/)
  })
})

describe('H14: Expect', () => {
  test('H14: a refusal comes before any 100 Continue', async () => {
    const answer = await exchange(`POST /registry/devices/import HTTP/1.1\r\nHost: ${host}\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n`)
    expect(statusOf(answer)).toBe(413)
    expect(answer).not.toContain('100 Continue')
  })
  test('H14: a body that will be read is asked for', async () => {
    const answer = await exchange(
      `POST /token HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\na=b`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 400 /)
  })
  test('H14: an unknown expectation is 417', async () => {
    expect(statusOf(await exchange(get('/jwks', [`Host: ${host}`, 'Expect: y 100-continue'])))).toBe(417)
  })
})

test('Q01, Q02: silent, slow-header and slow-body connections are closed in time, while others are served', { timeout: 60_000 }, async () => {
  const slow: Socket[] = []
  for (let round = 0; round < 100; round += 1) slow.push(await open())
  const openSockets = new Set(slow)
  for (const socket of slow) {
    socket.on('close', () => openSockets.delete(socket))
    socket.resume()
  }
  for (const [index, socket] of slow.entries()) if (index % 2 === 1) socket.write('GET /jwks HTTP/1.1\r\nHo')
  const started = performance.now()
  const times: number[] = []
  while (openSockets.size > 0 && performance.now() - started < 20_000) {
    const asked = performance.now()
    expect((await fetch(`${world.issuer}/jwks`)).status).toBe(200)
    times.push(performance.now() - asked)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  for (const socket of slow) socket.destroy()
  expect(openSockets.size).toBe(0)
  expect(performance.now() - started).toBeLessThan(15_000)
  times.sort((a, b) => a - b)
  expect(times[Math.floor(times.length * 0.99)]).toBeLessThan(500)
})

test('Q02: a body that trickles is ended after 30 s', { timeout: 60_000 }, async () => {
  const socket = await open()
  const closed = once(socket, 'close')
  socket.resume()
  socket.write(`POST /token HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n`)
  const started = performance.now()
  const drip = setInterval(() => socket.write('a'), 1000)
  try {
    await Promise.race([closed, new Promise((_, reject) => setTimeout(() => reject(new Error('it was never closed')), 40_000))])
  } finally {
    clearInterval(drip)
    socket.destroy()
  }
  expect(performance.now() - started).toBeGreaterThan(25_000)
})
