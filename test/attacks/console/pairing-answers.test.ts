// TR45: a page says what is so, in whatever order and however often its buttons are pressed, and offers to undo it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SigningKey } from '../../../protocol/jws.ts'
import { GRANT_TYPES } from '../../../protocol/oauth/messages.ts'
import { type AuthzWorld, newKey, PASSWORD, startAuthzWorld } from '../../support/authz-world.ts'
import { createVisitor, formTokenOf, type Visitor } from '../../support/visitor.ts'

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
  await world.person('bob@example.test')
  visitor = createVisitor(world.origin)
  await visitor.signIn('alice@example.test')
  key = await world.device('guitar-0042')
})
afterAll(() => world.close())

const TEXT = { connected: 'is yours', stopped: /Nothing was connected|nothing was connected/, undone: 'is no longer connected to your account' }
const ownerOf = async () => (await world.context.store.read.devices.find('guitar-0042'))?.owner

interface Typed {
  readonly press: (decision: string, by?: Visitor) => ReturnType<Visitor['post']>
  readonly undo: () => ReturnType<Visitor['post']>
  readonly look: () => ReturnType<Visitor['open']>
  readonly poll: () => Promise<{ readonly status: number; readonly error: unknown; readonly body: Readonly<Record<string, unknown>> }>
}

async function type(clientId = 'device:guitar-0042', by = visitor, withKey = key): Promise<Typed> {
  const code = await world.startPairing(clientId, withKey, clientId.startsWith('device:') ? undefined : 'openid')
  const { location } = await by.submit('/device', '/device', { user_code: code.user_code })
  const pairing = new URL(location, world.origin).searchParams.get('pairing') ?? ''
  const { html } = await by.open(location)
  const send = (path: string, fields: Readonly<Record<string, string>>) => by.post(path, { form_token: formTokenOf(html), pairing, ...fields })
  return {
    press: (decision) => send('/device/confirm', { decision }),
    undo: () => send('/device/undo', {}),
    look: () => by.open(location),
    async poll() {
      const body = new URLSearchParams({ grant_type: GRANT_TYPES.deviceCode, device_code: code.device_code, client_id: clientId })
      const response = await world.provingFetch(withKey)(`${world.origin}/token`, { method: 'POST', body })
      const answer = (await response.json()) as Record<string, unknown>
      return { status: response.status, error: answer['error'], body: answer }
    },
  }
}

describe('a device', () => {
  test.each([
    { title: 'yes, yes', presses: ['approve', 'approve'], status: 200, says: TEXT.connected, connected: true },
    { title: 'yes, no', presses: ['approve', 'deny'], status: 409, says: TEXT.connected, connected: true },
    { title: 'yes, "somebody sent me this"', presses: ['approve', 'deny_sent'], status: 409, says: TEXT.connected, connected: true },
    { title: 'yes, no, yes', presses: ['approve', 'deny', 'approve'], status: 200, says: TEXT.connected, connected: true },
    { title: 'no, no', presses: ['deny', 'deny'], status: 200, says: TEXT.stopped, connected: false },
    { title: 'no, yes', presses: ['deny', 'approve'], status: 409, says: TEXT.stopped, connected: false },
    { title: '"somebody sent me this", yes', presses: ['deny_sent', 'approve'], status: 409, says: TEXT.stopped, connected: false },
  ])('TR45: $title: the last page tells the state of the device', async ({ presses, status, says, connected }) => {
    const typed = await type()
    let last = await typed.look()
    for (const decision of presses) last = await typed.press(decision)
    expect(last.status).toBe(status)
    expect(last.html).toMatch(says)
    if (connected) expect(last.html).not.toMatch(TEXT.stopped)
    else expect(last.html).not.toContain(TEXT.connected)
    expect(last.html.includes('action="/device/undo"')).toBe(connected)
    expect(await ownerOf()).toBe(connected ? alice : null)
    const again = await typed.look()
    expect(again.html).toMatch(says)
  })

  test('TR45: yes and no at the same moment: both pages tell the same', async () => {
    const typed = await type()
    const pages = await Promise.all(['approve', 'deny', 'approve', 'deny'].map((decision) => typed.press(decision)))
    const isConnected = (await ownerOf()) === alice
    for (const page of pages) expect(page.html.includes(TEXT.connected)).toBe(isConnected)
  })

  test.each([
    { title: 'before the device has asked for its tokens', redeemed: false },
    { title: 'after the device got its tokens', redeemed: true },
  ])('TR45: undo $title frees the device, ends its tokens, and the device can be connected again', async ({ redeemed }) => {
    const typed = await type()
    await typed.press('approve')
    const tokens = redeemed ? await typed.poll() : undefined
    for (let round = 0; round < 2; round += 1) {
      const page = await typed.undo()
      expect([page.status, page.html.includes(TEXT.undone)]).toEqual([200, true])
    }
    expect((await typed.press('approve')).html).toMatch(TEXT.stopped)
    expect(await world.context.store.read.devices.find('guitar-0042')).toMatchObject({ owner: null, status: 'active' })
    expect(await world.context.store.read.resources.listOfDevice('guitar-0042')).toEqual([])
    if (tokens !== undefined) {
      const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: String(tokens.body['refresh_token']), client_id: 'device:guitar-0042' })
      expect((await world.provingFetch(key)(`${world.origin}/token`, { method: 'POST', body })).status).toBe(400)
    } else expect((await typed.poll()).error).toBe('access_denied')
    const next = await type()
    expect((await next.press('approve')).status).toBe(200)
    expect((await next.poll()).status).toBe(200)
    expect(await ownerOf()).toBe(alice)
  })

  test('TR45: a device that was theirs before is not taken from them by undoing a later code', async () => {
    const first = await type()
    await first.press('approve')
    await first.poll()
    const second = await type()
    await second.press('approve')
    expect((await second.undo()).html).toContain(TEXT.undone)
    expect((await second.poll()).error).toBe('access_denied')
    expect(await ownerOf()).toBe(alice)
    const third = await type()
    await third.press('approve')
    await third.poll()
    const page = await third.press('approve')
    expect(page.html).not.toContain('action="/device/undo"')
    expect(page.html).toContain('href="/devices"')
    expect((await third.undo()).html).toContain(TEXT.connected)
  })

  test('TR45: of two accounts with the same code, the second is told that another account answered, and changes nothing', async () => {
    const code = await world.startPairing('device:guitar-0042', key)
    const bob = createVisitor(world.origin)
    await bob.signIn('bob@example.test')
    const [hers, his] = [
      await visitor.submit('/device', '/device', { user_code: code.user_code }),
      await bob.submit('/device', '/device', { user_code: code.user_code }),
    ]
    const answer = async (by: Visitor, location: string) => {
      const page = await by.open(location)
      const pairing = new URL(location, world.origin).searchParams.get('pairing') ?? ''
      return { page, post: (decision: string) => by.post('/device/confirm', { form_token: formTokenOf(page.html), pairing, decision }) }
    }
    const [ofAlice, ofBob] = [await answer(visitor, hers.location), await answer(bob, his.location)]
    await ofAlice.post('approve')
    for (const decision of ['approve', 'deny']) {
      const page = await ofBob.post(decision)
      expect([page.status, page.html.includes('Another account answered this code')]).toEqual([409, true])
    }
    expect(await ownerOf()).toBe(alice)
  })

  test('TR45: a code that ran out says that it has expired', async () => {
    const typed = await type()
    world.advance(600)
    const page = await typed.press('approve')
    expect([page.status, page.html.includes('This code has expired')]).toEqual([410, true])
  })

  test('TR45: after a revocation the old page claims nothing about what is connected', async () => {
    const typed = await type()
    await typed.press('approve')
    await visitor.submit('/devices', '/devices/revoke', { device_id: 'guitar-0042' })
    const page = await typed.press('approve')
    expect(page.html).not.toContain(TEXT.connected)
    expect(page.html).not.toMatch(TEXT.stopped)
  })
})

test('TR45: an app that was connected by mistake loses its tokens by undo', async () => {
  const appKey = newKey()
  const typed = await type('band-app', visitor, appKey)
  await typed.press('approve')
  const tokens = await typed.poll()
  expect(tokens.status).toBe(200)
  expect((await typed.press('deny')).html).toContain('may act in your name')
  expect((await typed.undo()).html).toContain(TEXT.undone)
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: String(tokens.body['refresh_token']), client_id: 'band-app' })
  expect((await world.provingFetch(appKey)(`${world.origin}/token`, { method: 'POST', body })).status).toBe(400)
})

describe('every other form', () => {
  test('TR45: revoking twice says "Revoked" both times; a device that was never theirs is not there', async () => {
    const typed = await type()
    await typed.press('approve')
    const page = await visitor.open('/devices')
    const revoke = (device_id: string) => visitor.post('/devices/revoke', { form_token: formTokenOf(page.html), device_id })
    for (let round = 0; round < 2; round += 1) expect((await revoke('guitar-0042')).location).toBe('/devices?revoked')
    expect((await revoke('guitar-9999')).status).toBe(404)
  })

  test('TR45: rules that are saved twice are saved', async () => {
    const text = 'version: 1\nshares:\n  - { name: Bob, who: [bob@example.test], what: [guitar-0042], may: [read] }\n'
    const page = await visitor.open('/rules')
    const save = () => visitor.post('/rules', { form_token: formTokenOf(page.html), revision: '0', text })
    expect((await save()).location).toBe('/rules?saved=1')
    expect((await save()).location).toBe('/rules?saved=1')
    expect((await world.context.store.read.policies.find(alice))?.revision).toBe(1)
  })

  test('TR45: signing in twice from one page ends where the person wanted to go; as another person it says who is signed in', async () => {
    const twice = createVisitor(world.origin)
    const form = await twice.open('/signin?next=/rules')
    const send = (email: string) => twice.post('/signin', { form_token: formTokenOf(form.html), next: '/rules', email, password: PASSWORD })
    expect([(await send('alice@example.test')).location, (await send('alice@example.test')).location]).toEqual(['/rules', '/rules'])
    const other = await send('bob@example.test')
    expect([other.status, other.html.includes('You are signed in as alice@example.test')]).toEqual([403, true])
  })

  test('TR45: signing out twice says that the browser is signed out', async () => {
    const page = await visitor.open('/')
    const send = () => visitor.post('/signout', { form_token: formTokenOf(page.html) })
    expect((await send()).location).toBe('/signin')
    const second = await send()
    expect(second.html).toContain('This browser was signed out before')
    expect(second.html).not.toContain('Nothing was changed')
  })
})
