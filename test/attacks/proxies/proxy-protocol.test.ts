// TR21: the PROXY protocol in front of HTTP and of TLS, and HTTP/1.0 as nginx speaks it: taken from trusted proxies alone, strictly, and within a time.
import { EventEmitter, once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { type IpAddress, type IpNetwork, parseIpNetwork } from '../../../protocol/address.ts'
import { acceptProxyProtocol } from '../../../system/http/accept-proxy-protocol.ts'
import { createPeers } from '../../../system/http/peers.ts'
import { createStrictServer, type StrictServer } from '../../../system/http/strict-server.ts'
import { createTestCertificate } from '../../e2e/test-certificate.ts'
import { openRaw, sendRaw, statusOf, until } from '../../support/raw-socket.ts'
import { DEVICE, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

const CLIENT = '203.0.113.7'
const V1 = `PROXY TCP4 ${CLIENT} 192.0.2.1 4000 443\r\n`
const V2 = Buffer.from('0d0a0d0a000d0a515549540a2111000ccb007107c00002010fa01f90', 'hex').toString('latin1')
const V2_LOCAL = Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex').toString('latin1')
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

const network = (text: string): IpNetwork => {
  const parsed = parseIpNetwork(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

let strict: StrictServer | undefined
let refused: string[] = []
afterEach(async () => {
  await strict?.unbind()
  strict = undefined
  refused = []
})

/** Answers with what it knows of the client. */
async function start(
  options: { readonly trusted?: readonly string[]; readonly tls?: { readonly certificate: string; readonly key: string } } = {},
): Promise<string> {
  const networks = (options.trusted ?? ['127.0.0.1']).map(network)
  strict = createStrictServer({
    idleMilliseconds: 10_000,
    requestMilliseconds: 10_000,
    trust: () => ({ networks }),
    proxyProtocol: true,
    onProxyProtocolRefused: (reason, address) => refused.push(`${reason} ${address}`),
    ...(options.tls === undefined ? {} : { tls: options.tls }),
  })
  const { peers, server } = strict
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { address, kind } = peers.of(request)
    response.end(`${kind} ${address}`)
  })
  return `http://127.0.0.1:${await strict.listen({ host: '127.0.0.1', port: 0 })}`
}

describe('TR21: a listener with the PROXY protocol', () => {
  test.each([
    { title: 'version 1', bytes: V1 + GET, body: `client ${CLIENT}` },
    { title: 'version 2', bytes: V2 + GET, body: `client ${CLIENT}` },
    { title: 'the proxy’s own connection', bytes: V2_LOCAL + GET, body: 'proxy 127.0.0.1' },
    { title: 'an unknown client', bytes: `PROXY UNKNOWN\r\n${GET}`, body: 'proxy 127.0.0.1' },
    { title: 'a client that writes header fields', bytes: `${V2}GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n`, body: `client ${CLIENT}` },
    {
      title: 'an unknown client that writes header fields',
      bytes: `PROXY UNKNOWN\r\nGET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n`,
      body: 'proxy 127.0.0.1',
    },
    { title: 'a body and a second request', bytes: `${V2}POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab${GET}`, body: `client ${CLIENT}` },
  ])('TR21: $title', async ({ bytes, body }) => {
    const answer = await sendRaw(await start(), bytes)
    expect([statusOf(answer), answer.split('\r\n\r\n')[1]]).toEqual([200, expect.stringMatching(new RegExp(`^${body}(?:HTTP|$)`))])
  })

  test('TR21: a proxy in front of the proxy is asked for its client', async () => {
    const answer = await sendRaw(await start({ trusted: ['127.0.0.1', CLIENT] }), `${V2}GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.9\r\n\r\n`)
    expect(answer.split('\r\n\r\n')[1]).toBe('client 198.51.100.9')
  })

  test.each([V1, V2])('TR21: one byte at a time, %j', async (header) => {
    const client = await openRaw(await start())
    client.socket.setNoDelay(true)
    for (const byte of header + GET) {
      client.send(byte)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await client.waitFor(`client ${CLIENT}`)).toMatch(/^HTTP\/1\.1 200/)
    client.close()
  })

  test.each([
    { title: 'no header', bytes: GET },
    { title: 'a header after the request', bytes: GET + V1 },
    { title: 'a malformed header', bytes: `PROXY TCP4 ${CLIENT}\r\n${GET}` },
    { title: 'TLS without a header', bytes: '\x16\x03\x01\x02\x00\x01' },
  ])('TR21: $title ends the connection, without an answer', async ({ bytes }) => {
    const client = await openRaw(await start())
    client.send(bytes)
    expect(await client.waitForEnd()).toBe('')
    expect(refused).toEqual(['proxy_header_malformed 127.0.0.1'])
  })

  test('TR21: two headers are a malformed request', async () => {
    expect(statusOf(await sendRaw(await start(), V1 + V1 + GET))).not.toBe(200)
  })

  test('TR21: who is not a trusted proxy cannot say who it is', async () => {
    const client = await openRaw(await start({ trusted: ['192.0.2.1'] }))
    client.send(V1 + GET)
    expect(await client.waitForEnd()).toBe('')
    expect(refused).toEqual(['proxy_not_trusted 127.0.0.1'])
  })

  test('TR21: a header that does not come is not waited for for ever', async () => {
    strict = createStrictServer({ idleMilliseconds: 10_000, requestMilliseconds: 10_000, trust: () => ({ networks: [network('127.0.0.1')] }) })
    acceptProxyProtocol(strict.server, {
      peers: strict.peers,
      onRefused: (reason) => refused.push(reason),
      onAccepted: () => undefined,
      timeoutMilliseconds: 100,
    })
    const client = await openRaw(`http://127.0.0.1:${await strict.listen({ host: '127.0.0.1', port: 0 })}`)
    client.send('PROXY TCP4')
    await client.waitForEnd()
    expect(refused).toEqual(['proxy_header_timeout'])
  })

  test('TR21: a client that leaves in the middle of the header leaves nothing behind', async () => {
    const origin = await start()
    for (let turn = 0; turn < 20; turn += 1) (await openRaw(origin)).close()
    const client = await openRaw(origin)
    client.send('PROXY ')
    client.socket.resetAndDestroy()
    await until(
      () =>
        new Promise((resolve) => {
          strict?.server.getConnections((_error, count) => resolve(count === 0))
        }),
    )
    expect(refused).toEqual([])
  })

  test('TR21: TLS begins after the header, also in the same packet', async () => {
    const { cert, key } = createTestCertificate({ name: '127.0.0.1', notBefore: new Date(Date.now() - 1000), notAfter: new Date(Date.now() + 86_400_000) })
    const origin = await start({ tls: { certificate: cert, key } })
    const raw = await openRaw(origin)
    raw.socket.removeAllListeners('data')
    raw.send(V2)
    const secure = connectTls({ socket: raw.socket, ca: cert, host: '127.0.0.1' })
    await once(secure, 'secureConnect')
    secure.write(GET)
    const [bytes] = (await once(secure, 'data')) as [Buffer]
    expect(bytes.toString()).toContain(`client ${CLIENT}`)
    secure.destroy()
  })

  test('TR21: a drain does not wait for a connection that carried only its header', async () => {
    const origin = await start()
    const client = await openRaw(origin)
    client.send(V2)
    const answer = await sendRaw(origin, V2 + GET)
    expect(statusOf(answer)).toBe(200)
    const drained = strict?.drain(60_000)
    await Promise.all([drained, client.waitForEnd()])
  })
})

describe('TR21: HTTP/1.0', () => {
  let rig: SidecarRig
  afterEach(() => rig.close())
  const path = `/guitars/${DEVICE}/tuning`
  const get = (version: string, lines = '') => `GET ${path} HTTP/${version}\r\nHost: ${rig.host}\r\n${rig.device.headers('GET', path)}${lines}\r\n`

  test('TR21: from a trusted proxy it is served, with a body that ends with the connection', async () => {
    rig = await startRig({ config: { trusted_proxies: ['127.0.0.1'] } })
    rig.upstream.answerWith('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n')
    await rig.nonce()
    const client = await openRaw(rig.origin)
    client.send(get('1.0', 'Connection: keep-alive\r\nX-Forwarded-For: 203.0.113.7\r\n'))
    const answer = await client.waitForEnd()
    expect(statusOf(answer)).toBe(200)
    expect(answer).toMatch(/\r\n\r\nhello$/)
    expect(answer).not.toMatch(/transfer-encoding/i)
    expect(answer).toMatch(/connection: close/i)
  })

  test('TR21: an answer that is cut does not look whole', async () => {
    rig = await startRig({ config: { trusted_proxies: ['127.0.0.1'] } })
    rig.upstream.answerWith((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', () => setTimeout(() => socket.destroy(), 50)),
    )
    await rig.nonce()
    const client = await openRaw(rig.origin)
    const failed = once(client.socket, 'error')
    client.send(get('1.0'))
    expect(((await failed) as [NodeJS.ErrnoException])[0].code).toBe('ECONNRESET')
  })

  test.each([
    { title: 'from anybody else', trusted: [], lines: '', version: '1.0', status: 505 },
    { title: 'with chunks', trusted: ['127.0.0.1'], lines: 'Transfer-Encoding: chunked\r\n', version: '1.0', status: 505 },
    { title: 'as HTTP/0.9', trusted: ['127.0.0.1'], lines: '', version: '0.9', status: 505 },
    { title: 'as HTTP/1.2', trusted: ['127.0.0.1'], lines: '', version: '1.2', status: 505 },
  ])('TR21: $title it is refused', async ({ trusted, lines, version, status }) => {
    rig = await startRig({ config: { trusted_proxies: trusted } })
    await rig.nonce()
    expect([status, 400]).toContain(statusOf(await sendRaw(rig.origin, get(version, lines))))
    expect(rig.upstream.received()).toBe('')
  })

  test('TR21: without Host it is refused', async () => {
    rig = await startRig({ config: { trusted_proxies: ['127.0.0.1'] } })
    expect(statusOf(await sendRaw(rig.origin, `GET ${path} HTTP/1.0\r\n\r\n`))).toBe(400)
  })
})

test('TR21: the end of an old connection does not take the client from a new one of the same port', () => {
  const end = { remoteAddress: '127.0.0.1', remotePort: 50_000 }
  const [old, fresh] = [Object.assign(new EventEmitter(), end), Object.assign(new EventEmitter(), end)] as unknown as [Socket, Socket]
  const peers = createPeers({ trust: () => ({ networks: [network('127.0.0.1')] }) })
  peers.remember(old, '192.0.2.1' as IpAddress)
  peers.remember(fresh, CLIENT as IpAddress)
  old.emit('close')
  expect(peers.ofConnection(fresh)).toEqual({ address: CLIENT, kind: 'client' })
})
