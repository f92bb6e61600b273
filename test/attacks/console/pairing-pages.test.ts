// V07 and V01, the half of the pages: no link approves, the page names what asks, only the session that typed the code may answer.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildFingerprintWords } from '../../../protocol/fingerprint-words.ts'
import type { SigningKey } from '../../../protocol/jws.ts'
import { type AuthzWorld, newKey, startAuthzWorld } from '../../support/authz-world.ts'
import { type Answered, createVisitor, formTokenOf, type Visitor } from '../../support/visitor.ts'

let world: AuthzWorld
let alice: string
let visitor: Visitor
let key: SigningKey

beforeAll(async () => {
  world = await startAuthzWorld()
})
beforeEach(async () => {
  await world.resetWithLimits()
  alice = await world.person('alice@example.test')
  await world.person('mallory@example.test')
  visitor = createVisitor(world.origin)
  await visitor.signIn('alice@example.test')
  key = await world.device('guitar-0042')
})
afterAll(() => world.close())

const start = () => world.startPairing('device:guitar-0042', key)
const statusOf = async () => (await world.context.store.read.devices.find('guitar-0042'))?.owner
const typeCode = (userCode: string, by = visitor) => by.submit('/device', '/device', { user_code: userCode })

async function openConfirm(userCode: string, by = visitor): Promise<Answered & { readonly handle: string }> {
  const typed = await typeCode(userCode, by)
  expect(typed.status).toBe(303)
  const page = await by.open(typed.location)
  return { ...page, handle: new URL(typed.location, world.origin).searchParams.get('pairing') ?? '' }
}

describe('V07: nothing is approved but by the form', () => {
  test('V07: opening the link with the code, again and again, only fills in the field and warns', async () => {
    const { verification_uri_complete: link, user_code: code } = await start()
    for (let turn = 0; turn < 3; turn += 1) {
      const page = await visitor.open(link.slice(world.origin.length))
      expect(page.status).toBe(200)
      expect(page.html).toContain(`value="${code}"`)
      expect(page.html).toContain('the device must show exactly this code')
      expect(page.html).not.toContain('Yes, connect it')
    }
    expect(await statusOf()).toBeNull()
  })

  test('V07: the confirm page names the device, its key, what it may do, its age and where it asks from, and approves nothing by GET', async () => {
    const { user_code: code } = await start()
    world.advance(125)
    const page = await openConfirm(code)
    for (const fact of [
      'smart-guitar',
      'Nightingale S',
      '0042',
      code,
      '2 minutes ago',
      'unknown: this server cannot tell which network a request comes from',
      'read, play and diagnose',
      'Is this device in front of you?',
      'Someone sent me this code',
    ])
      expect(page.html).toContain(fact)
    for (const word of buildFingerprintWords(key.kid)) expect(page.html).toContain(`<li>${word}</li>`)
    await visitor.open(`/device/confirm?pairing=${page.handle}&decision=approve`)
    expect(await statusOf()).toBeNull()
  })

  test('V07: a confirm page cannot be opened or answered by another session, not even of the same person', async () => {
    const { user_code: code } = await start()
    const { handle } = await openConfirm(code)
    for (const email of ['mallory@example.test', 'alice@example.test']) {
      const other = createVisitor(world.origin)
      await other.signIn(email)
      expect((await other.open(`/device/confirm?pairing=${handle}`)).status).toBe(410)
      expect((await other.submit('/', '/device/confirm', { pairing: handle, decision: 'approve' })).status).toBe(403)
    }
    expect(await statusOf()).toBeNull()
  })

  test('V07: a pairing id without the code that was typed is worth nothing', async () => {
    const { user_code: code } = await start()
    const { handle } = await openConfirm(code)
    const [id = '', , mac = ''] = handle.split('.')
    for (const forged of [id, `${id}.${code}.`, `${id}.BBBB-BBBB.${mac}`, `${'A'.repeat(22)}.${code}.${mac}`, '', 'x'.repeat(5000)])
      expect((await visitor.submit('/', '/device/confirm', { pairing: forged, decision: 'approve' })).status, forged.slice(0, 80)).toBe(403)
    expect(await statusOf()).toBeNull()
  })

  test.each(['', 'yes', 'approve ', 'constructor'])('V07: the answer %j is none', async (decision) => {
    const { handle, html } = await openConfirm((await start()).user_code)
    expect((await visitor.post('/device/confirm', { form_token: formTokenOf(html), pairing: handle, decision })).status).toBe(403)
    expect(await statusOf()).toBeNull()
  })

  test('V07: yes connects once; the same page sent again changes nothing and says what is so', async () => {
    const { handle, html } = await openConfirm((await start()).user_code)
    const fields = { form_token: formTokenOf(html), pairing: handle, decision: 'approve' }
    const answers = await Promise.all(Array.from({ length: 5 }, () => visitor.post('/device/confirm', fields)))
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200])
    expect(answers.filter((answer) => answer.html.includes('It notices within a few seconds'))).toHaveLength(1)
    for (const answer of answers) expect(answer.html).toContain('is yours')
    expect(await statusOf()).toBe(alice)
    expect((await world.context.store.read.devices.find('guitar-0042'))?.epoch).toBe(1)
  })

  test.each([
    { title: 'at the last second', age: 599, expected: 200 },
    { title: 'after ten minutes', age: 600, expected: 410 },
  ])('V07: a code confirmed $title is answered $expected', async ({ age, expected }) => {
    const { handle, html } = await openConfirm((await start()).user_code)
    world.advance(age)
    expect((await visitor.post('/device/confirm', { form_token: formTokenOf(html), pairing: handle, decision: 'approve' })).status).toBe(expected)
  })

  test.each([
    { decision: 'deny', reported: false },
    { decision: 'deny_sent', reported: true },
  ])('V07: "$decision" burns the code', async ({ decision, reported }) => {
    const { user_code: code } = await start()
    const { handle, html } = await openConfirm(code)
    const before = world.log.length
    const answer = await visitor.post('/device/confirm', { form_token: formTokenOf(html), pairing: handle, decision })
    expect(answer.html).toContain('the code no longer works')
    expect(world.log.slice(before).some((line) => line.event === 'pairing_reported')).toBe(reported)
    expect((await typeCode(code)).status).toBe(422)
    expect(await statusOf()).toBeNull()
  })

  test('V07: an app is named as an app, with what it may say', async () => {
    const page = await openConfirm((await world.startPairing('band-app', newKey(), 'openid')).user_code)
    for (const fact of ['Do you use this app?', 'Band app', 'tell others that it acts for you']) expect(page.html).toContain(fact)
  })
})

describe('V01: guesses', () => {
  test('V01: five tries, told as they go, then none, not even the right one; signing in again gives no new ones', async () => {
    const { user_code: code } = await start()
    for (const left of ['4 tries left', '3 tries left', '2 tries left', '1 try left', '0 tries left']) {
      const answer = await typeCode('BBBB-BBBB')
      expect(answer.status).toBe(422)
      expect(answer.html).toContain(left)
    }
    expect((await typeCode(code)).status).toBe(429)
    const again = createVisitor(world.origin)
    await again.signIn('alice@example.test')
    const limited = await typeCode(code, again)
    expect(limited.status).toBe(429)
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('V11: unknown and used codes get the same words, and so do all that are too short to be one', async () => {
    const first = await start()
    const { handle, html } = await openConfirm(first.user_code)
    await visitor.post('/device/confirm', { form_token: formTokenOf(html), pairing: handle, decision: 'deny' })
    for (const codes of [
      ['BBBB-BBBB', first.user_code],
      ['AEIO', '"><script>', first.user_code.slice(0, 7)],
    ]) {
      const pages = []
      for (const code of codes) pages.push(await typeCode(code))
      const plain = pages.map((page) => page.html.replace(/value="[^"]*"/g, '').replace(/\d tr(y|ies) left/, ''))
      expect(new Set(plain).size).toBe(1)
      expect(new Set(pages.map((page) => page.status))).toEqual(new Set([422]))
    }
  })

  test.each(['lower', 'spaces', 'no dash', 'dots'])('codes may be typed with %s', async (how) => {
    const { user_code: code } = await start()
    const typed =
      { lower: code.toLowerCase(), spaces: ` ${code.replace('-', ' ')} `, 'no dash': code.replace('-', ''), dots: code.split('').join('.') }[how] ?? ''
    expect((await typeCode(typed)).status).toBe(303)
  })
})
