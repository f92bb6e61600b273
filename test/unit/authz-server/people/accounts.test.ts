import { describe, expect, test } from 'vitest'
import { createAttemptLimit } from '../../../../authz-server/people/attempt-limit.ts'
import { parseEmail } from '../../../../authz-server/people/email.ts'
import { hashPassword, isPassword, PASSWORD_MAX_CHARACTERS } from '../../../../authz-server/people/passwords.ts'
import { buildCookie, readCookie } from '../../../../authz-server/people/session-cookie.ts'
import { addressPrefix } from '../../../../protocol/address.ts'

describe('passwords', () => {
  test('are kept as argon2id with 19 MiB and two passes', async () => {
    expect(await hashPassword('a test pass phrase')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  })
  test('match themselves, however the accents were typed', async () => {
    expect(await isPassword('caf\u0065\u0301 au lait', await hashPassword('caf\u00e9 au lait'))).toBe(true)
    expect(await isPassword('cafe au lait', await hashPassword('caf\u00e9 au lait'))).toBe(false)
  })
  test('an unknown account is never right', async () => {
    expect(await isPassword('nobody signs in with this', undefined)).toBe(false)
  })
  test('what no account can have is not hashed', async () => {
    expect(await isPassword('x'.repeat(PASSWORD_MAX_CHARACTERS + 1), undefined)).toBe(false)
  })
  test('an unknown account takes as long as a known one', async () => {
    const hash = await hashPassword('a test pass phrase')
    await isPassword('warm up', undefined)
    const ratios: number[] = []
    // In turns and by the median, so that a busy machine does not decide.
    for (let round = 0; round < 11; round += 1) ratios.push((await timeOf(undefined)) / (await timeOf(hash)))
    const median = ratios.sort((a, b) => a - b)[5]
    expect(median).toBeGreaterThan(0.5)
    expect(median).toBeLessThan(2)
  })
})

describe('limits of attempts', () => {
  const limit = () => createAttemptLimit({ most: 3, windowSeconds: 60, maxKeys: 2 })
  test('three attempts in a minute, a fourth after it', () => {
    const three = limit()
    expect([1, 2, 3, 4].map(() => three.take('a', 100))).toEqual([true, true, true, false])
    expect(three.take('a', 159)).toBe(false)
    expect(three.waitSeconds('a', 159)).toBe(1)
    expect(three.take('a', 160)).toBe(true)
  })
  test('a success gives back its own attempt and no other', () => {
    const three = limit()
    three.take('a', 100)
    three.take('a', 100)
    three.take('a', 100)
    three.giveBack('a', 100)
    expect([three.left('a', 100), three.take('a', 100), three.take('a', 100)]).toEqual([1, true, false])
  })
  test('when too many keys are alive, new ones share one count, and old counts stay', () => {
    const three = limit()
    for (let index = 0; index < 3; index += 1) three.take('a', 100)
    three.take('b', 100)
    expect(['c', 'd', 'e', 'f'].map((key) => three.take(key, 100))).toEqual([true, true, true, false])
    expect(three.take('a', 100)).toBe(false)
  })
})

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
  ['::1', '::/64'],
  ['fe80::1%eth0', 'fe80::/64'],
])('O17: %s is counted as %s', (address, key) => expect(addressPrefix(address)).toBe(key))

test.each([
  [' Alice@Example.TEST ', 'alice@example.test'],
  ['a+b@example.test', 'a+b@example.test'],
  ['alice', undefined],
  ['alice@example', undefined],
  ['a b@example.test', undefined],
  ['alice@example.test\nbcc: x@example.test', undefined],
  ['\u212aelvin@example.test', undefined],
  ['<alice@example.test>', undefined],
])('the address %j is read as %s', (text, expected) => expect(parseEmail(text)).toBe(expected))

describe('cookies', () => {
  test('over https carry the __Host- prefix and are Secure', () => {
    expect(buildCookie('session', 'value', 'https://as.example')).toBe('__Host-latchkey=value; Path=/; HttpOnly; SameSite=Lax; Secure')
  })
  test('over loopback http have a plain name', () => {
    expect(buildCookie('session', 'value', 'http://127.0.0.1:9400')).toBe('latchkey-dev=value; Path=/; HttpOnly; SameSite=Lax')
  })
  const id = 'a'.repeat(43)
  test.each([
    ['one among others', `x=1; __Host-latchkey=${id}; y=2`, id],
    ['given twice', `__Host-latchkey=${id}; __Host-latchkey=${id}`, undefined],
    ['the plain name', `latchkey-dev=${id}`, undefined],
    ['another that ends alike', `x__Host-latchkey=${id}`, undefined],
    ['empty', '__Host-latchkey=', undefined],
    ['odd characters', '__Host-latchkey="aaaaaaaaaaaaaaaaaaaaaaaa"', undefined],
    ['none', undefined, undefined],
  ])('are read strictly: %s', (_title, header, expected) => expect(readCookie('session', header, 'https://as.example')).toBe(expected))
})

async function timeOf(stored: string | undefined): Promise<number> {
  const start = performance.now()
  await isPassword('wrong', stored)
  return performance.now() - start
}
