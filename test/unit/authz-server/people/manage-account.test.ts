// TR33: accounts are listed, disabled, enabled and reset over the operator's API; what belonged to them ends at once.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startSession } from '../../../../authz-server/people/sessions.ts'
import { GRANT_TYPES } from '../../../../protocol/oauth/messages.ts'
import { app, redeem, sidecar, withClaims } from '../../../attacks/authz-server-uma/uma-world.ts'
import { type AuthzWorld, newKey, PASSWORD, startAuthzWorld } from '../../../support/authz-world.ts'
import { createVisitor, type Visitor } from '../../../support/visitor.ts'

let world: AuthzWorld
let alice: string
let bob: string
let visitor: Visitor
beforeAll(async () => {
  world = await startAuthzWorld()
})
beforeEach(async () => {
  await world.resetWithLimits()
  alice = await world.person('alice@example.test', 'Alice')
  bob = await world.person('bob@example.test', 'Bob')
  visitor = createVisitor(world.origin)
  await visitor.signIn('bob@example.test')
})
afterAll(() => world.close())

async function call(path: string, method = 'POST', scope = ['registry']) {
  const response = await sidecar(world, 'operator', scope).call(`/registry/people${path}`, method)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

async function pairApp() {
  const key = newKey()
  const code = await world.startPairing('band-app', key, 'openid')
  const { location } = await visitor.submit('/device', '/device', { user_code: code.user_code })
  await visitor.submit(location, '/device/confirm', { pairing: new URL(location, world.origin).searchParams.get('pairing') ?? '', decision: 'approve' })
  const post = async (form: Readonly<Record<string, string>>) => {
    const body = new URLSearchParams({ client_id: 'band-app', ...form })
    const response = await world.provingFetch(key)(`${world.origin}/token`, { method: 'POST', body })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const tokens = await post({ grant_type: GRANT_TYPES.deviceCode, device_code: code.device_code })
  return { tokens, refresh: () => post({ grant_type: 'refresh_token', refresh_token: String(tokens.body['refresh_token']) }) }
}

test('TR33: the list has every account with its state, page by page, and no password', async () => {
  await call('/bob@example.test/disable')
  const { body } = await call('', 'GET')
  expect(body['people']).toMatchObject([
    { id: alice, email: 'alice@example.test', status: 'enabled', email_verified: true, disabled_at: null },
    { id: bob, email: 'bob@example.test', status: 'disabled', disabled_at: world.now() },
  ])
  expect(JSON.stringify(body)).not.toMatch(/argon|password/i)
  expect((await call('?after=alice%40example.test', 'GET')).body['people']).toMatchObject([{ id: bob }])
})

describe('disable', () => {
  test.each([
    { title: 'by address', who: () => 'bob@example.test' },
    { title: 'by address in capitals', who: () => 'BOB%40example.TEST' },
    { title: 'by id', who: () => bob },
  ])('TR33: $title it ends sessions, tokens and requests at once, and asking twice changes nothing', async ({ who }) => {
    const paired = await pairApp()
    expect(paired.tokens.status).toBe(200)
    await world.thing({ id: 'thing-1', key: 'guitar-1', owner: alice })
    await world.rules(alice, 'version: 1\nshares:\n  - { name: Ask, who: [anyone-signed-in], what: [guitar-1], may: [read], ask: true }\n')
    await world.ask({ owner: alice, requester: { id: bob, email: 'bob@example.test' }, resourceId: 'thing-1', scopes: ['read'] })
    const before = await world.context.store.read.feedLog.newestRevision()
    for (let round = 0; round < 2; round += 1) expect(await call(`/${who()}/disable`)).toMatchObject({ status: 200, body: { id: bob, status: 'disabled' } })
    expect((await visitor.open('/')).location).toBe('/signin')
    expect((await paired.refresh()).body['error']).toBe('invalid_grant')
    const changes = await world.context.store.read.feedLog.listAfter(before, 9)
    expect(changes.flatMap(({ entries }) => entries)).toMatchObject([{ kind: 'revocation', of: 'grant' }])
    expect(await world.context.store.read.accessRequests.countPending(alice, world.now())).toBe(0)
    const signedIn = await createVisitor(world.origin).signIn('bob@example.test')
    expect([signedIn.status, signedIn.html.includes('This account is disabled')]).toEqual([401, true])
    const wrong = await createVisitor(world.origin).signIn('bob@example.test', 'a wrong pass phrase')
    expect([wrong.status, wrong.html.includes('disabled')]).toEqual([401, false])
  })

  test('TR33: ID tokens of a disabled person are not taken for them any more', async () => {
    await world.thing({ id: 'thing-1', key: 'guitar-1', owner: alice })
    await world.rules(alice, 'version: 1\nshares:\n  - { name: Read, who: [bob@example.test], what: [guitar-1], may: [read] }\n')
    const his = app(world, { id: bob, email: 'bob@example.test' })
    const redeemTicket = async () => redeem(world, his, withClaims(await sidecar(world).ticket('thing-1', ['read']), his.idToken()))
    expect((await redeemTicket()).status).toBe(200)
    await call(`/${bob}/disable`)
    expect((await redeemTicket()).body.error).toBe('need_info')
  })

  test('TR33: a code that was approved before gives no tokens', async () => {
    const key = newKey()
    const code = await world.startPairing('band-app', key, 'openid')
    const { location } = await visitor.submit('/device', '/device', { user_code: code.user_code })
    await visitor.submit(location, '/device/confirm', { pairing: new URL(location, world.origin).searchParams.get('pairing') ?? '', decision: 'approve' })
    await call(`/${bob}/disable`)
    const body = new URLSearchParams({ client_id: 'band-app', grant_type: GRANT_TYPES.deviceCode, device_code: code.device_code })
    expect((await world.provingFetch(key)(`${world.origin}/token`, { method: 'POST', body })).status).toBe(400)
  })

  test('TR33: enabled again, the person signs in with the same password', async () => {
    await call(`/${bob}/disable`)
    expect(await call(`/${bob}/enable`)).toMatchObject({ status: 200, body: { status: 'enabled' } })
    expect((await createVisitor(world.origin).signIn('bob@example.test')).status).toBe(303)
  })
})

describe('reset', () => {
  const NEW_PASSWORD = 'another long pass phrase'
  async function reset() {
    const { status, body } = await call('/bob@example.test/reset')
    expect(status).toBe(200)
    return String(body['reset_uri']).slice(world.origin.length)
  }
  const choose = async (path: string, password = NEW_PASSWORD, by = createVisitor(world.origin)) =>
    by.post('/reset', { token: new URL(path, world.origin).searchParams.get('token') ?? '', password }, { origin: world.origin })

  test('TR33: the old password and the sessions end at once; the link sets a new password, once', async () => {
    const path = await reset()
    expect((await visitor.open('/')).location).toBe('/signin')
    expect((await createVisitor(world.origin).signIn('bob@example.test', PASSWORD)).status).toBe(401)
    const page = await createVisitor(world.origin).open(path)
    expect([page.status, page.html.includes('bob@example.test')]).toEqual([200, true])
    expect((await choose(path)).location).toBe('/signin')
    expect((await createVisitor(world.origin).signIn('bob@example.test', NEW_PASSWORD)).status).toBe(303)
    expect((await choose(path, 'a third long pass phrase')).status).toBe(403)
    expect((await createVisitor(world.origin).open(path)).status).toBe(403)
    expect((await createVisitor(world.origin).signIn('bob@example.test', NEW_PASSWORD)).status).toBe(303)
  })

  test('TR33: of ten uses at once, one counts', async () => {
    const path = await reset()
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => choose(path, `pass phrase number ${index}`)))
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
  })

  test.each([
    { title: 'after a day', act: async () => world.advance(86_400) },
    { title: 'after a newer reset', act: () => call('/bob@example.test/reset') },
  ])('TR33: $title the link is worth nothing', async ({ act }) => {
    const path = await reset()
    await act()
    expect((await choose(path)).status).toBe(403)
  })

  test.each([
    { title: 'nine characters', password: '123456789', says: 'at least 10 characters' },
    { title: '201 characters', password: 'x'.repeat(201), says: 'at most 200 characters' },
  ])('TR33: $title are refused, and the link still works', async ({ password, says }) => {
    const path = await reset()
    const page = await choose(path, password)
    expect([page.status, page.html.includes(says)]).toEqual([422, true])
    expect((await choose(path)).status).toBe(303)
  })

  test('TR33: neither the link nor its token is in the log or, in clear, in the database', async () => {
    const path = await reset()
    await choose(path)
    const token = new URL(path, world.origin).searchParams.get('token') ?? ''
    expect(token.length).toBeGreaterThan(40)
    expect(JSON.stringify(world.log)).not.toContain(token)
    expect(await world.context.store.read.passwordResets.findLive(token, world.now())).toBeUndefined()
  })
})

test.each(['disable', 'enable', 'reset'])('TR33: %s of an unknown person is refused, and needs the scope registry', async (verb) => {
  expect((await call(`/nobody@example.test/${verb}`)).status).toBe(404)
  expect((await call(`/${bob}/${verb}`, 'POST', ['uma_protection'])).status).toBe(403)
  expect((await createVisitor(world.origin).signIn('bob@example.test')).status).toBe(303)
})

describe('TR33: a sign-in that was under way when its account changed opens no session', () => {
  test.each([
    { title: 'reset', path: '/bob@example.test/reset' },
    { title: 'disabled', path: '/bob@example.test/disable' },
  ])('TR33: $title', async ({ path }) => {
    const { context } = world
    const before = await context.store.read.people.findByEmail('bob@example.test')
    if (before === undefined) throw new Error('bob has no account')
    expect(await startSession(context, before, world.now())).toBeTypeOf('string')
    expect((await call(path)).status).toBe(200)
    expect(await startSession(context, before, world.now())).toBeUndefined()
  })
})
