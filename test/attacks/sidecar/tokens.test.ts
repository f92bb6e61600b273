// T rows of the attack list: what is no token of ours, for us, alive and in its owner's hand, reaches nothing.
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { buildBase64url } from '../../../protocol/encoding.ts'
import { createTestKey } from '../../support/issuer-fixture.ts'
import { openRaw, statusOf, until } from '../../support/raw-socket.ts'
import { DEVICE, OWNER, REQUESTER, RESOURCE, refusalOf, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

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

const PATH = `/guitars/${DEVICE}/tuning`
const deviceClaims = { sub: OWNER, client_id: `device:${DEVICE}`, device_id: DEVICE, act: { sub: `device:${DEVICE}` }, epoch: 1, scope: 'read play' }

async function expectRefused(token: string, status = 401): Promise<void> {
  const key = createTestKey()
  const caller = { ...rig.caller(deviceClaims, key), token }
  const answer = await rig.call(caller)
  expect(statusOf(answer)).toBe(status)
  expect(answer).not.toContain(token.slice(0, 40))
  expect(rig.upstream.received()).toBe('')
  expect(rig.audit.at(-1)).not.toContain(token.slice(0, 40))
}

const part = (value: object): string => buildBase64url(JSON.stringify(value))

describe('T01: unsigned and misshapen tokens', () => {
  test.each(['none', 'None', 'nOnE', undefined])('alg %s with an empty or a copied signature', async (alg) => {
    const [, payload, signature] = rig.device.token.split('.')
    await expectRefused(`${part({ typ: 'at+jwt', kid: rig.issuer.key.kid, alg })}.${payload}.`)
    await expectRefused(`${part({ typ: 'at+jwt', kid: rig.issuer.key.kid, alg })}.${payload}.${signature}`)
  })
  test('two and four segments', async () => {
    const [header, payload, signature] = rig.device.token.split('.')
    await expectRefused(`${header}.${payload}`)
    await expectRefused(`${header}.${payload}.${signature}.${signature}`)
  })
})

test('T02: HS256 with the public key as the secret, in several spellings', async () => {
  const { publicKey } = { publicKey: rig.issuer.key.jwk }
  const pem = createTestKey()
  const spellings = [JSON.stringify(publicKey), JSON.stringify(pem.jwk), `  ${JSON.stringify(publicKey)}`]
  const [, payload] = rig.device.token.split('.')
  for (const secret of spellings) {
    const input = `${part({ typ: 'at+jwt', kid: rig.issuer.key.kid, alg: 'HS256' })}.${payload}`
    await expectRefused(`${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`)
  }
})

test('T05: a key in the header is not a key of the issuer, and no address in it is called', async () => {
  let hits = 0
  const canary = createServer((_, response) => {
    hits += 1
    response.end()
  })
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
  const uri = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/keys`
  const attacker = createTestKey()
  const { signJws } = await import('../../../protocol/jws.ts')
  const payload = JSON.parse(Buffer.from(rig.device.token.split('.')[1] ?? '', 'base64url').toString()) as object
  for (const header of [{ jwk: attacker.jwk }, { jku: uri }, { x5u: uri }, { x5c: ['MIIB'] }, { kid: rig.issuer.key.kid, jku: uri }]) {
    await expectRefused(signJws(attacker, { typ: 'at+jwt', header, payload }))
  }
  expect(hits).toBe(0)
  await new Promise((resolve) => canary.close(resolve))
})

test.each(['JWT', 'dpop+jwt', 'client-authentication+jwt', 'latchkey-feed+jwt', 'at+jwt2', ''])(
  'T07: a token of type "%s", signed by the issuer',
  async (typ) => {
    const payload = JSON.parse(Buffer.from(rig.device.token.split('.')[1] ?? '', 'base64url').toString()) as object
    await expectRefused(rig.issuer.sign({ typ, payload }))
  },
)

describe('T09: the audience is exactly ours, or our member of the list', () => {
  test.each([
    ['another server', () => ['http://127.0.0.1:1'], 401],
    ['ours as a prefix', () => [`${rig.origin}.evil.example`], 401],
    ['ours in other case', () => [rig.origin.toUpperCase()], 401],
    ['ours with a slash', () => [`${rig.origin}/`], 401],
    ['none', () => undefined, 401],
    ['an empty list', () => [], 401],
    ['ours as the second', () => ['http://other.example', rig.origin], 200],
    ['ours as a text', () => rig.origin, 200],
  ])('%s', async (_, aud, status) => {
    const answer = await rig.call(rig.caller({ ...deviceClaims, aud: aud() }))
    expect(statusOf(answer)).toBe(status)
    expect(rig.upstream.requests()).toBe(status === 200 ? 1 : 0)
  })
})

test('T12: a payload that two readers could read differently gives one identity, or none', async () => {
  const payload = `{"iss":"${rig.issuer.origin}","aud":"${rig.origin}","sub":"\\ud800","client_id":"x","iat":1,"exp":9999999999,"jti":"j","grant_id":"g","scope":"read","cnf":{}}`
  const { sign } = await import('node:crypto')
  const input = `${part({ typ: 'at+jwt', alg: 'ES256', kid: rig.issuer.key.kid })}.${buildBase64url(payload)}`
  const signature = sign('sha256', Buffer.from(input), { key: rig.issuer.key.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')
  await expectRefused(`${input}.${signature}`)
  await expectRefused(rig.issuer.token({ jwk: rig.device.key.jwk, jkt: rig.device.key.kid, ...deviceClaims, epoch: Number('9007199254740993') }))
})

describe('T15: broken spellings of the credential are refused fast', () => {
  test.each([
    ['15 KB', `DPoP ${'a'.repeat(15_000)}`, [401, 431]],
    ['10,000 dots', `DPoP ${'.'.repeat(10_000)}`, [401, 431]],
    ['padding', 'DPoP aGVhZA==.cGF5bG9hZA==.c2ln==', [401]],
    ['+ and /', 'DPoP a+b/.a+b/.a+b/', [401]],
    ['a tab', 'DPoP\tabc.def.ghi', [401]],
    ['bearer', 'bearer abc.def.ghi', [401]],
    ['non-ASCII', 'DPoP \u00e9.\u00e9.\u00e9', [401]],
    ['nothing', 'DPoP ', [401]],
  ])('%s', async (_, value, statuses) => {
    const client = await openRaw(rig.origin)
    client.send(`GET ${PATH} HTTP/1.1\r\nHost: ${rig.host}\r\nAuthorization: ${value}\r\n\r\n`)
    const before = process.cpuUsage()
    const answer = await client.waitFor('\r\n\r\n')
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(200) // milliseconds
    expect(statuses).toContain(statusOf(answer))
    expect(rig.upstream.received()).toBe('')
    client.close()
  })
})

describe('T17: revocations that the feed tells', () => {
  test('a token', async () => {
    const caller = rig.caller({ ...deviceClaims, jti: 'token-to-revoke' })
    expect(statusOf(await rig.call(caller))).toBe(200)
    rig.issuer.change({ kind: 'revocation', of: 'token', id: 'token-to-revoke', expires_at: 9_999_999_999 })
    await until(async () => refusalOf(await rig.call(caller)).reason === 'token_revoked', 1000)
  })
  test('a grant with all its tokens', async () => {
    const [one, two] = [rig.caller({ ...deviceClaims, grant_id: 'grant-1' }), rig.caller({ ...deviceClaims, grant_id: 'grant-1' })]
    rig.issuer.change({ kind: 'revocation', of: 'grant', id: 'grant-1', expires_at: 9_999_999_999 })
    await until(async () => refusalOf(await rig.call(one)).reason === 'token_revoked', 1000)
    expect(refusalOf(await rig.call(two))).toMatchObject({ status: 401, reason: 'token_revoked' })
  })
  test('a device that is revoked, or has another owner, or another epoch', async () => {
    const key = createTestKey()
    const claims = { ...deviceClaims, device_id: 'guitar-7', client_id: 'device:guitar-7' }
    rig.issuer.change({ kind: 'device', id: 'guitar-7', status: 'active', owner: OWNER, epoch: 1 })
    const caller = rig.caller(claims, key)
    await until(async () => statusOf(await rig.call(caller)) === 200, 1000)
    rig.issuer.change({ kind: 'device', id: 'guitar-7', status: 'active', owner: OWNER, epoch: 2 })
    await until(async () => refusalOf(await rig.call(caller)).reason === 'device_revoked', 1000)
    rig.issuer.change({ kind: 'device', id: 'guitar-7', status: 'active', owner: REQUESTER, epoch: 1 })
    await until(async () => refusalOf(await rig.call(caller)).reason === 'device_revoked', 1000)
    rig.issuer.change({ kind: 'device', id: 'guitar-7', status: 'revoked', owner: OWNER, epoch: 1 })
    expect(refusalOf(await rig.call(caller)).status).toBe(401)
  })
})

describe('T19: what is under way ends with its token', () => {
  const EVENTS = `/guitars/${DEVICE}/events`

  async function openEvents(claims: object) {
    rig.upstream.answerWith((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n7\r\ndata: 1\r\n'),
    )
    await rig.nonce()
    const client = await openRaw(rig.origin)
    const caller = rig.caller({ ...deviceClaims, ...claims })
    client.send(`GET ${EVENTS} HTTP/1.1\r\nHost: ${rig.host}\r\n${caller.headers('GET', EVENTS)}\r\n`)
    await client.waitFor('data: 1')
    return client
  }

  test('a stream is cut within a second of its revocation, at both ends, with an audit line', async () => {
    const client = await openEvents({ jti: 'stream-1' })
    rig.issuer.change({ kind: 'revocation', of: 'token', id: 'stream-1', expires_at: 9_999_999_999 })
    const answer = await client.waitForEnd(1000)
    expect(answer).not.toContain('\r\n0\r\n')
    await until(() => rig.upstream.open() === 0 || rig.audit.some((line) => line.includes('"outcome":"cut"')), 1000)
    expect(rig.audit.filter((line) => line.includes('"outcome":"cut"') && line.includes('token_revoked'))).toHaveLength(1)
  })

  test('a stream is cut when its token expires', async () => {
    const now = Math.floor(Date.now() / 1000)
    const client = await openEvents({ exp: now + 2 })
    await client.waitForEnd(3500)
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(now + 2)
  })

  test('a download to a slow reader is cut', async () => {
    const chunk = 'x'.repeat(64 * 1024)
    rig.upstream.answerWith((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${chunk.length * 1000}\r\n\r\n`)
      for (let index = 0; index < 1000; index += 1) socket.write(chunk)
    })
    await rig.nonce()
    const client = await openRaw(rig.origin)
    client.socket.pause()
    const caller = rig.caller({ ...deviceClaims, jti: 'download-1' })
    client.send(`GET ${EVENTS} HTTP/1.1\r\nHost: ${rig.host}\r\n${caller.headers('GET', EVENTS)}\r\n`)
    await until(() => rig.upstream.requests() === 1)
    rig.issuer.change({ kind: 'revocation', of: 'token', id: 'download-1', expires_at: 9_999_999_999 })
    await until(() => rig.audit.some((line) => line.includes('"outcome":"cut"') && line.includes(EVENTS)), 1500)
    client.socket.resume()
    expect((await client.waitForEnd(2000)).length).toBeLessThan(chunk.length * 1000)
  })
})

test('T20: one connection, three callers: each request is judged by its own credential', async () => {
  await rig.nonce()
  const other = rig.caller({ ...deviceClaims, sub: REQUESTER, device_id: undefined, act: undefined, epoch: undefined })
  const get = (headers: string) => `GET ${PATH} HTTP/1.1\r\nHost: ${rig.host}\r\n${headers}\r\n`
  const client = await openRaw(rig.origin)
  client.send(get(rig.device.headers('GET', PATH)) + get('') + get(other.headers('GET', PATH)) + get(rig.device.headers('GET', PATH)))
  await until(() => (client.received().match(/HTTP\/1\.1 \d{3}/g) ?? []).length === 4)
  expect(client.received().match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 401', 'HTTP/1.1 401', 'HTTP/1.1 200'])
  expect(rig.upstream.requests()).toBe(2)
  expect(rig.upstream.received()).not.toContain(REQUESTER)
  client.close()
})

test('a requester without the permission is told how to ask for it', async () => {
  const rpt = rig.caller({ sub: REQUESTER, permissions: [{ resource_id: RESOURCE, resource_scopes: ['play'] }] })
  const answer = await rig.call(rpt)
  expect(refusalOf(answer)).toMatchObject({ status: 401, reason: 'permission_needed' })
  expect(answer).toMatch(/www-authenticate: UMA realm="[^"]+", as_uri="http:\/\/127\.0\.0\.1:\d+", ticket="ticket-/i)
  expect(rig.upstream.received()).toBe('')
})
