import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildKeyObject } from '../../../../protocol/jwk.ts'
import { verifyAccessToken } from '../../../../protocol/verify-access-token.ts'
import { type AuthzWorld, GUITARS, generateKey, payloadOf, startAuthzWorld } from '../support/authz-world.ts'

let world: AuthzWorld
beforeAll(async () => {
  world = await startAuthzWorld()
  await world.addPerson('alice')
  await world.addPerson('bob')
})
afterAll(() => world.close())

test('a device pairs: codes, pending, approval, then tokens that name owner, device and key', async () => {
  const device = await world.addDevice('guitar-1')
  const { deviceCode, userCode } = await world.start(device.fetch, device.clientId)
  expect(userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
  expect((await world.poll(device.fetch, device.clientId, deviceCode)).body['error']).toBe('authorization_pending')
  expect(await world.decide(userCode, 'alice')).toBe('ok')
  const { status, body, headers } = await world.poll(device.fetch, device.clientId, deviceCode)
  expect(status).toBe(200)
  expect(headers.get('cache-control')).toBe('no-store')
  const expected = { issuer: world.issuer, audience: GUITARS, findKey: world.keyring.find }
  const claims = verifyAccessToken(String(body['access_token']), expected, world.now())
  expect(claims).toMatchObject({
    ok: true,
    value: {
      sub: 'alice',
      client_id: 'device:guitar-1',
      device_id: 'guitar-1',
      act: { sub: 'device:guitar-1' },
      epoch: 1,
      scope: ['read', 'play'],
      cnf: { jkt: device.key.kid, jwk: device.key.jwk },
    },
  })
  expect(body).toMatchObject({ token_type: 'DPoP', expires_in: 600, scope: 'read play' })
  expect(await world.server.context.store.read.resources.listOfOwner('alice')).toMatchObject([
    { key: 'guitar-1', name: 'Guitar guitar-1', deviceId: 'guitar-1' },
  ])
})

test('an app pairs with openid and gets an ID token bound to its key', async () => {
  const key = generateKey()
  const { body } = await world.pair(world.provingFetch(key), 'app', 'bob')
  expect(payloadOf(body['access_token'])).toMatchObject({ sub: 'bob', aud: [world.issuer], scope: 'openid' })
  expect(payloadOf(body['id_token'])).toMatchObject({
    sub: 'bob',
    aud: 'app',
    azp: 'app',
    email: 'bob@example.test',
    email_verified: true,
    cnf: { jkt: key.kid },
  })
  expect(world.keyring.published().map((published) => buildKeyObject(published).asymmetricKeyType)).toEqual(['ec', 'ec'])
})

test('a denied pairing says so, and for ever', async () => {
  const device = await world.addDevice('guitar-2')
  const { deviceCode, userCode } = await world.start(device.fetch, device.clientId)
  expect(await world.decide(userCode, 'alice', 'deny')).toBe('ok')
  for (let round = 0; round < 2; round += 1) expect((await world.poll(device.fetch, device.clientId, deviceCode)).body['error']).toBe('access_denied')
})

test.each([
  { title: 'one ability of its own', scope: 'read', expected: 200 },
  { title: 'an ability of another kind', scope: 'read volume', expected: 400 },
  { title: 'openid, which is for apps', scope: 'openid', expected: 400 },
])('a device asks for $title', async ({ scope, expected }) => {
  const device = await world.addDevice(`guitar-${Math.floor(Number(`0x${Buffer.from(scope).toString('hex').slice(0, 8)}`))}-${expected}`)
  const { status, body } = await world.post(device.fetch, '/device_authorization', { client_id: device.clientId, scope })
  expect({ status, error: body['error'] }).toEqual({ status: expected, error: expected === 200 ? undefined : 'invalid_scope' })
})

test('somebody else cannot take a paired device, and its code looks unknown to them', async () => {
  const device = await world.addDevice('guitar-3')
  await world.pair(device.fetch, device.clientId, 'alice')
  const { userCode } = await world.start(device.fetch, device.clientId)
  expect(await world.decide(userCode, 'bob')).toBe('code_wrong')
  expect(await world.decide(userCode, 'alice')).toBe('ok')
})

test('its owner pairs it again: a new grant, the same epoch, the same resources', async () => {
  const device = await world.addDevice('guitar-4')
  const first = await world.pair(device.fetch, device.clientId, 'alice')
  const second = await world.pair(device.fetch, device.clientId, 'alice')
  const [before, after] = [payloadOf(first.body['access_token']), payloadOf(second.body['access_token'])]
  expect(after['epoch']).toBe(before['epoch'])
  expect(after['grant_id']).not.toBe(before['grant_id'])
  const resources = await world.server.context.store.read.resources.listOfDevice('guitar-4')
  expect(resources).toHaveLength(1)
})

test('a service client has no business with a pairing', async () => {
  const { status, body } = await world.post(world.provingFetch(world.keys.sidecar), '/device_authorization', { client_id: 'sidecar' })
  expect([status, body['error']]).toEqual([401, 'invalid_client'])
})
