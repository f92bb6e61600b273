// Every page at 360 pixels, light and dark: nothing against WCAG 2.2 AA, nothing sticks out; and names made to attack (C01, C03) stay harmless text.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { app, redeem, sidecar, withClaims } from '../attacks/authz-server-uma/uma-world.ts'
import { type AuthzWorld, PASSWORD, startAuthzWorld } from '../support/authz-world.ts'
import { findViolations, fitsWidth, HAS_CHROMIUM, openBrowser, SKIP_REASON, type TestBrowser, takeScreenshot } from './browser.ts'

const NASTY = `"><img src=x onerror=alert(1)><script>alert(2)</script>'\u202e`
const RULES = `version: 1
timezone: Europe/Paris
people:
  band: [bob@example.test, carol@example.test]
shares:
  - name: ${JSON.stringify(`The band <b>may</b> ask "&`)}
    who: [band]
    what: [guitar-0042, drum-0001]
    may: [read, play, diagnose]
    only: { days: [mon-fri], between: "00:00-24:00", from: [192.0.2.0/24] }
    hide: [$.location, $.owner.email]
    ask: true
  - { name: Carol reads, who: [carol@example.test], what: [everything], may: [read] }
block:
  - who: [mallory@example.test]
`

interface Shown {
  readonly name: string
  /** Brings the browser there. */
  readonly open: (world: AuthzWorld, browser: TestBrowser) => Promise<void>
}

const PAGES: readonly Shown[] = [
  { name: 'home', open: (world, { page }) => go(world, page, '/') },
  { name: 'enter-code', open: (world, { page }) => go(world, page, '/device') },
  { name: 'enter-code-by-link', open: (world, { page }) => go(world, page, '/device?user_code=WDJB-MJHT') },
  {
    name: 'enter-code-wrong',
    async open(world, { page }) {
      await go(world, page, '/device')
      await page.fill('#user_code', 'BBBB-BBBB')
      await page.click('main button')
    },
  },
  {
    name: 'enter-code-look-alike',
    async open(world, { page }) {
      await go(world, page, '/device')
      await page.fill('#user_code', 'BCD0-GHJK')
      await page.click('main button')
    },
  },
  { name: 'confirm', open: openConfirm },
  {
    name: 'undone',
    async open(world, browser) {
      await openConfirm(world, browser)
      await browser.page.click('button[value=approve]')
      await browser.page.click('main form button')
    },
  },
  { name: 'reset-unusable', open: (world, { page }) => go(world, page, '/reset?token=x') },
  {
    name: 'stopped',
    async open(world, browser) {
      await openConfirm(world, browser)
      await browser.page.click('button[value=deny_sent]')
    },
  },
  { name: 'code-over', open: (world, { page }) => go(world, page, '/device/confirm?pairing=x') },
  {
    name: 'devices',
    async open(world, { page }) {
      await go(world, page, '/devices')
      await page.locator('summary').first().click()
    },
  },
  { name: 'rules', open: (world, { page }) => go(world, page, '/rules') },
  {
    name: 'rules-wrong',
    async open(world, { page }) {
      await go(world, page, '/rules')
      await page.fill('#text', `${RULES}nonsense: <script>alert(3)</script>\n  x`)
      await page.click('main form button')
    },
  },
  {
    name: 'rules-conflict',
    async open(world, { page }) {
      await go(world, page, '/rules')
      await page.evaluate(`document.querySelector('[name=revision]').value = '0'`)
      await page.fill('#text', `# mine\n${RULES}`)
      await page.click('main form button')
    },
  },
  { name: 'inbox', open: (world, { page }) => go(world, page, '/inbox') },
  { name: 'sign-out', open: (world, { page }) => go(world, page, '/signout') },
]

async function go(world: AuthzWorld, page: TestBrowser['page'], path: string): Promise<void> {
  await page.goto(world.origin + path)
}

async function openConfirm(world: AuthzWorld, { page }: TestBrowser): Promise<void> {
  const key = await world.device(`drum-${world.now()}`, `Drum ${NASTY}`)
  const pairing = await world.startPairing(`device:drum-${world.now()}`, key)
  world.advance(1)
  await go(world, page, '/device')
  await page.fill('#user_code', pairing.user_code)
  await page.click('main button')
}

describe.skipIf(!HAS_CHROMIUM).each([
  { scheme: 'light', dark: false, width: 360 },
  { scheme: 'dark', dark: true, width: 360 },
  { scheme: 'wide', dark: false, width: 1280 },
])(`pages, $scheme, $width pixels${SKIP_REASON}`, ({ scheme, dark, width }) => {
  let world: AuthzWorld
  let browser: TestBrowser

  beforeAll(async () => {
    world = await startAuthzWorld()
    const alice = await world.person('alice@example.test', `Alice ${NASTY}`)
    const bob = { id: await world.person('bob@example.test', `Bob ${NASTY}`), email: 'bob@example.test' }
    const key = await world.device('guitar-0042', `Nightingale ${NASTY}`)
    const pairing = await world.startPairing('device:guitar-0042', key)
    browser = await openBrowser({ javaScript: true, dark, width })
    const { page } = browser
    await go(world, page, '/signin')
    expect(await findViolations(page)).toEqual([])
    await takeScreenshot(page, `${scheme}-sign-in`)
    await page.fill('#email', 'alice@example.test')
    await page.fill('#password', PASSWORD)
    await page.click('main button')
    await go(world, page, '/device')
    await page.fill('#user_code', pairing.user_code)
    await page.click('main button')
    await page.click('button[value=approve]')
    expect(await findViolations(page)).toEqual([])
    await takeScreenshot(page, `${scheme}-connected`)
    await world.thing({ id: 'res-drum', key: 'drum-0001', owner: alice, name: `Drum ${NASTY}` })
    await world.rules(alice, RULES)
    const bobsApp = app(world, bob)
    await redeem(world, bobsApp, withClaims(await sidecar(world).ticket('res-drum', ['read', 'play']), bobsApp.idToken()))
  })
  afterAll(async () => {
    await browser?.close()
    await world?.close()
  })

  test.each(PAGES)('$name: nothing against WCAG 2.2 AA, nothing sticks out, nothing runs (C01)', async ({ name, open }) => {
    await open(world, browser)
    const { page } = browser
    expect(await findViolations(page)).toEqual([])
    expect(await fitsWidth(page)).toBe(true)
    expect(await page.locator('main img, main script').count()).toBe(0)
    await takeScreenshot(page, `${scheme}-${name}`)
  })

  test('C01: names with tags, quotes and marks of direction were shown as text; no dialog, no report', async () => {
    const { page, complaints } = browser
    await go(world, page, '/inbox')
    const text = (await page.textContent('main')) ?? ''
    expect(text).toContain(`Bob "><img src=x onerror=alert(1)><script>alert(2)</script>'[U+202E]`)
    expect(text).toContain('Drum "><img')
    expect(text).toContain('The band <b>may</b> ask "&')
    expect(complaints.filter((line) => !/the server responded with a status of (403|409|410|422)/.test(line))).toEqual([])
  })
})

describe.skipIf(!HAS_CHROMIUM)(`another site${SKIP_REASON}`, () => {
  let world: AuthzWorld
  let evil: Server
  let browser: TestBrowser
  let html = ''

  beforeAll(async () => {
    world = await startAuthzWorld()
    await world.person('alice@example.test')
    evil = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(html))
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve))
    browser = await openBrowser({ javaScript: true })
    await go(world, browser.page, '/signin')
    await browser.page.fill('#email', 'alice@example.test')
    await browser.page.fill('#password', PASSWORD)
    await browser.page.click('main button')
  })
  afterAll(async () => {
    await browser?.close()
    evil?.close()
    await world?.close()
  })
  // Another name for the same machine is another site to the browser.
  const evilOrigin = () => `http://localhost:${(evil.address() as AddressInfo).port}`

  test.each(['/signin', '/device', '/device/confirm', '/devices', '/rules', '/inbox'])('C03: cannot frame %s', async (path) => {
    html = `<iframe src="${world.origin}${path}"></iframe>`
    await browser.page.goto(evilOrigin())
    await expect.poll(() => browser.page.frames()[1]?.url() ?? '').toMatch(/^chrome-error:/)
    expect(browser.complaints.at(-1)).toMatch(/frame-ancestors|X-Frame-Options/)
  })

  test('C04: cannot send a form, though the browser is signed in', async () => {
    html = `<form method="post" action="${world.origin}/signout"><button>win a prize</button></form>`
    await browser.page.goto(evilOrigin())
    await browser.page.click('button')
    expect(browser.page.url()).toBe(`${world.origin}/signout`)
    expect(await browser.page.textContent('h1')).toMatch(/did not come from this site|signed out/)
    await go(world, browser.page, '/')
    expect(await browser.page.textContent('h1')).toBe('Your things, your rules')
  })
})
