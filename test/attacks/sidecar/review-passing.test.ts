// Attack rows H01, H23, F01, F04 beyond their listed cases: what a caller with a good token gets past the sidecar, and what an upstream says in its place.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { statusOf } from '../../support/raw-socket.ts'
import { DEVICE, refusalOf, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

let rig: SidecarRig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig.close())
beforeEach(() => rig.upstream.clear())

const TUNING = `/guitars/${DEVICE}/tuning`

describe('H23: a second token in the address, as upstreams read addresses', () => {
  test.each([
    'access_token',
    'a%63cess_token=x',
    'access%5Ftoken=x',
    '%41%43CESS_TOKEN=x',
    'a=1;access_token=x',
    '+access_token=x',
    '%20access_token=x',
    'access_token[]=x',
    'access_token%5B%5D=x',
    'a=%zz&access_token=x',
  ])('H23: ?%s', async (query) => {
    expect(refusalOf(await rig.call(rig.device, 'GET', `${TUNING}?${query}`))).toMatchObject({ status: 400, error: 'invalid_request' })
    expect(rig.upstream.received()).toBe('')
  })
  test.each(['my_access_token=x', 'access_tokens=x', 'q=access_token', 'a=b%26access_token%3Dx', 'access+token=x'])('H23: ?%s is none', async (query) => {
    expect(statusOf(await rig.call(rig.device, 'GET', `${TUNING}?${query}`))).toBe(200)
    expect(rig.upstream.received()).toContain(`GET ${TUNING}?${query} HTTP/1.1`)
  })
})

describe('F01: fields by which other gateways tell who calls, from where, or through what', () => {
  test.each([
    'Proxy',
    'Client-IP',
    'X-Forwarded',
    'X-Host',
    'X-Remote-Addr',
    'X-Auth-Request-User',
    'X-WebAuth-User',
    'X-Goog-Authenticated-User-Email',
    'X-Amzn-Oidc-Identity',
    'X-MS-Client-Principal-Name',
  ])('F01: %s stays outside', async (name) => {
    expect(statusOf(await rig.call(rig.device, 'GET', TUNING, { headers: `${name}: admin\r\n` }))).toBe(200)
    expect(rig.upstream.received()).not.toContain('admin')
  })
})

describe('F04: an upstream’s challenge', () => {
  const answer = (line: string) => `HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: ${line}\r\nContent-Length: 0\r\n\r\n`
  test.each([
    'UMA realm="x", as_uri="https://evil.example", ticket="t"',
    'uma as_uri="https://evil.example"',
    'Basic realm="x", UMA as_uri="https://evil.example"',
    'DPoP',
  ])('F04: that leads callers to another authz server does not reach them: %s', async (line) => {
    rig.upstream.answerWith(answer(line))
    const received = await rig.call(rig.device)
    expect(statusOf(received)).toBe(401)
    expect(received).not.toMatch(/www-authenticate/i)
  })
  test('F04: of a scheme that is not ours is the upstream’s own affair', async () => {
    rig.upstream.answerWith(answer('Basic realm="Uma"'))
    expect(await rig.call(rig.device)).toContain('WWW-Authenticate: Basic realm="Uma"')
  })
})

describe('H01: a body where many servers read none', () => {
  const SMUGGLED = 'GET /admin HTTP/1.1\r\nHost: x\r\n\r\n'
  test.each(['GET', 'DELETE', 'HEAD'])('H01: the connection ends with the %s that had it, so that no server takes the body for a request', async (method) => {
    await rig.call(rig.device, method, TUNING, { body: SMUGGLED })
    expect(rig.upstream.received()).toMatch(/\r\nconnection: close\r\n/i)
    rig.upstream.clear()
    const chunked = `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`
    await rig.call(rig.device, method, TUNING, { headers: 'Transfer-Encoding: chunked\r\n', body: chunked })
    expect(rig.upstream.received()).toMatch(/\r\nconnection: close\r\n/i)
  })
  test('H01: without one, and where a body belongs, connections are kept', async () => {
    await rig.call(rig.device)
    await rig.call(rig.device, 'POST', `/guitars/${DEVICE}/notes`, { body: '{}' })
    expect(rig.upstream.received()).not.toMatch(/connection: close/i)
  })
})
