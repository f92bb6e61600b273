// What an upstream or a caller sends in the middle of an exchange: the process survives all of it, nothing cut looks complete, nothing legal is refused.
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CONNECTIONS_CHECK_MILLISECONDS, HEAD_TIMEOUT_MILLISECONDS, REQUESTS_PER_CONNECTION } from '../../../system/http/strict-server.ts'
import { openRaw, type RawClient, statusOf, until } from '../../support/raw-socket.ts'
import { DEVICE, refusalOf, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

const TUNING = `/guitars/${DEVICE}/tuning`
const NOTES = `/guitars/${DEVICE}/notes`
const RECORDING = `/guitars/${DEVICE}/recording`
const EVENTS = `/guitars/${DEVICE}/events`
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

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

const request = (method: string, path: string, lines = '', body = '') =>
  `${method} ${path} HTTP/1.1\r\nHost: ${rig.host}\r\n${rig.device.headers(method, path)}${lines}\r\n${body}`
const withBody = (path: string, body: string) => request('POST', path, `Content-Length: ${body.length}\r\n`, body)

async function open(): Promise<RawClient> {
  await rig.nonce()
  rig.audit.length = 0
  return openRaw(rig.origin)
}
const auditLines = () => rig.audit.map((line) => JSON.parse(line) as { outcome: string; reason?: string; status: number; method?: string })

describe('TR01: no response ends the process', () => {
  const every = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => String.fromCharCode(from + index)).join('')
  test.each([
    ['a phrase in Latin-1', 'HTTP/1.1 404 Non trouv\xe9\r\nContent-Length: 0\r\n\r\n', 404, 'Non trouv\xe9'],
    ['a phrase in UTF-8', 'HTTP/1.1 404 Non trouv\xc3\xa9\r\nContent-Length: 0\r\n\r\n', 404, 'Non trouv\xc3\xa9'],
    ['every byte above ASCII', `HTTP/1.1 200 ${every(0x80, 0xff)}\r\nContent-Length: 0\r\n\r\n`, 200, every(0x80, 0xff)],
    ['control characters', `HTTP/1.1 404 ${every(0, 8)}\r\nContent-Length: 0\r\n\r\n`, 404, 'Not Found'],
    ['DEL', 'HTTP/1.1 500 \x7f\r\nContent-Length: 0\r\n\r\n', 500, 'Internal Server Error'],
    ['a phrase of 20 KB', `HTTP/1.1 200 ${'x'.repeat(20_000)}\r\nContent-Length: 0\r\n\r\n`, 200, 'x'.repeat(20_000)],
    ['no phrase', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', 200, ''],
  ])('TR01: %s', async (_, response, status, phrase) => {
    rig.upstream.answerWith((socket) => socket.write(Buffer.from(response, 'latin1')))
    const client = await open()
    client.send(request('GET', TUNING))
    const received = await client.waitFor('\r\n\r\n')
    expect(received.slice(0, received.indexOf('\r\n'))).toBe(`HTTP/1.1 ${status} ${phrase}`)
    await until(() => rig.audit.length === 1)
    expect(auditLines()).toMatchObject([{ outcome: 'allowed', status }])
    client.close()
  })

  test.each([
    ['a bare CR in the phrase', 'HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n'],
    ['NUL in a value', 'HTTP/1.1 200 OK\r\nX-A: \0\r\nContent-Length: 0\r\n\r\n'],
    ['a control character in a value', 'HTTP/1.1 200 OK\r\nX-A: \x01\r\nContent-Length: 0\r\n\r\n'],
    ['a name that is none', 'HTTP/1.1 200 OK\r\nX\xe9: 1\r\nContent-Length: 0\r\n\r\n'],
    ['status 600', 'HTTP/1.1 600 X\r\nContent-Length: 0\r\n\r\n'],
    ['an unasked switch', 'HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
    ['nothing, then the end', ''],
  ])('TR01: %s is 502, with its audit line', async (_, response) => {
    rig.upstream.answerWith((socket) => socket.end(Buffer.from(response, 'latin1')))
    const client = await open()
    client.send(request('GET', TUNING))
    await client.waitFor('\r\n\r\n')
    expect(refusalOf(client.received()).status).toBe(502)
    expect(client.received()).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/)
    await until(() => rig.audit.length === 1)
    expect(auditLines()).toMatchObject([{ outcome: 'failed', status: 502 }])
    client.close()
  })

  test('TR01: values pass byte for byte', async () => {
    rig.upstream.answerWith((socket) =>
      socket.write(Buffer.from(`HTTP/1.1 200 OK\r\nX-A: \t${every(0x80, 0xff)}\xa0 \r\nX-B:\r\nContent-Length: 0\r\n\r\n`, 'latin1')),
    )
    const client = await open()
    client.send(request('GET', TUNING))
    expect(await client.waitFor('\r\n\r\n')).toContain(`\r\nX-A: ${every(0x80, 0xff)}\xa0\r\nX-B: \r\n`)
    client.close()
  })

  test('TR01: a caller that leaves at any moment costs nothing but its own request', async () => {
    rig.upstream.answerWith((socket) => {
      const stream = setInterval(() => socket.write(Buffer.alloc(50_000)), 1)
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n')
      socket.on('close', () => clearInterval(stream))
    })
    for (let index = 0; index < 20; index += 1) {
      const client = await open()
      client.send(request('GET', TUNING))
      if (index % 2 === 0) await client.waitFor('200 OK')
      await new Promise((resolve) => setTimeout(resolve, index))
      client.socket.resetAndDestroy()
      await until(() => rig.audit.length === 1)
    }
    await until(() => rig.upstream.open() === 0, 8000)
  })
})

describe('TR03: a response that is cut off never looks complete', () => {
  const reset = (head: string) => (socket: Socket) => socket.write(head, () => setTimeout(() => socket.resetAndDestroy(), 50))
  const finish = (head: string) => (socket: Socket) => socket.end(head)
  test.each([
    ['reset, framed by the end', reset('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello')],
    ['reset, framed by the end, HTTP/1.0', reset('HTTP/1.0 200 OK\r\n\r\nhello')],
    ['reset, in chunks', reset('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')],
    ['reset, in chunks, before the last line', reset('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n')],
    ['reset, with a length', reset('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello')],
    ['ended, in chunks', finish('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')],
    ['ended, with a length', finish('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello')],
    ['a broken chunk', finish('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nX')],
  ])('TR03: %s', async (_, answer) => {
    rig.upstream.answerWith(answer)
    const client = await open()
    client.send(request('GET', TUNING))
    const received = await client.waitForEnd()
    expect(received).not.toContain('\r\n0\r\n')
    const length = /content-length: (\d+)/i.exec(received)?.[1]
    if (length !== undefined && statusOf(received) === 200) expect(received.length).toBeLessThan(received.indexOf('\r\n\r\n') + 4 + Number(length))
    await until(() => rig.audit.length === 1)
    expect(auditLines()[0]?.outcome).toBe('failed')
  })

  test('TR03: one that ends in good order is complete', async () => {
    rig.upstream.answerWith((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nhello'))
    const client = await open()
    client.send(request('GET', TUNING))
    expect(await client.waitFor('\r\n0\r\n\r\n')).toContain('hello')
    await until(() => rig.audit.length === 1)
    expect(auditLines()[0]).toMatchObject({ outcome: 'allowed', status: 200 })
    client.close()
  })
})

describe('TR04: legal responses pass', () => {
  test.each(['', 'Content-Length: 500\r\n', 'Transfer-Encoding: chunked\r\n'])('TR04: 304 with %j', async (line) => {
    rig.upstream.answerWith(`HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n${line}\r\n`)
    const client = await open()
    client.send(request('GET', TUNING, 'If-None-Match: "v1"\r\n') + request('GET', TUNING, 'If-None-Match: "v1"\r\n'))
    await until(() => client.received().split('HTTP/1.1 304').length === 3)
    expect(client.received()).toContain('ETag: "v1"')
    client.close()
  })

  const INTERIM = ['100 Continue', '102 Processing', '103 Early Hints', '104 Upload Resumption Supported', '199 Whatever']
  test.each(INTERIM.flatMap((line) => ['', 'Expect: 100-continue\r\n'].map((expects) => [line, expects])))(
    'TR04: %s before the response, %j',
    async (line, expects) => {
      rig.upstream.answerWith(`HTTP/1.1 ${line}\r\nLink: </a>\r\n\r\n${OK}`)
      const client = await open()
      client.send(request('POST', NOTES, `${expects}Content-Length: 2\r\n`, '{}'))
      await client.waitFor('HTTP/1.1 200 OK')
      expect(client.received()).not.toContain('</a>')
      expect(rig.upstream.requests()).toBe(1)
      client.close()
    },
  )

  test.each([
    ['204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n', 204],
    ['205', 'HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n', 205],
    ['an unknown status', 'HTTP/1.1 299 Strange\r\nContent-Length: 0\r\n\r\n', 299],
    ['the last one', 'HTTP/1.1 599 Strange\r\nContent-Length: 0\r\n\r\n', 599],
  ])('TR04: %s', async (_, response, status) => {
    rig.upstream.answerWith(response)
    const client = await open()
    client.send(request('GET', TUNING))
    await client.waitFor(`HTTP/1.1 ${status} `)
    if (status === 204) expect(client.received()).not.toMatch(/content-length/i)
    client.close()
  })

  describe('early final responses', () => {
    let api: Server
    let close = true
    let early: SidecarRig
    beforeAll(async () => {
      api = createServer((incoming, response) => {
        if (incoming.method === 'GET') response.end('{}')
        else response.writeHead(413, { 'content-type': 'application/json', ...(close ? { connection: 'close' } : {}) }).end('{"too":"large"}')
      })
      await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
      early = await startRig({ upstream: `http://127.0.0.1:${(api.address() as AddressInfo).port}` })
    })
    afterAll(async () => {
      await early.close()
      api.closeAllConnections()
      await new Promise((resolve) => api.close(resolve))
    })

    /** Sends all of it before it reads anything, as many HTTP clients do. */
    async function upload(path: string, framing: string, piece: Buffer, count: number, credentials: string): Promise<string> {
      const client = await openRaw(early.origin)
      client.socket.pause()
      client.send(`PUT ${path} HTTP/1.1\r\nHost: ${early.host}\r\n${credentials}${framing}\r\n`)
      for (let index = 0; index < count && client.socket.writable; index += 1) {
        if (!client.socket.write(piece))
          await Promise.race(['drain', 'close', 'error'].map((name) => new Promise((resolve) => client.socket.once(name, resolve))))
      }
      client.socket.resume()
      await until(() => client.isEnded() || client.received().includes('"}') || client.received().includes('}\n'), 10_000)
      const received = client.received()
      client.close()
      return received
    }
    const MEGABYTE = Buffer.alloc(1_000_000, 'x')
    const CHUNK = Buffer.concat([Buffer.from('f4240\r\n'), MEGABYTE, Buffer.from('\r\n')])

    test.each([
      ['413 with Connection: close', true, `Content-Length: 8000000\r\n`, MEGABYTE],
      ['413 on a connection that is kept', false, `Content-Length: 8000000\r\n`, MEGABYTE],
      ['413 to chunks', true, 'Transfer-Encoding: chunked\r\n', CHUNK],
    ])('TR04: %s reaches a caller that sends 8 MB before it reads', async (_, closes, framing, piece) => {
      close = closes
      for (let round = 0; round < 8; round += 1) {
        await early.nonce()
        const received = await upload(RECORDING, framing, piece, 8, early.device.headers('PUT', RECORDING))
        expect([round, statusOf(received)]).toEqual([round, 413])
        expect(received).toContain('{"too":"large"}')
        expect(received).toMatch(/\r\nconnection: close\r\n/i)
      }
    })

    test('TR04: so does a refusal of the sidecar', async () => {
      for (let round = 0; round < 8; round += 1) {
        const received = await upload(RECORDING, 'Content-Length: 8000000\r\n', MEGABYTE, 8, 'Authorization: Bearer x\r\n')
        expect([round, statusOf(received)]).toEqual([round, 401])
      }
    })

    test('TR04: and the answer to bytes that are no request', async () => {
      for (let round = 0; round < 8; round += 1) {
        const received = await upload('/a b', 'Content-Length: 8000000\r\n', MEGABYTE, 8, '')
        expect([round, statusOf(received)]).toEqual([round, 400])
      }
    })
  })
})

describe('TR05: one exchange never writes into another', () => {
  const stream = (): ((more: string) => void) => {
    let carrier: Socket | undefined
    rig.upstream.answerWith((socket) => {
      carrier = socket
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegin\r\n')
    })
    return (more) => void carrier?.write(more)
  }

  test.each([
    ['CONNECT', 'CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n', 405],
    ['an upgrade', `GET ${TUNING} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, 421],
    ['bytes that are no request', '\x00\x01\x02\r\n\r\n', 400],
    ['a head that is too large', `GET / HTTP/1.1\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['a length that overflows', 'POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n', 413],
  ])('TR05: %s while a response streams: it is completed first, then the answer, then the end', async (_, next, status) => {
    const send = stream()
    const client = await open()
    client.send(request('GET', EVENTS))
    await client.waitFor('begin')
    client.send(next)
    await new Promise((resolve) => setTimeout(resolve, 100))
    send('3\r\nend\r\n0\r\n\r\n')
    const received = await client.waitForEnd()
    const [first = '', second = ''] = received.split(/(?=HTTP\/1\.1 \d{3} )/)
    expect(first).toMatch(/5\r\nbegin\r\n3\r\nend\r\n0\r\n\r\n$/)
    expect(statusOf(second)).toBe(status)
    expect(received.match(/HTTP\/1\.1 \d{3} /g)).toHaveLength(2)
    await until(() => rig.audit.length === 2)
    expect(auditLines()).toMatchObject([
      { outcome: 'allowed', status: 200 },
      { outcome: 'refused', status },
    ])
  })

  test('TR05: a large response goes on after CONNECT, with back-pressure', async () => {
    rig.upstream.answerWith((socket) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 4000000\r\n\r\n${'x'.repeat(4_000_000)}`))
    const client = await open()
    client.socket.pause()
    client.send(request('GET', TUNING))
    await until(() => rig.upstream.requests() === 1)
    client.send('CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 200))
    client.socket.resume()
    const received = await client.waitForEnd(10_000)
    expect(received.indexOf('HTTP/1.1 405')).toBe(received.indexOf('\r\n\r\n') + 4 + 4_000_000)
  })

  test.each([
    ['one byte', 'X'],
    ['one line end and a byte', '\r\nX'],
    ['NUL', '\0'],
    ['another protocol', '\x16\x03\x01\x02\x00'],
  ])('TR05: %s after a complete POST does not turn its answer into 400', async (_, junk) => {
    rig.upstream.answerWith((socket) => setTimeout(() => socket.write(OK), 100))
    const client = await open()
    client.send(`${withBody(NOTES, '{}')}${junk}`)
    if (junk.endsWith('X')) client.send('\r\n\r\n')
    const received = await client.waitForEnd()
    expect(received.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400'])
    await until(() => rig.audit.length === 2)
    expect(auditLines()).toMatchObject([
      { outcome: 'allowed', status: 200, method: 'POST' },
      { outcome: 'refused', status: 400 },
    ])
    expect(rig.upstream.requests()).toBe(1)
  })

  test('TR05: what follows a request that announced the end of its connection is nobody’s', async () => {
    rig.upstream.answerWith((socket) => setTimeout(() => socket.write(OK), 100))
    const client = await open()
    client.send(`${request('POST', NOTES, 'Connection: close\r\nContent-Length: 2\r\n', '{}')}GET / HTTP/1.1\r\n\r\n`)
    const received = await client.waitForEnd()
    expect(received.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200'])
    expect(auditLines()).toMatchObject([{ outcome: 'allowed', status: 200 }])
  })

  test('TR05: a head that takes too long does not get its 408 into the response before it', async () => {
    const send = stream()
    const client = await open()
    client.send(request('GET', EVENTS))
    await client.waitFor('begin')
    client.send('GET / HTTP/1.1\r\n')
    const drip = setInterval(() => send('1\r\n.\r\n'), 500)
    await new Promise((resolve) => setTimeout(resolve, HEAD_TIMEOUT_MILLISECONDS + 2 * CONNECTIONS_CHECK_MILLISECONDS))
    clearInterval(drip)
    send('3\r\nend\r\n0\r\n\r\n')
    const received = await client.waitForEnd()
    expect(received.match(/HTTP\/1\.1 \d{3} /g)).toEqual(['HTTP/1.1 200 ', 'HTTP/1.1 408 '])
    expect(received).toMatch(/5\r\nbegin\r\n(?:1\r\n\.\r\n)+3\r\nend\r\n0\r\n\r\nHTTP/)
  }, 30_000)

  test('TR05: a connection ends with its last request, and what was sent after it is nobody’s', async () => {
    const client = await open()
    client.send(Array.from({ length: REQUESTS_PER_CONNECTION + 5 }, () => `GET /nowhere HTTP/1.1\r\nHost: ${rig.host}\r\n\r\n`).join(''))
    const received = await client.waitForEnd(15_000)
    expect(received.match(/HTTP\/1\.1 404/g)).toHaveLength(REQUESTS_PER_CONNECTION)
    expect(received.match(/HTTP\/1\.1 /g)).toHaveLength(REQUESTS_PER_CONNECTION)
    expect(rig.audit).toHaveLength(REQUESTS_PER_CONNECTION)
  })

  test('TR05: requests that wait are answered before the one that cannot be read', async () => {
    rig.upstream.answerWith((socket) => setTimeout(() => socket.write(OK), 50))
    const client = await open()
    client.send(`${withBody(NOTES, '{}')}${request('GET', TUNING)}${request('POST', NOTES, 'Transfer-Encoding: chunked\r\n', 'ZZ\r\n')}`)
    const received = await client.waitForEnd()
    expect(received.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400'])
    expect(rig.upstream.received().match(/HTTP\/1\.1\r\n/g)).toHaveLength(2)
    await until(() => rig.audit.length === 3)
  })

  test('TR05: a body that breaks off gets its 400 at once, and its audit line', async () => {
    rig.upstream.answerWith(() => undefined)
    const client = await open()
    client.send(request('POST', NOTES, 'Transfer-Encoding: chunked\r\n', '2\r\n{}\r\n'))
    await until(() => rig.upstream.requests() === 1)
    client.send('ZZ\r\n')
    await client.waitFor('HTTP/1.1 400')
    expect(auditLines()).toMatchObject([{ reason: 'malformed_request', status: 400 }])
    await until(() => rig.upstream.open() === 0)
    client.close()
  })
})

describe('TR06: heads are sent at once', () => {
  test.each([
    ['an event stream', 'Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n', '9\r\ndata: 1\n\n\r\n', 'data: 1'],
    ['a body with a length', 'Content-Length: 5\r\n', 'hello', 'hello'],
    ['a body that ends with the connection', 'Connection: close\r\n', 'hello', 'hello'],
  ])('TR06: of %s', async (_, lines, body, seen) => {
    let carrier: Socket | undefined
    rig.upstream.answerWith((socket) => {
      carrier = socket
      socket.write(`HTTP/1.1 200 OK\r\n${lines}\r\n`)
    })
    const client = await open()
    client.send(request('GET', EVENTS))
    // Nothing of the body exists yet.
    expect(await client.waitFor('\r\n\r\n', 10_000)).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    carrier?.write(body)
    await client.waitFor(seen)
    client.close()
  })

  test.each(['Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n'])('TR06: of a request whose body comes later, %j', async (framing) => {
    const client = await open()
    client.send(request('PUT', RECORDING, framing))
    await until(() => /^PUT .*\r\n[\s\S]*\r\n\r\n$/.test(rig.upstream.received()), 10_000)
    client.close()
  })
})
