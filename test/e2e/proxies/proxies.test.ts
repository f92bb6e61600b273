// TR21: real nginx, Caddy and HAProxy in front of both programs, with the configurations of docs/proxies/ as they are documented.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { findFreePorts } from '../../../examples/dev-world/listen.ts'
import { createProvingFetch } from '../../../protocol/dpop/proving-fetch.ts'
import { type AuthzWorld, startAuthzWorld } from '../../support/authz-world.ts'
import { until } from '../../support/raw-socket.ts'
import { DEVICE, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'
import { createVisitor } from '../../support/visitor.ts'
import { createCertificates, fetchFrom, KEYS, missingBinary, openRequest, type ProxyName, type RealProxy, startProxy, THINGS } from './real-proxy.ts'

vi.setConfig({ testTimeout: 60_000 })

const certificates = createCertificates()
const ALICE = { certificates, localAddress: '127.0.0.2' }
const MALLORY = { certificates, localAddress: '127.0.0.3' }
const TUNING = `/guitars/${DEVICE}/tuning`
const EVENTS = `/guitars/${DEVICE}/events`
const trusted = { trusted_proxies: ['127.0.0.1'] }

function title(name: ProxyName): string {
  const missing = missingBinary(name)
  return missing === undefined ? `TR21: behind ${name}` : `TR21: behind ${name} (skipped: ${missing} is not installed)`
}

/** The lines that prove the token for this request, with a nonce that came through the proxy. */
async function provenHeaders(rig: SidecarRig, origin: string, path: string): Promise<readonly string[]> {
  const { message } = await openRequest(ALICE, { origin, path: TUNING, headers: ['authorization', 'Bearer x'] })
  message.resume()
  const lines = rig.device.headers('GET', path, { uri: origin + path, nonce: String(message.headers['dpop-nonce']) })
  return lines
    .trim()
    .split('\r\n')
    .flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])
}

async function lastIp(rig: SidecarRig): Promise<unknown> {
  await until(() => rig.audit.length > 0, 10_000)
  return (JSON.parse(rig.audit.at(-1) ?? '{}') as { ip: unknown }).ip
}

async function bodyOf(message: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const chunk of message) text += String(chunk)
  return text
}

function describeSidecar(start: () => { readonly rig: SidecarRig; readonly things: string }): void {
  test('TR21: an owner’s device is served: htu is the public origin', async () => {
    const { rig, things } = start()
    const { status, message } = await openRequest(ALICE, { origin: things, path: TUNING, headers: await provenHeaders(rig, things, TUNING) })
    expect([status, await bodyOf(message)]).toEqual([200, expect.any(String)])
    expect(rig.upstream.received()).toMatch(/^x-forwarded-for: 127\.0\.0\.2\r?$/im)
    expect(rig.upstream.received()).toMatch(/^x-forwarded-proto: https\r?$/im)
  })

  test.each([
    { title: 'says nothing', headers: [] },
    { title: 'writes X-Forwarded-For', headers: ['x-forwarded-for', '203.0.113.7'] },
    { title: 'writes Forwarded', headers: ['forwarded', 'for=203.0.113.7'] },
    { title: 'writes both', headers: ['x-forwarded-for', '203.0.113.7', 'forwarded', 'for=203.0.113.7'] },
    { title: 'writes X-Real-IP and others', headers: ['x-real-ip', '203.0.113.7', 'x-forwarded-host', 'evil.example', 'x-forwarded-proto', 'http'] },
  ])('TR21: the audit line has the address of a client that $title', async ({ headers }) => {
    const { rig, things } = start()
    rig.audit.length = 0
    const { status, message } = await openRequest(MALLORY, { origin: things, path: TUNING, headers })
    message.resume()
    expect(status).toBe(401)
    expect(await lastIp(rig)).toBe('127.0.0.3')
  })

  test('TR21: an event arrives before the next one is sent', async () => {
    const { rig, things } = start()
    let sendNext: () => void = () => undefined
    rig.upstream.answerWith((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nd\r\ndata: first\n\n\r\n')
      sendNext = () => socket.write('e\r\ndata: second\n\n\r\n0\r\n\r\n')
    })
    const { status, message } = await openRequest(ALICE, { origin: things, path: EVENTS, headers: await provenHeaders(rig, things, EVENTS) })
    expect(status).toBe(200)
    let received = ''
    message.on('data', (chunk) => (received += String(chunk)))
    await until(
      () => received.includes('first'),
      15_000,
      () => received,
    )
    sendNext()
    await until(
      () => received.includes('second'),
      15_000,
      () => received,
    )
    rig.upstream.clear()
  })

  test('TR21: an upgrade to WebSocket is refused, and opens nothing', async () => {
    const { things } = start()
    const upgrade = ['connection', 'Upgrade', 'upgrade', 'websocket', 'sec-websocket-version', '13', 'sec-websocket-key', 'dGhlIHNhbXBsZSBub25jZQ==']
    const { status, message } = await openRequest(ALICE, { origin: things, path: TUNING, headers: upgrade })
    message.resume()
    expect(status).toBe(401)
  })
}

for (const name of ['nginx', 'caddy', 'haproxy'] as const) {
  describe.skipIf(missingBinary(name) !== undefined)(title(name), () => {
    let world: AuthzWorld
    let rig: SidecarRig
    let proxy: RealProxy
    let keys: string
    let things: string
    beforeAll(async () => {
      const [port = 0] = await findFreePorts(1)
      keys = `https://${KEYS}:${port}`
      things = `https://${THINGS}:${port}`
      world = await startAuthzWorld({ issuer: keys, ...trusted })
      rig = await startRig({ publicOrigin: things, config: trusted })
      proxy = await startProxy(name, { port, certificates, authzServerPort: Number(new URL(world.origin).port), sidecarPort: Number(new URL(rig.origin).port) })
    }, 60_000)
    afterAll(async () => {
      await proxy?.close()
      await rig?.close()
      await world?.close()
    })

    describeSidecar(() => ({ rig, things }))

    test('TR21: a device pairs, and its person sees the page with the code', async () => {
      await world.person('alice@example.test')
      const proving = createProvingFetch(await world.device('guitar-1'), {
        fetch: fetchFrom(MALLORY),
        clock: world.now,
        randomBytes: (count) => randomBytes(count),
      })
      const started = await proving(`${keys}/device_authorization`, { method: 'POST', body: new URLSearchParams({ client_id: 'device:guitar-1' }) })
      const { user_code } = (await started.json()) as { user_code: string }
      const alice = createVisitor(keys, {}, fetchFrom(ALICE))
      expect((await alice.signIn('alice@example.test')).status).toBe(303)
      const shown = await alice.submit('/device', '/device', { user_code })
      const { html } = await alice.open(shown.location)
      expect(html).toContain(user_code)
      // Both are on this machine, which says nothing about networks.
      expect(html).toContain('unknown: this server cannot tell which network')
    })

    test('TR21: the log of the authz server has the client’s address, whatever the client writes', async () => {
      const headers = { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.7' }
      await createVisitor(keys, headers, fetchFrom(MALLORY)).signIn('nobody@example.test', 'wrong')
      expect(world.log.filter(({ event }) => event === 'sign_in_refused').at(-1)?.facts).toEqual({ address: '127.0.0.3' })
    })

    test('TR21: a body that is too large is answered 413', async () => {
      const answer = await fetchFrom(ALICE)(`${keys}/token`, { method: 'POST', body: new URLSearchParams({ a: 'x'.repeat(65_536) }) })
      expect(answer.status).toBe(413)
    })

    test('TR21: another name is answered 421 or not at all', async () => {
      const answer = await openRequest(ALICE, { origin: keys.replace(KEYS, 'evil.example.org'), path: '/jwks' }).catch(() => undefined)
      answer?.message.resume()
      expect(answer?.status ?? 421).not.toBe(200)
    })
  })
}

describe.skipIf(missingBinary('haproxy-tcp') !== undefined)(title('haproxy-tcp'), () => {
  let rig: SidecarRig
  let proxy: RealProxy
  let things: string
  beforeAll(async () => {
    const [port = 0, sidecarPort = 0] = await findFreePorts(2)
    things = `https://${THINGS}:${port}`
    const tls = { certificate: certificates[THINGS]?.cert ?? '', key: certificates[THINGS]?.key ?? '' }
    const config = { ...trusted, listen: { host: '127.0.0.1', port: sidecarPort, proxy_protocol: true } }
    rig = await startRig({ publicOrigin: things, config, ports: { tls } })
    proxy = await startProxy('haproxy-tcp', { port, certificates, authzServerPort: 9, sidecarPort })
  }, 60_000)
  afterAll(async () => {
    await proxy?.close()
    await rig?.close()
  })

  describeSidecar(() => ({ rig, things }))
})
