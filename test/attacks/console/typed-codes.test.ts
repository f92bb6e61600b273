// TR46: codes as people type and paste them. What cannot be a code, or was one, costs no try; what might be a guess does.
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readTypedCode, showTypedCode, TYPED_MAX_CHARACTERS, USER_CODE_LETTERS } from '../../../authz-server/pairing/typed-code.ts'
import type { SigningKey } from '../../../protocol/jws.ts'
import { type AuthzWorld, startAuthzWorld } from '../../support/authz-world.ts'
import { fuzzCases } from '../../support/fuzz-cases.ts'
import { createVisitor, fieldOf, type Visitor } from '../../support/visitor.ts'

const CODE = 'BCDF-GHJK'
const shift = (to: number) => [...CODE].map((letter) => (/[A-Z]/.test(letter) ? String.fromCodePoint((letter.codePointAt(0) ?? 0) + to) : letter)).join('')

describe('read as the code that was meant', () => {
  test.each([
    { title: 'as shown', typed: CODE },
    { title: 'lower case', typed: 'bcdf-ghjk' },
    { title: 'a zero-width space', typed: 'BCDF\u200b-GHJK' },
    { title: 'a zero-width joiner and non-joiner', typed: 'BC\u200dDF-G\u200cHJK' },
    { title: 'a soft hyphen', typed: 'BCDF\u00adGHJK' },
    { title: 'a word joiner', typed: 'BCDF\u2060GHJK' },
    { title: 'a byte order mark', typed: '\ufeffBCDF-GHJK' },
    { title: 'a left-to-right mark at the end', typed: 'BCDF-GHJK\u200e' },
    { title: 'bidirectional isolates around it', typed: '\u2068BCDF-GHJK\u2069' },
    { title: 'a non-breaking space', typed: 'BCDF\u00a0GHJK' },
    { title: 'a narrow non-breaking space', typed: 'BCDF\u202fGHJK' },
    { title: 'an ideographic space', typed: 'BCDF\u3000GHJK' },
    { title: 'a tab and a line end', typed: 'BCDF\tGHJK\r\n' },
    { title: 'a non-breaking hyphen', typed: 'BCDF\u2011GHJK' },
    { title: 'an en dash', typed: 'BCDF\u2013GHJK' },
    { title: 'an em dash', typed: 'BCDF\u2014GHJK' },
    { title: 'a minus sign', typed: 'BCDF\u2212GHJK' },
    { title: 'a full-width hyphen', typed: 'BCDF\uff0dGHJK' },
    { title: 'a katakana middle dot', typed: 'BCDF\u30fbGHJK' },
    { title: 'quotes around it', typed: '\u201cBCDF-GHJK\u201d' },
    { title: 'full-width letters', typed: shift(0xfee0) },
    { title: 'full-width small letters', typed: shift(0xfee0 + 0x20) },
    { title: 'mathematical bold letters', typed: shift(0x1d400 - 0x41) },
    { title: 'circled letters', typed: shift(0x24b6 - 0x41) },
    { title: 'a variation selector', typed: 'BCDF\ufe0f-GHJK' },
    { title: 'a combining grapheme joiner', typed: 'BCDF\u034fGHJK' },
    { title: 'a Hangul filler', typed: 'BCDF\u3164GHJK' },
    { title: 'a tag character', typed: 'BCDF\u{e0020}GHJK' },
  ])('TR46: $title', ({ typed }) => {
    expect(readTypedCode(typed)).toEqual({ kind: 'code', code: CODE })
    expect(showTypedCode(typed)).toBe(CODE)
  })

  test('TR46: anything that cannot be seen may stand anywhere', () => {
    const invisible = fc.constantFrom(
      ...'\u200b\u200c\u200d\u200e\u200f\u00ad\u2060\u2061\ufeff\u00a0\u2003\u202f\u3000 \t-\u2010\u2011\u2012\u2013\u2014\u2212.\u00b7',
    )
    const letters = fc.array(fc.constantFrom(...USER_CODE_LETTERS), { minLength: 8, maxLength: 8 })
    fc.assert(
      fc.property(letters, fc.array(fc.array(invisible, { maxLength: 3 }), { minLength: 9, maxLength: 9 }), fc.boolean(), (code, between, small) => {
        const typed = code.map((letter, index) => (between[index] ?? []).join('') + (small ? letter.toLowerCase() : letter)).join('')
        fc.pre(typed.length <= TYPED_MAX_CHARACTERS)
        expect(readTypedCode(typed)).toEqual({ kind: 'code', code: `${code.slice(0, 4).join('')}-${code.slice(4).join('')}` })
      }),
      { numRuns: fuzzCases() },
    )
  })

  test('TR46: any text is read without a fault, and shown without what cannot be seen', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (typed) => {
        expect(['code', 'impossible', 'no_code']).toContain(readTypedCode(typed).kind)
        expect(showTypedCode(typed)).not.toMatch(/[\p{Default_Ignorable_Code_Point}\p{C}]/u)
      }),
      { numRuns: fuzzCases() },
    )
  })
})

describe('look-alikes are named', () => {
  test.each([
    { typed: 'BCD0-GHJK', character: '0', meant: 'D or Q' },
    { typed: 'BCDO-GHJK', character: 'O', meant: 'D or Q' },
    { typed: 'BCD1-GHJK', character: '1', meant: 'L' },
    { typed: 'BCDI-GHJK', character: 'I', meant: 'L or J' },
    { typed: 'BCD5-GHJK', character: '5', meant: 'S' },
    { typed: 'BCD8-GHJK', character: '8', meant: 'B' },
    { typed: 'BCD2-GHJK', character: '2', meant: 'Z' },
    { typed: 'bcdu-ghjk', character: 'U', meant: 'V' },
    { typed: 'BСDF-GHJK', character: 'С', meant: 'C' },
    { typed: 'BCDF-GΗJK', character: 'Η', meant: 'H' },
    { typed: 'BCDÄ-GHJK', character: 'Ä', meant: undefined },
  ])('TR46: $character in $typed', ({ typed, character, meant }) => {
    expect(readTypedCode(typed)).toEqual({ kind: 'impossible', characters: [{ character, meant }] })
  })
})

describe('on the page', () => {
  let world: AuthzWorld
  let visitor: Visitor
  let key: SigningKey
  beforeAll(async () => {
    world = await startAuthzWorld()
  })
  beforeEach(async () => {
    await world.resetWithLimits()
    await world.person('alice@example.test')
    visitor = createVisitor(world.origin)
    await visitor.signIn('alice@example.test')
    key = await world.device('guitar-0042')
  })
  afterAll(() => world.close())
  const typeCode = (user_code: string) => visitor.submit('/device', '/device', { user_code })

  test('TR46: an expired code says so, however often it is typed, and costs no try', async () => {
    const { user_code: code } = await world.startPairing('device:guitar-0042', key)
    world.advance(601)
    for (let round = 0; round < 8; round += 1) {
      const page = await typeCode(code)
      expect([page.status, page.html.includes('That code has expired')]).toEqual([422, true])
    }
    expect((await typeCode('BBBB-BBBB')).html).toContain('4 tries left')
    const next = await world.startPairing('device:guitar-0042', key)
    expect((await typeCode(next.user_code)).status).toBe(303)
  })

  test("TR46: an expired code of another owner's device looks unknown", async () => {
    const { user_code: code } = await world.startPairing('device:guitar-0042', key)
    const bob = await world.person('bob@example.test')
    await world.context.store.transaction(({ devices }) => devices.assignOwner('guitar-0042', bob, world.now()))
    world.advance(601)
    expect((await typeCode(code)).html).toContain('No device is waiting with that code')
  })

  test('TR46: a look-alike is named and costs no try, nor does what is too short', async () => {
    for (let round = 0; round < 8; round += 1) {
      const page = await typeCode('BCD0-GHJK')
      expect(page.status).toBe(422)
      expect(page.html).toContain('No code contains &quot;0&quot;, which may be D or Q')
    }
    for (const typed of ['BCDF', 'BCDF-GHJ', 'BCDF-GHJKL', '-', '?'.repeat(40)]) expect((await typeCode(typed)).html).toContain('A code has eight letters')
    expect((await typeCode('BСDF-GHJK')).html).toContain('(Cyrillic)')
    expect((await typeCode('BBBB-BBBB')).html).toContain('4 tries left')
  })

  test('TR46: the field comes back clean', async () => {
    expect(fieldOf((await typeCode('bbbb\u200bbbbb')).html, 'user_code')).toBe('BBBB-BBBB')
    expect(fieldOf((await typeCode('BCD0\u200b-GHJK')).html, 'user_code')).toBe('BCD0-GHJK')
    expect(fieldOf((await visitor.open('/device?user_code=bbbb%E2%80%8Bbbbb')).html, 'user_code')).toBe('BBBB-BBBB')
  })

  test('TR46: a pasted code leads on', async () => {
    const { user_code: code } = await world.startPairing('device:guitar-0042', key)
    expect((await typeCode(`\u2068${code.replace('-', '\u00ad')}\u2069`)).status).toBe(303)
  })
})
