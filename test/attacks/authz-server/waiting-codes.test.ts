// TR44: strangers who start pairings without end cannot keep registered devices, known clients or a person who is confirming from theirs.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createPairingLimits, OPENED_MAX_OF_PERSON, WAITING_MAX, WAITING_MAX_OF_DEVICE } from '../../../authz-server/pairing/pairing-limits.ts'
import { startPairing } from '../../../authz-server/pairing/start-pairing.ts'
import type { Device } from '../../../authz-server/store/devices-repository.ts'
import { type AuthzWorld, generateKey, startAuthzWorld } from '../../unit/authz-server/support/authz-world.ts'

let world: AuthzWorld
beforeAll(async () => {
  world = await startAuthzWorld()
  await world.addPerson('alice')
  await world.addPerson('bob')
})
beforeEach(() => world.pass(5000))
afterAll(() => world.close())

const app = (authentication: 'none' | 'private_key_jwt') => ({
  client_id: authentication === 'none' ? 'app' : 'known-app',
  name: 'App',
  authentication,
  scopes: ['openid'],
})
const key = generateKey()
const proof = { jkt: key.kid, jwk: key.jwk, jti: 'x', replayableUntil: 0 } as unknown as Parameters<typeof startPairing>[1]['proof']

async function start(client: Parameters<typeof startPairing>[1]['client'], address = '198.51.100.1') {
  const context = { ...world.server.context, pairingLimits: { ...world.server.context.pairingLimits, startsOfAddress: createPairingLimits().startsOfAddress } }
  return startPairing(context, { client, proof, scope: [], address }, world.now())
}

/** All places of strangers, filled as 36 addresses would fill them. */
async function fill(): Promise<void> {
  await world.server.context.store.transaction(async ({ pairings }) => {
    for (let index = 0; index < WAITING_MAX.public; index += 1) {
      const life = { status: 'pending', personId: null, pollIntervalSeconds: 5, lastPollAt: null } as const
      const codes = { id: `f${world.now()}-${index}`, deviceCodeHash: `d${world.now()}-${index}`, userCodeHash: `u${world.now()}-${index}` }
      const asker = { clientId: 'app', deviceId: null, jkt: key.kid, jwk: key.jwk, scope: ['openid'], address: `198.51.100.${index % 36}` }
      await pairings.add({ ...codes, ...asker, ...life, createdAt: world.now(), expiresAt: world.now() + 600 })
    }
  })
}

async function deviceClient(id: string) {
  const device = await world.addDevice(id)
  const stored = (await world.server.context.store.read.devices.find(id)) as Device
  return { device, client: { client_id: device.clientId, name: id, authentication: 'none' as const, scopes: [], device: stored } }
}

describe('10,000 codes of a public client wait', () => {
  beforeEach(() => fill())

  test('TR44: a registered device, a client that signs its requests and a public client still get a code', async () => {
    const { client } = await deviceClient('quota-1')
    expect((await start(client)).ok).toBe(true)
    expect((await start(app('private_key_jwt'))).ok).toBe(true)
    expect((await start(app('none'))).ok).toBe(true)
    const { pairings } = world.server.context.store.read
    expect(await pairings.countPending(world.now(), { askedBy: 'public' })).toBe(WAITING_MAX.public)
    expect(await pairings.find(`f${world.now()}-0`)).toBeUndefined()
    expect(await pairings.find(`f${world.now()}-9999`)).toBeDefined()
  })
})

test('TR44: the oldest code of a stranger ends first, but never one that a person has just typed', async () => {
  world.pass(5000)
  const fetch = world.provingFetch(generateKey())
  const typed = await world.start(fetch, 'app')
  expect(await world.decide(typed.userCode, 'alice', 'deny')).toBe('ok')
  const held = await world.start(fetch, 'app')
  const context = world.server.context
  const { lookUpCode } = await import('../../../authz-server/pairing/look-up-code.ts')
  expect((await lookUpCode(context, { userCode: held.userCode, personId: 'alice', sessionKey: 'alice', address: '192.0.2.1' }, world.now())).ok).toBe(true)
  world.pass(1)
  await fill()
  for (let round = 0; round < 3; round += 1) expect((await start(app('none'), `203.0.113.${round}`)).ok).toBe(true)
  expect(await world.decide(held.userCode, 'alice')).toBe('ok')
  expect((await world.poll(fetch, 'app', held.deviceCode)).status).toBe(200)
})

test('TR44: one person holds a few codes at most, so an account cannot keep all places', async () => {
  world.pass(5000)
  const { pairings } = world.server.context.store.read
  const codes = []
  for (let index = 0; index < OPENED_MAX_OF_PERSON + 2; index += 1) {
    codes.push(await world.start(world.provingFetch(generateKey()), 'app'))
    const { lookUpCode } = await import('../../../authz-server/pairing/look-up-code.ts')
    await lookUpCode(world.server.context, { userCode: codes.at(-1)?.userCode ?? '', personId: 'bob', sessionKey: 'bob', address: '192.0.2.1' }, world.now())
    world.pass(1)
  }
  let ended = 0
  const times = { now: world.now(), openedSince: world.now() - 600 }
  while (await world.server.context.store.transaction((repositories) => repositories.pairings.endOldestWaiting({ askedBy: 'public' }, times))) ended += 1
  expect(await pairings.countPending(world.now(), { askedBy: 'public' })).toBe(OPENED_MAX_OF_PERSON)
  expect(ended).toBeGreaterThanOrEqual(2)
})

test('TR44: a device that asks again and again has its newest codes, and hears that the others have expired', async () => {
  const { device } = await deviceClient('quota-2')
  const started: { readonly deviceCode: string; readonly userCode: string }[] = []
  for (let round = 0; round < WAITING_MAX_OF_DEVICE + 1; round += 1) {
    started.push(await world.start(device.fetch, device.clientId))
    world.pass(1)
  }
  const poll = async (index: number) => (await world.poll(device.fetch, device.clientId, started[index]?.deviceCode ?? '')).body['error']
  expect([await poll(0), await poll(1)]).toEqual(['expired_token', 'authorization_pending'])
})

describe('starts of one network', () => {
  test.each([
    { title: 'an IPv4 address', addressOf: () => '198.51.100.7', most: 300 },
    { title: 'an IPv6 /64', addressOf: (round: number) => `2001:db8:1:2::${(round + 1).toString(16)}`, most: 300 },
    { title: 'an IPv6 /56', addressOf: (round: number) => `2001:db8:1:${(round % 256).toString(16)}::1`, most: 600 },
    { title: 'an IPv6 /48', addressOf: (round: number) => `2001:db8:1:${((round * 256) % 65_536).toString(16)}::1`, most: 1200 },
  ])('TR44: $title has $most in ten minutes', ({ addressOf, most }) => {
    const { startsOfAddress } = createPairingLimits()
    let taken = 0
    for (let round = 0; round < 2000; round += 1) if (startsOfAddress.take(addressOf(round), 0)) taken += 1
    expect(taken).toBe(most)
    expect(startsOfAddress.take('2001:db8:ffff::1', 0)).toBe(true)
    expect(startsOfAddress.take(addressOf(0), 600)).toBe(true)
  })
})
