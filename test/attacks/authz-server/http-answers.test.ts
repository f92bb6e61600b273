// TR49, TR56: methods, paths, headers and bodies of the answers that no endpoint writes, with raw bytes where fetch would not send them.
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkRequest } from '../../../authz-server/http/check-request.ts'
import type { Endpoint } from '../../../authz-server/http/exchange.ts'
import { isOwnHost } from '../../../authz-server/http/own-host.ts'
import { ENDPOINTS } from '../../../authz-server/routes.ts'
import { requireProof } from '../../../authz-server/steps/require-proof.ts'
import { buildProof } from '../../../protocol/dpop/proof.ts'
import { type AuthzWorld, generateKey, startAuthzWorld } from '../../unit/authz-server/support/authz-world.ts'

let world: AuthzWorld
let host: string
beforeAll(async () => {
  world = await startAuthzWorld()
  host = new URL(world.issuer).host
})
afterAll(() => world.close())

interface Raw {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** Everything until the server closes the connection. */
async function send(text: string): Promise<Raw> {
  const socket = connect(Number(new URL(world.issuer).port), '127.0.0.1')
  let got = ''
  socket.on('data', (bytes) => {
    got += bytes.toString('latin1')
  })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(text, 'latin1')
  await once(socket, 'close')
  const [head = '', ...body] = got.split('\r\n\r\n')
  const [line = '', ...lines] = head.split('\r\n')
  const headers = new Map(lines.map((one) => [one.slice(0, one.indexOf(':')).toLowerCase(), one.slice(one.indexOf(':') + 1).trim()] as const))
  return { status: Number(line.split(' ')[1]), headers, body: body.join('\r\n\r\n') }
}
const request = (method: string, target: string, more = '') => `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${more}\r\n`

function expectSafe({ status, headers, body }: Raw, isHead = false): void {
  expect([status, headers.get('x-content-type-options')]).toEqual([status, 'nosniff'])
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(headers.get('x-frame-options')).toBe('DENY')
  if (isHead || status === 204) expect(body).toBe('')
  else
    expect(JSON.parse(body)).toMatchObject({
      error: expect.stringMatching(/^[a-z_]+$/),
      error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/),
    })
}

const samplePath = (path: string) => path.replaceAll(/\{\w+\}/g, 'x')
const PATHS = [...new Set(ENDPOINTS.map((endpoint) => endpoint.path))]
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'QUERY']

describe('TR49: another method of a known path is 405, with what the path takes in Allow', () => {
  test.each(PATHS)('TR49: %s', async (path) => {
    const served = ENDPOINTS.filter((endpoint) => endpoint.path === path)
    const methods = served.filter((endpoint) => endpoint.isRefused !== true).flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    for (const method of METHODS.filter((one) => !methods.includes(one) && !served.some((endpoint) => endpoint.method === one))) {
      const answer = await send(request(method, samplePath(path)))
      if (method === 'QUERY' && answer.status === 400) continue // a parser that does not know the method
      expect([method, answer.status]).toEqual([method, 405])
      expect(answer.headers.get('allow')?.split(', ').sort()).toEqual([...methods, 'OPTIONS'].sort())
      expectSafe(answer, method === 'HEAD')
    }
  })

  test('TR49: OPTIONS tells the methods and lets no other origin in', async () => {
    const answer = await send(request('OPTIONS', '/token', 'Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n'))
    expect([answer.status, answer.headers.get('allow')]).toEqual([204, 'POST, OPTIONS'])
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    expectSafe(answer)
  })

  test('TR49: a body sent with it is not read as the next request', async () => {
    const answer = await send(`PATCH /token HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 60\r\n\r\nGET /jwks HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    expect(answer.status).toBe(405)
    expect(answer.body).not.toContain('HTTP/1.1 200')
  })
})

describe('TR49: every answer has a JSON body and the security headers', () => {
  const overHead = () => `X-Big: ${'x'.repeat(17_000)}\r\n`
  test.each([
    { title: 'an unknown path', text: () => request('GET', '/nothing'), status: 404 },
    { title: 'an unknown path with POST', text: () => request('POST', '/nothing'), status: 404 },
    { title: 'OPTIONS of an unknown path', text: () => request('OPTIONS', '/nothing'), status: 404 },
    { title: 'a head of 17 KB', text: () => request('POST', '/token', overHead()), status: 431 },
    { title: '101 lines', text: () => request('GET', '/jwks', 'X: 1\r\n'.repeat(101)), status: 431 },
    { title: 'no Host', text: () => 'POST /token HTTP/1.1\r\nContent-Length: 0\r\n\r\n', status: 400 },
    { title: 'another Host', text: () => 'GET /jwks HTTP/1.1\r\nHost: evil.example\r\n\r\n', status: 421 },
    { title: 'a bad Content-Length', text: () => request('POST', '/token', 'Content-Length: abc\r\n'), status: 400 },
    { title: 'not HTTP', text: () => 'hello\r\n\r\n', status: 400 },
    { title: 'a bad field name', text: () => request('GET', '/jwks', 'a b: 1\r\n'), status: 400 },
    { title: 'HTTP/1.0', text: () => `GET /jwks HTTP/1.0\r\nHost: ${host}\r\n\r\n`, status: 505 },
    { title: 'a path that cannot be decoded', text: () => request('GET', '/artifacts/%zz'), status: 400 },
    { title: 'absolute form', text: () => request('GET', `http://${host}/jwks`), status: 400 },
    { title: 'a target of 9 KB', text: () => request('GET', `/jwks?${'a'.repeat(9000)}`), status: 414 },
    { title: 'an unknown expectation', text: () => request('GET', '/jwks', 'Expect: x\r\n'), status: 417 },
    { title: 'another transfer coding', text: () => request('POST', '/token', 'Transfer-Encoding: gzip, chunked\r\n'), status: 501 },
    { title: 'CONNECT', text: () => `CONNECT evil.example:443 HTTP/1.1\r\nHost: ${host}\r\n\r\n`, status: 405 },
    { title: 'a body that is too large', text: () => request('POST', '/token', 'Content-Length: 100000\r\n'), status: 413 },
    { title: 'a compressed body', text: () => request('POST', '/token', 'Content-Encoding: gzip\r\nContent-Length: 0\r\n'), status: 415 },
    { title: 'no form', text: () => request('POST', '/token', 'Content-Length: 0\r\n'), status: 400 },
    { title: 'no token', text: () => request('GET', '/registry/devices'), status: 401 },
  ])('TR49: $title', async ({ text, status }) => {
    const answer = await send(text())
    expect(answer.status).toBe(status)
    expectSafe(answer)
    if (status === 405) expect(answer.headers.get('allow')).toMatch(/GET/)
  })
})

describe('TR49: a request that cannot be read does not write into the answer before it', () => {
  const form = 'client_id=app&token=x'
  const post = () =>
    `POST /revoke HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n${form}`
  test.each([
    { title: 'one byte too many', more: 'x' },
    { title: 'a line that is not HTTP', more: 'hello\r\n\r\n' },
    { title: 'CONNECT', more: 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n' },
  ])('TR49: $title', async ({ more }) => {
    const answer = await send(post() + more + (more === 'x' ? '\r\n\r\n' : ''))
    expect(answer.status).toBe(200)
    expect(answer.body).not.toContain('HTTP/1.1')
  })
})

test('TR49: a chunk that cannot be read is answered at once, with a body', async () => {
  const answer = await send(`POST /token HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n`)
  expect(answer.status).toBe(400)
  expectSafe(answer)
})

test('TR49: what a caller sent is quoted in a description without breaking RFC 6749 5.2', async () => {
  const body = JSON.stringify({ 'na"me\\\u00e9\n': 1 })
  const { body: answer } = await world.call('operator', 'registry', '/registry/people', { method: 'POST', type: 'application/json', body })
  expect(answer['error_description']).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
})

describe('TR49: the default port in Host is the same host', () => {
  test.each([
    ['keys.example.test', 'https://keys.example.test', true],
    ['keys.example.test:443', 'https://keys.example.test', true],
    ['KEYS.example.test:443', 'https://keys.example.test', true],
    ['keys.example.test:80', 'https://keys.example.test', false],
    ['keys.example.test:0443', 'https://keys.example.test', false],
    ['keys.example.test:', 'https://keys.example.test', false],
    ['keys.example.test.', 'https://keys.example.test', false],
    ['keys.example.test:80', 'http://keys.example.test', true],
    ['keys.example.test:443', 'http://keys.example.test', false],
    ['127.0.0.1:9400', 'http://127.0.0.1:9400', true],
    ['127.0.0.1', 'http://127.0.0.1:9400', false],
    ['[::1]:443', 'https://[::1]', true],
    [undefined, 'https://keys.example.test', false],
  ])('TR49: %s at %s', (given, issuer, expected) => {
    expect(isOwnHost(given, issuer)).toBe(expected)
    const rawHeaders = given === undefined ? [] : ['Host', given]
    const head = { httpVersion: '1.1', method: 'GET', url: '/', rawHeaders, headers: { host: given } }
    const refusal = checkRequest(head as unknown as Parameters<typeof checkRequest>[0], issuer, {} as Parameters<typeof checkRequest>[2])
    expect(refusal?.status).toBe(expected ? undefined : given === undefined ? 400 : 421)
  })
})

describe('TR56: the paths that UMA clients build', () => {
  test('TR56: with and without a slash, all spellings work, with a proof for that spelling', async () => {
    await world.addPerson('alice')
    const device = await world.addDevice('guitar-rreg')
    await world.pair(device.fetch, device.clientId, 'alice')
    const lists = await Promise.all(['/rreg', '/rreg/'].map((path) => world.call('sidecar', 'uma_protection', path)))
    const [id] = (lists[0]?.body ?? []) as unknown as string[]
    for (const list of lists) expect([list.status, list.body]).toEqual([200, [id]])
    for (const path of [`/rreg/${id}`, `/rreg//${id}`]) {
      expect(await world.call('sidecar', 'uma_protection', path)).toMatchObject({ status: 200, body: { _id: id, resource_scopes: ['read', 'play'] } })
      for (const method of ['PUT', 'DELETE']) {
        const refused = await world.call('sidecar', 'uma_protection', path, { method })
        expect([refused.status, refused.body['error'], refused.headers.get('allow')]).toEqual([405, 'unsupported_method_type', 'GET, HEAD, OPTIONS'])
      }
    }
    for (const path of ['/rreg/no-such', '/rreg//no-such']) expect((await world.call('sidecar', 'uma_protection', path)).body['error']).toBe('not_found')
  })

  test('TR56: every other path has one spelling', async () => {
    const others = PATHS.filter((path) => path !== '/' && !path.startsWith('/rreg'))
    for (const path of others) {
      for (const other of [`${samplePath(path)}/`, samplePath(path).toUpperCase(), `${samplePath(path)}//`]) {
        const answer = await send(request('GET', other))
        if (other !== samplePath(path)) expect([other, answer.status]).toEqual([other, 404])
      }
    }
    for (const path of ['/rreg//', '/rreg///x', '/rreg/x/', '/rreg//x/', '/RREG'])
      expect([path, (await send(request('GET', path))).status]).toEqual([path, 404])
  })
})

describe('TR25: a restart ends every proof, because every endpoint that takes one requires a nonce of this process', () => {
  const asksForProof = (endpoint: Endpoint) => endpoint.steps.includes(requireProof)
  test.each(ENDPOINTS.filter(asksForProof))('TR25: $method $path', async ({ method, path }) => {
    const uri = world.issuer + samplePath(path)
    const headers = {
      dpop: buildProof(generateKey(), { method, uri, now: world.now(), jti: `no-nonce-${path}` }),
      'content-type': 'application/x-www-form-urlencoded',
    }
    const answer = await fetch(uri, { method, headers, body: 'client_id=app' })
    expect(await answer.json()).toMatchObject({ error: 'use_dpop_nonce' })
  })

  test('TR25: and so do the endpoints that take a token', async () => {
    const { token } = await world.serviceToken('operator', 'registry')
    const uri = `${world.issuer}/registry/devices`
    const dpop = buildProof(world.keys.operator, { method: 'GET', uri, now: world.now(), jti: 'no-nonce', accessToken: token })
    const answer = await fetch(uri, { headers: { authorization: `DPoP ${token}`, dpop } })
    expect([answer.status, await answer.json()]).toEqual([401, { error: 'use_dpop_nonce', error_description: expect.any(String) }])
    expect(answer.headers.get('www-authenticate')).toMatch(/error="use_dpop_nonce", error_description="[^"\\]+"/)
  })
})
