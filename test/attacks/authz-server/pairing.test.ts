// Attack rows V: the codes of a pairing, guessed, stolen, raced and replayed.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lookUpCode } from '../../../authz-server/pairing/look-up-code.ts'
import { CODE_TRIES_OF_ADDRESS, createPairingLimits } from '../../../authz-server/pairing/pairing-limits.ts'
import { generateUserCode } from '../../../authz-server/pairing/user-code.ts'
import { type AuthzWorld, generateKey, startAuthzWorld } from '../../unit/authz-server/support/authz-world.ts'

let world: AuthzWorld
beforeAll(async () => {
  world = await startAuthzWorld()
  await world.addPerson('alice')
  await world.addPerson('bob')
})
afterAll(() => world.close())

const guess = () => generateUserCode((count) => randomBytes(count))
const lookUp = (userCode: string, sessionKey: string, address: string, personId = 'alice') =>
  lookUpCode(world.server.context, { userCode, sessionKey, address, personId }, world.now())
const reasonOf = (found: Awaited<ReturnType<typeof lookUp>>) => (found.ok ? 'found' : found.error.reason)

describe('V01: guessing user codes', () => {
  test('V01: one session has five tries, then none, even with the right code; another session is not hurt', async () => {
    world.pass(601)
    const device = await world.addDevice('v01-a')
    const { userCode } = await world.start(device.fetch, device.clientId)
    const reasons: string[] = []
    for (let round = 0; round < 1000; round += 1) reasons.push(reasonOf(await lookUp(guess(), 'mallory', `198.51.100.${round % 250}`)))
    expect(reasons.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 'code_wrong'))
    expect(new Set(reasons.slice(5))).toEqual(new Set(['too_many_tries']))
    expect(reasonOf(await lookUp(userCode, 'mallory', '203.0.113.1'))).toBe('too_many_tries')
    expect(reasonOf(await lookUp(userCode, 'alice', '203.0.113.2'))).toBe('found')
  })

  test('V01: one account has five tries, and a right code in between clears nothing', async () => {
    world.pass(601)
    const device = await world.addDevice('v01-b')
    const { userCode } = await world.start(device.fetch, device.clientId)
    for (let round = 0; round < 4; round += 1) expect(reasonOf(await lookUp(guess(), 'bob', '192.0.2.7'))).toBe('code_wrong')
    expect(reasonOf(await lookUp(userCode, 'bob', '192.0.2.7'))).toBe('found')
    expect(reasonOf(await lookUp(guess(), 'bob', '192.0.2.7'))).toBe('code_wrong')
    expect(reasonOf(await lookUp(userCode, 'bob', '192.0.2.7'))).toBe('too_many_tries')
    expect(reasonOf(await lookUp(userCode, 'alice', '192.0.2.7'))).toBe('found')
  })

  test('V01: 1,000 guesses from 50 sessions and addresses get 250 tries; right codes of others still work', async () => {
    world.pass(601)
    const device = await world.addDevice('v01-c')
    const { userCode } = await world.start(device.fetch, device.clientId)
    let looked = 0
    for (let round = 0; round < 1000; round += 1) if (reasonOf(await lookUp(guess(), `m${round % 50}`, `10.0.0.${round % 50}`)) === 'code_wrong') looked += 1
    expect(looked).toBe(250)
    expect(reasonOf(await lookUp(userCode, 'alice', '203.0.113.9'))).toBe('found')
  })

  test('V01: all together have 1,000 tries in ten minutes, then everybody waits, and then not', async () => {
    world.pass(601)
    for (let round = 0; round < 1000; round += 1) expect(reasonOf(await lookUp(guess(), `g${round}`, `10.${round >> 8}.${round & 255}.1`))).toBe('code_wrong')
    expect(await lookUp(guess(), 'last', '203.0.113.77')).toMatchObject({ error: { reason: 'too_many_tries', waitSeconds: 600 } })
    world.pass(600)
    expect(reasonOf(await lookUp(guess(), 'last', '203.0.113.77'))).toBe('code_wrong')
  })

  test('O17: an IPv6 /64 is one bucket, two IPv4-mapped clients are two', async () => {
    world.pass(601)
    const context = { ...world.server.context, pairingLimits: createPairingLimits(() => Promise.resolve()) }
    const tryCode = async (sessionKey: string, address: string) =>
      reasonOf(await lookUpCode(context, { userCode: guess(), sessionKey, address, personId: 'alice' }, world.now()))
    const useUp = async (name: string, addressOf: (round: number) => string) => {
      for (let round = 0; round < CODE_TRIES_OF_ADDRESS; round += 1) expect(await tryCode(`${name}-${round}`, addressOf(round))).toBe('code_wrong')
    }
    await useUp('v6', (round) => `2001:db8:1:2::${(round + 1).toString(16)}`)
    expect(await tryCode('v6-x', '2001:db8:1:2:ffff::9')).toBe('too_many_tries')
    expect(await tryCode('v6-y', '2001:db8:1:3::1')).toBe('code_wrong')
    await useUp('v4', () => '::ffff:192.0.2.50')
    expect(await tryCode('v4-x', '192.0.2.50')).toBe('too_many_tries')
    expect(await tryCode('v4-y', '::ffff:192.0.2.51')).toBe('code_wrong')
  })
})

describe('V02: a device code in other hands', () => {
  test.each([
    { title: 'another public client with its own key', clientId: 'other-app' },
    { title: 'the same client with another key', clientId: 'app' },
    { title: 'a confidential client', clientId: 'sidecar' },
  ])('V02: $title gets invalid_grant or invalid_client, and the rightful one can finish', async ({ clientId }) => {
    world.pass(601)
    const fetch = world.provingFetch(generateKey())
    const { deviceCode, userCode } = await world.start(fetch, 'app')
    await world.decide(userCode, 'alice')
    const stolen = await world.poll(world.provingFetch(generateKey()), clientId, deviceCode)
    expect(stolen.body['error']).toBe(clientId === 'sidecar' ? 'invalid_client' : 'invalid_grant')
    expect((await world.poll(fetch, 'app', deviceCode)).status).toBe(200)
  })
})

describe('V04: polling', () => {
  test('V04: 50 polls in 5 s are told to slow down; the approval is not lost and not delayed', async () => {
    world.pass(601)
    const device = await world.addDevice('v04')
    const { deviceCode, userCode } = await world.start(device.fetch, device.clientId)
    const errors: unknown[] = []
    for (let round = 0; round < 50; round += 1) {
      errors.push((await world.poll(device.fetch, device.clientId, deviceCode)).body['error'])
      if (round % 10 === 9) world.pass(1)
    }
    expect(errors[0]).toBe('authorization_pending')
    expect(errors.filter((error) => error === 'slow_down').length).toBe(49)
    await world.decide(userCode, 'alice')
    expect((await world.poll(device.fetch, device.clientId, deviceCode)).status).toBe(200)
  })

  test('V04: a client that slows down as told hears authorization_pending again', async () => {
    world.pass(601)
    const device = await world.addDevice('v04-b')
    const { deviceCode } = await world.start(device.fetch, device.clientId)
    const poll = async () => (await world.poll(device.fetch, device.clientId, deviceCode)).body['error']
    expect(await poll()).toBe('authorization_pending')
    world.pass(3)
    expect(await poll()).toBe('slow_down')
    world.pass(10)
    expect(await poll()).toBe('authorization_pending')
  })
})

test('V05: 20 redemptions at once of one approved code give one token set; later ones give none', async () => {
  world.pass(601)
  const device = await world.addDevice('v05')
  const { deviceCode, userCode } = await world.start(device.fetch, device.clientId)
  await world.decide(userCode, 'alice')
  const polls = await Promise.all(Array.from({ length: 20 }, () => world.poll(device.fetch, device.clientId, deviceCode)))
  expect(polls.filter((poll) => poll.status === 200)).toHaveLength(1)
  expect(new Set(polls.filter((poll) => poll.status !== 200).map((poll) => poll.body['error']))).toEqual(new Set(['invalid_grant']))
  expect((await world.poll(device.fetch, device.clientId, deviceCode)).body['error']).toBe('invalid_grant')
})

test('V07: a code lives ten minutes, and is dead at the second after, for the person and for the device', async () => {
  world.pass(601)
  const device = await world.addDevice('v07')
  const { deviceCode, userCode } = await world.start(device.fetch, device.clientId)
  world.pass(599)
  expect(reasonOf(await lookUp(userCode, 'v07', '203.0.113.70'))).toBe('found')
  world.pass(1)
  expect(await world.decide(userCode, 'alice')).toBe('code_expired')
  expect((await world.poll(device.fetch, device.clientId, deviceCode)).body['error']).toBe('expired_token')
})

test('V07: no GET decides anything', async () => {
  world.pass(601)
  const device = await world.addDevice('v07-b')
  const { deviceCode, userCode } = await world.start(device.fetch, device.clientId)
  for (const path of [`/device?user_code=${userCode}`, '/device/confirm', `/device/confirm?user_code=${userCode}&decision=approve`])
    await fetch(world.issuer + path, { redirect: 'manual' })
  expect((await world.poll(device.fetch, device.clientId, deviceCode)).body['error']).toBe('authorization_pending')
})

test('V11: unknown, used and other owners codes cannot be told apart, not by time either', { timeout: 60_000 }, async () => {
  world.pass(601)
  const [used, theirs] = [await world.addDevice('v11-b'), await world.addDevice('v11-c')]
  await world.pair(theirs.fetch, theirs.clientId, 'bob')
  const usedStart = await world.start(used.fetch, used.clientId)
  await world.decide(usedStart.userCode, 'alice')
  await world.poll(used.fetch, used.clientId, usedStart.deviceCode)
  const theirCode = (await world.start(theirs.fetch, theirs.clientId)).userCode
  const codes = { unknown: guess(), used: usedStart.userCode, theirs: theirCode }
  const spent = { unknown: 0, used: 0, theirs: 0 }
  const answers = new Set<string>()
  const SAMPLES = 1000
  for (let round = 0; round < SAMPLES; round += 1) {
    // Fresh counts each time, so that the limits do not answer instead.
    for (const kind of ['unknown', 'used', 'theirs'] as const) {
      const started = performance.now()
      const found = await lookUpCode(
        { ...world.server.context, pairingLimits: createPairingLimits() },
        { userCode: codes[kind], sessionKey: 's', address: '203.0.113.3', personId: 'alice' },
        world.now(),
      )
      spent[kind] += performance.now() - started
      answers.add(JSON.stringify(found))
    }
  }
  expect([...answers]).toEqual([JSON.stringify({ ok: false, error: { reason: 'code_wrong', triesLeft: 4 } })])
  const means = Object.values(spent).map((total) => total / SAMPLES)
  expect(Math.max(...means) - Math.min(...means)).toBeLessThan(5)
})
