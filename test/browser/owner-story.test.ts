// An owner's whole story in a real browser: signed in, a device connected, rules written wrong and then right, a request answered. With and without JavaScript.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildFingerprintWords } from '../../protocol/fingerprint-words.ts'
import { app, redeem, sidecar, withClaims } from '../attacks/authz-server-uma/uma-world.ts'
import { type AuthzWorld, PASSWORD, startAuthzWorld } from '../support/authz-world.ts'
import { HAS_CHROMIUM, openBrowser, SKIP_REASON, type TestBrowser, takeScreenshot } from './browser.ts'

const RULES = `version: 1
timezone: Europe/Paris
shares:
  - name: The band may ask
    who: [bob@example.test]
    what: [guitar-0042]
    may: [read, play]
    only: { between: "00:00-24:00" }
    hide: [$.location]
    ask: true
`

describe.skipIf(!HAS_CHROMIUM).each([
  { title: 'without JavaScript', javaScript: false },
  { title: 'with JavaScript', javaScript: true },
])(`an owner $title${SKIP_REASON}`, ({ javaScript }) => {
  let world: AuthzWorld
  let browser: TestBrowser
  let alice: string

  beforeAll(async () => {
    world = await startAuthzWorld()
    alice = await world.person('alice@example.test', 'Alice')
    browser = await openBrowser({ javaScript })
  })
  afterAll(async () => {
    await browser?.close()
    await world?.close()
  })

  const shot = (name: string) => takeScreenshot(browser.page, `story-${javaScript ? 'script' : 'plain'}-${name}`)

  test('signs in and is led to where the link wanted', async () => {
    const { page } = browser
    await page.goto(`${world.origin}/device?user_code=wdjb-mjht`)
    expect(page.url()).toContain('/signin?next=')
    await page.fill('#email', 'alice@example.test')
    await page.fill('#password', 'not the password')
    await page.click('main button')
    expect(await page.textContent('[role=alert]')).toContain('is wrong')
    await page.fill('#password', PASSWORD)
    await page.click('main button')
    expect(new URL(page.url()).pathname).toBe('/device')
    expect(await page.inputValue('#user_code')).toBe('WDJB-MJHT')
  })

  test('types the code, compares, and connects the device', async () => {
    const { page } = browser
    const key = await world.device('guitar-0042')
    const pairing = await world.startPairing('device:guitar-0042', key)
    await page.goto(`${world.origin}/device`)
    await page.fill('#user_code', 'BBBB-BBBB')
    await page.click('main button')
    expect(await page.textContent('[role=alert]')).toContain('4 tries left')
    await page.fill('#user_code', pairing.user_code.toLowerCase().replace('-', ' '))
    await page.click('main button')
    expect(await page.textContent('h1')).toBe('Is this device in front of you?')
    const text = (await page.textContent('main')) ?? ''
    for (const fact of [
      'smart-guitar',
      'Nightingale S',
      '0042',
      pairing.user_code,
      'unknown: this server cannot see which network a request comes from',
      'less than a minute ago',
      'read, play and diagnose',
    ])
      expect(text).toContain(fact)
    expect(await page.locator('.words li').allTextContents()).toEqual(buildFingerprintWords(key.kid))
    await shot('confirm')
    await page.click('button[value=approve]')
    expect(await page.textContent('h1')).toBe('Connected')
    expect((await world.context.store.read.devices.find('guitar-0042'))?.owner).toBe(alice)
    await shot('connected')
  })

  test('writes rules with a mistake, sees it beside the line, and mends it', async () => {
    const { page } = browser
    await page.click('nav a[href="/rules"]')
    await page.fill('#text', RULES.replace('hide:', 'hdie:'))
    await page.click('main form button')
    expect(await page.textContent('.errors')).toContain('Line 9')
    expect(await page.inputValue('#text')).toContain('hdie:')
    await shot('rules-wrong')
    await page.fill('#text', RULES)
    await page.click('main form button')
    expect(await page.textContent('[role=status]')).toContain('Enforced from revision 1')
    expect(await page.inputValue('#text')).toBe(RULES)
    await shot('rules-saved')
  })

  test('answers a request in part, and the requester has it at the next poll', async () => {
    const { page } = browser
    const bobsApp = app(world, { id: await world.person('bob@example.test', 'Bob'), email: 'bob@example.test' })
    const [thing] = await world.context.store.read.resources.listOfOwner(alice)
    const asked = await redeem(world, bobsApp, withClaims(await sidecar(world).ticket(thing?.id ?? '', ['read', 'play']), bobsApp.idToken()))
    expect(asked.body.error).toBe('request_submitted')
    await page.goto(`${world.origin}/inbox`)
    expect(await page.title()).toBe('(1) Requests - Latchkey')
    const text = (await page.textContent('main')) ?? ''
    for (const fact of ['bob@example.test would like to play and read', 'Band app', 'Guitar guitar-0042', 'without seeing $.location', 'The band may ask'])
      expect(text).toContain(fact)
    await shot('inbox')
    await page.uncheck('input[value=play]')
    await page.fill('input[type=date]', '2026-12-24')
    await page.click('main form[action="/inbox/approve"] button')
    expect(await page.textContent('[role=status]')).toContain('Allowed. Your answer is a share in my rules now (revision 2)')
    await shot('inbox-answered')
    const answered = await redeem(world, bobsApp, withClaims(String(asked.body.ticket), bobsApp.idToken()))
    expect(answered.status).toBe(200)
    await page.click('nav a[href="/rules"]')
    expect(await page.inputValue('#text')).toContain('Approved for bob@example.test on 2026-11-23')
    await shot('rules-after')
  })

  test('signs out, and the way back asks for the password', async () => {
    const { page } = browser
    await page.click('footer button')
    expect(new URL(page.url()).pathname).toBe('/signin')
    await page.goto(`${world.origin}/inbox`)
    expect(new URL(page.url()).pathname).toBe('/signin')
  })

  test('C01: the browser refused nothing of ours and had nothing to complain about', () => {
    // A wrong password, a wrong code and wrong rules are answered with a status that Chromium notes in its console.
    expect(browser.complaints.filter((line) => !/the server responded with a status of (401|422)/.test(line))).toEqual([])
  })
})
