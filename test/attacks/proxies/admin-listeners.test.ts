// TR29: both programs can be watched, by their operator alone: exact paths, plain methods, and no name but one of this machine.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findFreePorts } from '../../../examples/dev-world/listen.ts'
import { type AuthzWorld, newKey, startAuthzWorld } from '../../support/authz-world.ts'
import { sendRaw, statusOf, until } from '../../support/raw-socket.ts'
import { type SidecarRig, startRig } from '../../support/sidecar-rig.ts'
import { createVisitor } from '../../support/visitor.ts'

let world: AuthzWorld
let rig: SidecarRig
let origins: { readonly [program: string]: string }
beforeAll(async () => {
  const [port = 0] = await findFreePorts(1)
  world = await startAuthzWorld({ admin: { host: '127.0.0.1', port } })
  rig = await startRig()
  origins = { 'authz server': `http://127.0.0.1:${port}`, sidecar: rig.adminOrigin }
})
afterAll(async () => {
  await world.close()
  await rig.close()
})

const ask = (program: string, request: string, lines = 'Host: 127.0.0.1\r\n') => sendRaw(origins[program] ?? '', `${request}\r\n${lines}\r\n`)

describe.each(['authz server', 'sidecar'])('TR29: the admin listener of the %s', (program) => {
  test.each([
    ['GET /healthz HTTP/1.1', 200],
    ['GET /readyz HTTP/1.1', 200],
    ['GET /metrics HTTP/1.1', 200],
    ['HEAD /healthz HTTP/1.1', 200],
    ['POST /healthz HTTP/1.1', 405],
    ['DELETE /metrics HTTP/1.1', 405],
    ['OPTIONS /readyz HTTP/1.1', 405],
    ['TRACE /readyz HTTP/1.1', 405],
    ['GET / HTTP/1.1', 404],
    ['GET /healthz/ HTTP/1.1', 404],
    ['GET /HEALTHZ HTTP/1.1', 404],
    ['GET /metrics?x HTTP/1.1', 404],
    ['GET //metrics HTTP/1.1', 404],
    ['GET /jwks HTTP/1.1', 404],
    ['GET http://127.0.0.1/metrics HTTP/1.1', 404],
    ['GET /metrics HTTP/1.0', 505],
  ])('TR29: %s: %i', async (request, status) => {
    expect(statusOf(await ask(program, request))).toBe(status)
  })

  test('TR29: CONNECT and an upgrade get no connection of another kind', async () => {
    expect(await ask(program, 'CONNECT 127.0.0.1:80 HTTP/1.1')).not.toMatch(/ 200 /)
    const answer = await ask(program, 'GET /healthz HTTP/1.1', 'Host: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n')
    expect(answer).not.toMatch(/ 101 /)
  })

  test.each(['127.0.0.1', '127.0.0.1:8080', '127.9.9.9', 'localhost', 'LOCALHOST:9', '[::1]', '[::1]:80'])('TR29: Host %s is this machine', async (host) => {
    expect(statusOf(await ask(program, 'GET /healthz HTTP/1.1', `Host: ${host}\r\n`))).toBe(200)
  })

  test.each([
    'evil.example',
    'evil.example:9091',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'a@127.0.0.1',
    '127.0.0.1,evil.example',
    '192.0.2.1',
    '0.0.0.0',
    '127.1',
    '2130706433',
    '[2001:db8::1]',
    'localhost/',
    '',
  ])('TR29: Host %j is not', async (host) => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/nothing'])
      expect(statusOf(await ask(program, `GET ${path} HTTP/1.1`, `Host: ${host}\r\n`))).toBe(421)
  })

  test.each(['', 'Host: 127.0.0.1\r\nHost: evil.example\r\n', 'Host: evil.example\r\nHost: 127.0.0.1\r\n'])('TR29: host lines %j', async (lines) => {
    expect(statusOf(await ask(program, 'GET /metrics HTTP/1.1', lines))).toBe(400)
  })

  test('TR29: an answer cannot be taken for another type or kept', async () => {
    expect(await ask(program, 'GET /metrics HTTP/1.1')).toMatch(/x-content-type-options: nosniff/i)
    expect(await ask(program, 'GET /metrics HTTP/1.1')).toMatch(/cache-control: no-store/i)
  })
})

describe('TR29: what the authz server counts', () => {
  const metrics = async () => (await fetch(`${origins['authz server']}/metrics`)).text()

  test('TR29: requests by endpoint and status, refusals by reason, pairings, time, the event loop', async () => {
    await world.startPairing('device:guitar-9', await world.device('guitar-9'))
    await fetch(`${world.origin}/no/such/path/${'x'.repeat(20)}`)
    await fetch(`${world.origin}/artifacts/abc`)
    await createVisitor(world.origin).open('/signin')
    await world.provingFetch(newKey())(`${world.origin}/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'nonsense', client_id: 'band-app' }),
    })
    await until(async () => (await metrics()).includes('endpoint="/signin",method="GET",status="200"'))
    const text = await metrics()
    for (const line of [
      /^latchkey_authz_requests_total\{endpoint="\/device_authorization",method="POST",status="200"\} 1$/m,
      /^latchkey_authz_requests_total\{endpoint="\/artifacts\/\{digest\}",method="GET",status="401"\} 1$/m,
      /^latchkey_authz_requests_total\{endpoint="other",method="other",status="404"\} 1$/m,
      /^latchkey_authz_refusals_total\{event="proof_refused",reason="proof_nonce_missing"\} \d+$/m,
      /^latchkey_authz_pairings_pending 1$/m,
      /^latchkey_authz_feed_revision \d+$/m,
      /^latchkey_authz_ready 1$/m,
      /^latchkey_authz_compiles_waiting 0$/m,
      /^latchkey_authz_transaction_seconds_count\{outcome="committed"\} \d+$/m,
      /^latchkey_authz_request_seconds_count\{endpoint="\/token"\} \d+$/m,
      /^nodejs_eventloop_lag_seconds /m,
    ])
      expect(text).toMatch(line)
    expect(text).not.toContain('no/such/path')
  })

  test('TR29: a server whose database does not respond is alive, and not ready', async () => {
    const { feedLog } = world.context.store.read
    const newest = feedLog.newestRevision
    Object.assign(feedLog, { newestRevision: () => Promise.reject(new Error('the disk is gone')) })
    try {
      expect(statusOf(await ask('authz server', 'GET /healthz HTTP/1.1'))).toBe(200)
      expect(statusOf(await ask('authz server', 'GET /readyz HTTP/1.1'))).toBe(503)
      expect(await metrics()).toMatch(/^latchkey_authz_ready 0$/m)
    } finally {
      Object.assign(feedLog, { newestRevision: newest })
    }
    expect(statusOf(await ask('authz server', 'GET /readyz HTTP/1.1'))).toBe(200)
  })
})

test('TR29: without the option there is no admin listener, as before', async () => {
  const other = await startAuthzWorld()
  try {
    for (const path of ['/healthz', '/readyz', '/metrics']) expect((await fetch(other.origin + path)).status).toBe(404)
  } finally {
    await other.close()
  }
})
