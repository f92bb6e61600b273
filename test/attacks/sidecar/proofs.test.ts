// D rows of the attack list: a token without its key is worth nothing, and a proof is good for one request.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createNonceSource } from '../../../protocol/nonce.ts'
import { createTestKey } from '../../support/issuer-fixture.ts'
import { sendRaw, statusOf } from '../../support/raw-socket.ts'
import { DEVICE, type ProofChanges, refusalOf, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

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

async function expectRefused(answer: string, expected: { readonly status?: number; readonly error: string }): Promise<void> {
  expect(refusalOf(answer)).toMatchObject({ status: 401, ...expected })
  expect(answer).toMatch(/www-authenticate: DPoP /i)
  expect(answer).toMatch(/dpop-nonce: [A-Za-z0-9_-]{43}/i)
  expect(answer).toMatch(/cache-control: no-store/i)
  expect(rig.upstream.received()).toBe('')
}

const send = (headers: string) => sendRaw(rig.origin, `GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n${headers}\r\n`)

describe('D01: schemes', () => {
  test('a bound token as Bearer, without a proof', async () =>
    expectRefused(await send(`Authorization: Bearer ${rig.device.token}\r\n`), { error: 'invalid_token' }))
  test('a bound token as Bearer, with a proof', async () =>
    expectRefused(await rig.call(rig.device, 'GET', TUNING, { proof: { scheme: 'Bearer' } }), { error: 'invalid_token' }))
  test('under DPoP without a proof', async () => expectRefused(await send(`Authorization: DPoP ${rig.device.token}\r\n`), { error: 'invalid_dpop_proof' }))
  test('a token without cnf, or with one that we cannot check', async () => {
    for (const cnf of [
      undefined,
      {},
      { jkt: rig.device.key.kid },
      { 'x5t#S256': 'a' },
      { jkt: rig.device.key.kid, jwk: rig.device.key.jwk, 'x5t#S256': 'a' },
    ]) {
      const caller = rig.caller({ sub: 'person-alice', scope: 'read', cnf }, rig.device.key)
      await expectRefused(await rig.call(caller), { error: 'invalid_token' })
    }
  })
  test('no token: the challenge names the algorithms and no fault', async () => {
    const answer = await send('')
    expect(answer).toMatch(/www-authenticate: DPoP algs="ES256 EdDSA Ed25519"\r\n/i)
  })
})

test('D02: a stolen token with the thief’s own proof', async () => {
  await expectRefused(await rig.call(rig.device, 'GET', TUNING, { proof: { key: createTestKey() } }), { error: 'invalid_token' })
})

describe('D03: a proof for something else', () => {
  const changes: [string, () => ProofChanges][] = [
    ['another token', () => ({ accessToken: 'other' })],
    ['another method', () => ({ method: 'POST' })],
    ['the method in lower case', () => ({ method: 'get' })],
    ['another path', () => ({ uri: `${rig.origin}/guitars/other/tuning` })],
    ['a longer path', () => ({ uri: `${rig.origin}${TUNING}/` })],
    ['another host', () => ({ uri: `http://evil.example${TUNING}` })],
    ['another port', () => ({ uri: `http://127.0.0.1:1${TUNING}` })],
    ['another scheme', () => ({ uri: rig.origin.replace('http:', 'https:') + TUNING })],
    ['no address', () => ({ uri: 'x' })],
  ]
  test.each(changes)('%s', async (_, change) => expectRefused(await rig.call(rig.device, 'GET', TUNING, { proof: change() }), { error: 'invalid_dpop_proof' }))

  test('garbage, a pair in one line, and a proof of the wrong type', async () => {
    await rig.nonce()
    const [authorization = '', proof = ''] = rig.device.headers('GET', TUNING).split('\r\n')
    await expectRefused(await send(`${authorization}\r\nDPoP: garbage\r\n`), { error: 'invalid_dpop_proof' })
    expect(statusOf(await send(`${authorization}\r\n${proof}, ${proof.slice(6)}\r\n`))).toBe(400)
    await expectRefused(await send(`${authorization}\r\nDPoP: ${rig.device.token}\r\n`), { error: 'invalid_dpop_proof' })
  })
})

describe('D05: a proof twice', () => {
  test('one after the other', async () => {
    await rig.nonce()
    const headers = rig.device.headers('GET', TUNING)
    expect(statusOf(await send(headers))).toBe(200)
    rig.upstream.clear()
    const answer = await send(headers)
    await expectRefused(answer, { error: 'invalid_dpop_proof' })
    expect(refusalOf(answer).reason).toBe('proof_replayed')
  })
  test('50 at the same time: one gets through', async () => {
    await rig.nonce()
    const headers = rig.device.headers('GET', TUNING)
    const statuses = (await Promise.all(Array.from({ length: 50 }, () => send(headers)))).map(statusOf)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 401)).toHaveLength(49)
    expect(rig.upstream.requests()).toBe(1)
  })
})

describe('D09: nonces', () => {
  const foreign = createNonceSource({ secret: Buffer.alloc(32, 7), origin: 'https://other.example', randomBytes: (count) => Buffer.alloc(count, 1) })
  const cases: [string, () => string | undefined][] = [
    ['none', () => undefined],
    ['of another server', () => foreign.mint(Math.floor(Date.now() / 1000))],
    ['nonsense', () => 'nonsense'],
    ['empty', () => ''],
  ]
  test.each(cases)('%s', async (_, nonce) =>
    expectRefused(await rig.call(rig.device, 'GET', TUNING, { proof: { nonce: nonce() } }), { error: 'use_dpop_nonce' }),
  )

  test('stale', async () => {
    const nonce = await rig.nonce()
    rig.pass(120)
    await expectRefused(await rig.call(rig.device, 'GET', TUNING, { proof: { nonce } }), { error: 'use_dpop_nonce' })
  })
  test('a good answer brings the next one', async () => {
    expect(await rig.call(rig.device)).toMatch(/dpop-nonce: [A-Za-z0-9_-]{43}/i)
  })
})
