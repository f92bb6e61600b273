// The authz server's wall clock is set back or ahead: used proofs and assertions stay used, and nobody waits for an hour.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildProof } from '../../../protocol/dpop/proof.ts'
import { CLIENT_ASSERTION_TYPE } from '../../../protocol/oauth/messages.ts'
import { type AuthzWorld, buildAssertion, startAuthzWorld } from '../../unit/authz-server/support/authz-world.ts'

let world: AuthzWorld
beforeEach(async () => {
  world = await startAuthzWorld()
  await world.addPerson('alice')
})
afterEach(() => world.close())

const STEPS = [-3600, -131, -61, 61, 131, 86_400]

test.each([-3600, -86_400, 3600, 300])(
  'TR24: a device that polls is neither slowed down nor cut short when the clock moves by %i s, and its code lives ten minutes',
  async (step) => {
    const { fetch, clientId } = await world.addDevice('guitar-1')
    const { deviceCode } = await world.start(fetch, clientId)
    const poll = async () => (await world.poll(fetch, clientId, deviceCode)).body['error']
    expect(await poll()).toBe('authorization_pending')
    world.stepClock(step)
    for (let minute = 1; minute <= 9; minute += 1) {
      world.pass(60)
      expect([minute, await poll()]).toEqual([minute, 'authorization_pending'])
    }
    world.pass(61)
    expect(await poll()).toBe('expired_token')
  },
)

test('TR24: a device that polls too fast is slowed down by elapsed time, whatever the clock says', async () => {
  const { fetch, clientId } = await world.addDevice('guitar-1')
  const { deviceCode } = await world.start(fetch, clientId)
  const poll = async () => (await world.poll(fetch, clientId, deviceCode)).body['error']
  expect(await poll()).toBe('authorization_pending')
  world.stepClock(3600)
  expect(await poll()).toBe('slow_down')
  world.pass(10)
  expect(await poll()).toBe('authorization_pending')
})

test('TR24: a person who says yes while the clock is wrong connects the device', async () => {
  const { fetch, clientId } = await world.addDevice('guitar-1')
  const { deviceCode, userCode } = await world.start(fetch, clientId)
  await world.poll(fetch, clientId, deviceCode)
  world.stepClock(-3600)
  expect(await world.decide(userCode, 'alice')).toBe('ok')
  world.pass(5)
  expect((await world.poll(fetch, clientId, deviceCode)).status).toBe(200)
})

test('TR24: a small step back slows nobody down and ends no code', async () => {
  const { fetch, clientId } = await world.addDevice('guitar-1')
  const { deviceCode } = await world.start(fetch, clientId)
  for (let round = 0; round < 5; round += 1) {
    expect((await world.poll(fetch, clientId, deviceCode)).body['error']).toBe('authorization_pending')
    world.pass(5)
    world.stepClock(-10)
  }
})

test.each(STEPS)('TR24: a proof that was used is refused after the clock moved by %i s and back', async (step) => {
  const { key, clientId } = await world.addDevice('guitar-1')
  const uri = `${world.issuer}/device_authorization`
  const send = (proof: string) => fetch(uri, { method: 'POST', headers: { dpop: proof }, body: new URLSearchParams({ client_id: clientId }) })
  const challenge = await send('x')
  const nonce = challenge.headers.get('dpop-nonce') ?? undefined
  const proof = buildProof(key, { method: 'POST', uri, now: world.now(), jti: 'used-once', nonce })
  expect((await send(proof)).status).toBe(200)
  world.stepClock(step)
  expect((await send(proof)).status).toBe(400)
  // Another proof, by which the server could come to forget the first.
  await (await world.addDevice('guitar-2')).fetch(uri, { method: 'POST', body: new URLSearchParams({ client_id: 'device:guitar-2' }) })
  world.stepClock(-step)
  expect((await send(proof)).status).toBe(400)
})

test('TR24: a client assertion that was used is refused when the clock is set back into its life', async () => {
  const provingFetch = world.provingFetch(world.keys.operator)
  const now = world.now()
  const claims = { iss: 'operator', sub: 'operator', aud: world.issuer, iat: now, exp: now + 300, jti: 'assertion-1' }
  const form = { grant_type: 'client_credentials', scope: 'registry', client_assertion_type: CLIENT_ASSERTION_TYPE }
  const use = () => world.post(provingFetch, '/token', { ...form, client_assertion: buildAssertion(world.keys.operator, claims) })
  expect((await use()).status).toBe(200)
  world.pass(301)
  expect((await use()).status).not.toBe(200)
  world.stepClock(-295)
  expect((await use()).body['error']).toBe('invalid_client')
})
