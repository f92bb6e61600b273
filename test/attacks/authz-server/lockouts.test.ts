// TR22: what one account, household or attacker uses up must not shut out others; guessing stays hopeless all the same.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { lookUpCode } from '../../../authz-server/pairing/look-up-code.ts'
import { CODE_TRIES_OF_ADDRESS, createPairingLimits } from '../../../authz-server/pairing/pairing-limits.ts'
import { generateUserCode } from '../../../authz-server/pairing/user-code.ts'
import { hashPassword } from '../../../authz-server/people/passwords.ts'
import { signIn } from '../../../authz-server/people/sign-in.ts'
import { admitGuess, createSignInLimits, GUESSES_OF_ACCOUNT, GUESSES_OF_ADDRESS, GUESSES_OF_PAIR } from '../../../authz-server/people/sign-in-limits.ts'
import { createSlowDown } from '../../../authz-server/people/slow-down.ts'
import { type AuthzWorld, startAuthzWorld } from '../../unit/authz-server/support/authz-world.ts'

const HOME = '192.0.2.7'
let world: AuthzWorld
let pauses = 0
let context: AuthzWorld['server']['context']
beforeAll(async () => {
  world = await startAuthzWorld()
  const passwordHash = await hashPassword('a test pass phrase')
  for (const id of ['alice', 'bob']) {
    const person = { id, email: `${id}@example.test`, displayName: id, passwordHash, emailVerified: true, createdAt: world.now() }
    await world.server.context.store.transaction(({ people }) => people.add(person))
  }
})
beforeEach(() => {
  pauses = 0
  const sleep = async () => {
    pauses += 1
  }
  context = { ...world.server.context, pairingLimits: createPairingLimits(sleep), signInLimits: createSignInLimits(sleep) }
})
afterAll(() => world.close())

const guess = () => generateUserCode((count) => randomBytes(count))
let count = 0
async function newCode(): Promise<string> {
  count += 1
  const device = await world.addDevice(`lockout-${count}`)
  return (await world.start(device.fetch, device.clientId)).userCode
}
async function typeCode(userCode: string, personId: string, address = HOME): Promise<string> {
  const found = await lookUpCode(context, { userCode, personId, sessionKey: personId, address }, world.now())
  return found.ok ? 'found' : found.error.reason
}

describe('codes', () => {
  test('TR22: five wrong codes of one account shut out that account and not its household', async () => {
    for (let round = 0; round < 5; round += 1) expect(await typeCode(guess(), 'mallory')).toBe('code_wrong')
    expect(await typeCode(await newCode(), 'mallory')).toBe('too_many_tries')
    expect(await typeCode(await newCode(), 'alice')).toBe('found')
    expect(await typeCode(guess(), 'bob')).toBe('code_wrong')
    expect(pauses).toBe(0)
  })

  test.each([
    { title: 'an IPv4 address', addressOf: () => HOME },
    { title: 'an IPv6 /64', addressOf: (round: number) => `2001:db8:1:2::${(round + 1).toString(16)}` },
    { title: 'an IPv6 /56, each guess from another /64', addressOf: (round: number) => `2001:db8:1:${(round % 256).toString(16)}::1` },
    { title: 'an IPv6 /48, each guess from another /56', addressOf: (round: number) => `2001:db8:1:${((round % 256) * 256).toString(16)}::1` },
  ])('TR22: guesses from $title are slowed down first, refused much later, and a right code of another account still works', async ({ addressOf }) => {
    const reasons: string[] = []
    for (let round = 0; round < 4 * CODE_TRIES_OF_ADDRESS && !reasons.includes('too_many_tries'); round += 1)
      reasons.push(await typeCode(guess(), `m${Math.floor(round / 5)}`, addressOf(round)))
    // At the latest by the budget of all together, which is 1,000.
    expect(reasons.at(-1)).toBe('too_many_tries')
    expect(reasons.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => 'code_wrong'))
    expect(reasons.length).toBeGreaterThan(CODE_TRIES_OF_ADDRESS)
    expect(pauses).toBeGreaterThan(0)
    expect(await typeCode(await newCode(), 'alice', addressOf(0))).toBe('found')
  })

  test('TR22: the budget of all together shuts out nobody who made no mistake, and gives nobody more than one guess beyond it', async () => {
    for (let round = 0; round < 1000; round += 1) await typeCode(guess(), `g${round}`, `10.${round >> 8}.${round & 255}.1`)
    expect(await typeCode(guess(), 'bob', '203.0.113.5')).toBe('too_many_tries')
    expect(await typeCode(await newCode(), 'bob', '203.0.113.5')).toBe('too_many_tries')
    expect(await typeCode(await newCode(), 'alice', '203.0.113.6')).toBe('found')
  })

  test('TR24: the limits do not follow the clock when it is set', async () => {
    for (let round = 0; round < 5; round += 1) await typeCode(guess(), 'mallory')
    expect((await lookUpCode(context, { userCode: guess(), personId: 'm', sessionKey: 'mallory', address: HOME }, world.now() + 86_400)).ok).toBe(false)
    expect(await typeCode(await newCode(), 'mallory')).toBe('too_many_tries')
  })
})

describe('passwords', () => {
  const attempt = async (email: string, address: string, password = 'wrong pass phrase') => {
    const signed = await signIn(context, { email, password, address }, world.now())
    return signed.ok ? 'in' : signed.error.reason
  }
  /** Counts like a wrong password, without the cost of hashing it. */
  const admit = async (account: string, address: string) =>
    'waitSeconds' in (await admitGuess(context.signInLimits, { account, address }, 0)) ? 'refused' : 'looked at'

  test('TR22: ten wrong passwords of one person do not shut out the family', async () => {
    for (let round = 0; round < GUESSES_OF_PAIR; round += 1) expect(await attempt('bob@example.test', HOME)).toBe('credentials_wrong')
    for (let round = 0; round < 50; round += 1) expect(await attempt('bob@example.test', HOME, 'a test pass phrase')).toBe('too_many_attempts')
    expect(await attempt('alice@example.test', HOME, 'a test pass phrase')).toBe('in')
    expect(pauses).toBe(0)
  })

  test('TR22: an attacker elsewhere cannot shut a person out: their own network is not even slowed down', async () => {
    expect(await attempt('alice@example.test', HOME, 'a test pass phrase')).toBe('in')
    for (let round = 0; round < 2 * GUESSES_OF_ACCOUNT; round += 1) await admit('alice@example.test', `198.51.${round >> 8}.${round & 255}`)
    const before = pauses
    expect(await attempt('alice@example.test', HOME, 'a test pass phrase')).toBe('in')
    expect(pauses).toBe(before)
    expect(await attempt('alice@example.test', '203.0.113.9', 'a test pass phrase')).toBe('in')
    expect(pauses).toBe(before + 1)
  })

  test('TR22: many guesses at one account from everywhere are slowed down', async () => {
    for (let round = 0; round < GUESSES_OF_ACCOUNT + 20; round += 1) expect(await admit('alice@example.test', `198.51.100.${round}`)).toBe('looked at')
    expect(pauses).toBe(20)
  })

  test('TR22: guesses from one address, each at another account, are slowed down and in the end refused', async () => {
    const answers: string[] = []
    for (let round = 0; round <= GUESSES_OF_ADDRESS; round += 1) answers.push(await admit(`p${round}@example.test`, HOME))
    expect(answers.slice(0, -1)).toEqual(Array.from({ length: GUESSES_OF_ADDRESS }, () => 'looked at'))
    expect(answers.at(-1)).toBe('refused')
    expect(pauses).toBe(GUESSES_OF_ADDRESS - 30)
    expect(await admit('alice@example.test', '192.0.2.8')).toBe('looked at')
  })

  test('TR22: only a few attempts wait at once; the others are told to come back', async () => {
    const wake: (() => void)[] = []
    const slow = createSlowDown(() => new Promise<void>((resolve) => void wake.push(resolve)))
    const all = Promise.all(Array.from({ length: 6 }, () => slow.pause('account alice')))
    expect(await slow.pause('account alice')).toBe(false)
    const other = slow.pause('account bob')
    for (const resolve of wake) resolve()
    expect((await all).filter(Boolean)).toHaveLength(4)
    expect(await other).toBe(true)
    const again = slow.pause('account alice')
    wake.at(-1)?.()
    expect(await again).toBe(true)
  })
})
