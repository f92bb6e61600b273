// TR63: "ask each time" asks each time. An approval of one request is used up once; a share is only made where the rules ask once.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { approveRequest, ONCE_APPROVAL_SECONDS } from '../../../authz-server/sharing/answer-request.ts'
import { parseAccessTokenClaims } from '../../../protocol/claims.ts'
import { parseJws } from '../../../protocol/jws.ts'
import { type AuthzWorld, startAuthzWorld } from '../../support/authz-world.ts'
import { createVisitor, type Visitor } from '../../support/visitor.ts'
import { type App, app, type GrantAnswer, redeem, sidecar, withClaims } from './uma-world.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

let world: AuthzWorld
let alice: string
let bobsApp: App
let visitor: Visitor

const rules = (mode: string, more = '') =>
  `version: 1\nshares:\n  - { name: Ask, who: [bob@example.test], what: [guitar-0042], may: [read, play], ask: ${mode} }\n${more}`

beforeAll(async () => {
  world = await startAuthzWorld()
}, 60_000)
afterAll(() => world.close())
beforeEach(async () => {
  await world.reset()
  alice = await world.person('alice@example.test')
  bobsApp = app(world, { id: await world.person('bob@example.test', 'Bob'), email: 'bob@example.test' })
  await world.thing({ id: 'res-1', key: 'guitar-0042', owner: alice })
  visitor = createVisitor(world.origin)
  await visitor.signIn('alice@example.test')
})

async function ask(scopes: readonly string[] = ['read']): Promise<GrantAnswer> {
  return redeem(world, bobsApp, withClaims(await sidecar(world).ticket('res-1', scopes), bobsApp.idToken()))
}

async function approve(answer: { readonly scopes?: readonly string[]; readonly until?: string; readonly once?: boolean }) {
  const [request] = await world.context.store.read.accessRequests.listPending(alice, world.now())
  const { scopes = ['read'], until, once = false } = answer
  return approveRequest(world.context, { requestId: request?.id ?? '', owner: alice, scopes, until, once }, world.now())
}

function permissionsOf(answer: GrantAnswer): unknown {
  const jws = parseJws(String(answer.body.access_token))
  const claims = jws.ok ? parseAccessTokenClaims(jws.value.payload) : undefined
  return claims?.ok ? claims.value.permissions : undefined
}

const savedText = async () => (await world.context.store.read.policies.find(alice))?.text

describe.each(['each time', 'once'])('ask: %s', (mode) => {
  test('TR63: this once gives one permission with an end and an id, and the next request asks again', async () => {
    await world.rules(alice, rules(mode))
    expect((await ask()).body.error).toBe('request_submitted')
    expect((await approve({ once: true })).ok).toBe(true)
    expect(await savedText()).toBe(rules(mode))
    const issued = await ask()
    expect(permissionsOf(issued)).toEqual([
      { resource_id: 'res-1', resource_scopes: ['read'], exp: world.now() + 120, once: expect.stringMatching(/^[\w-]+ read$/) },
    ])
    expect((await ask()).body.error).toBe('request_submitted')
    expect(await world.context.store.read.accessRequests.listPending(alice, world.now())).toHaveLength(1)
  })

  test('TR63: of several polls at once, one gets the permission', async () => {
    await world.rules(alice, rules(mode))
    await ask()
    await approve({ once: true })
    const answers = await Promise.all([ask(), ask(), ask()])
    expect(answers.filter(({ body }) => body.access_token !== undefined)).toHaveLength(1)
  })

  test('TR63: an approval of one request ends after a day, and does not outlive a block', async () => {
    await world.rules(alice, rules(mode))
    await ask()
    await approve({ once: true })
    await world.rules(alice, rules(mode, 'block:\n  - { who: [bob@example.test] }\n'))
    expect((await ask()).body.error).toBe('request_denied')
    await world.rules(alice, rules(mode))
    world.advance(ONCE_APPROVAL_SECONDS)
    expect((await ask()).body.error).toBe('request_submitted')
  })

  test('TR63: an approval of one ability says nothing of another', async () => {
    await world.rules(alice, rules(mode))
    await ask(['read'])
    await approve({ once: true })
    expect((await ask(['play'])).body.error).toBe('request_submitted')
    expect((await ask(['read', 'play'])).body.error).toBe('request_submitted')
    expect(permissionsOf(await ask(['read']))).toMatchObject([{ resource_scopes: ['read'] }])
  })
})

test.each([undefined, '2027-01-01'])('TR63: where the rules ask each time, no share is made (until %s)', async (until) => {
  await world.rules(alice, rules('each time'))
  await ask()
  expect(await approve(until === undefined ? {} : { until })).toEqual({ ok: false, error: { reason: 'each_time' } })
  expect(await savedText()).toBe(rules('each time'))
})

describe('the inbox', () => {
  const open = async (mode: string) => {
    await world.rules(alice, rules(mode))
    await ask()
    return visitor.open('/inbox')
  }
  const submit = async (fields: Readonly<Record<string, string>>) => {
    const [request] = await world.context.store.read.accessRequests.listPending(alice, world.now())
    return visitor.submit('/inbox', '/inbox/approve', { request: request?.id ?? '', scopes: 'read', ...fields })
  }

  test('TR63: offers this once, until and always, with a day preselected', async () => {
    const { html } = await open('once')
    expect(html).toMatch(/value="once">This once/)
    expect(html).toMatch(/value="until" checked>/)
    expect(html).toMatch(/type="date"[^>]* value="2026-12-23"/)
    expect(html).toMatch(/value="always">Always/)
  })

  test('TR63: offers one request only where the rules ask each time', async () => {
    const { html } = await open('each time')
    expect(html).toContain('this allows one request')
    expect(html).not.toMatch(/value="(until|always)"/)
    expect((await submit({ lasts: 'always' })).html).toContain('Your rules ask you each time')
  })

  test.each([
    { fields: { lasts: 'once', until: '2026-12-23' }, location: '/inbox?once', share: false },
    { fields: { lasts: 'until', until: '2026-12-23' }, location: '/inbox?approved=2', share: '2026-12-23T23:59:59Z' },
    { fields: { lasts: 'always', until: '2026-12-23' }, location: '/inbox?approved=2', share: 'Approved for' },
  ])('TR63: $fields.lasts does what it says', async ({ fields, location, share }) => {
    await open('once')
    expect((await submit(fields)).location).toBe(location)
    const text = await savedText()
    if (share === false) expect(text).toBe(rules('once'))
    else expect(text).toContain(share)
    if (fields.lasts !== 'until') expect(text).not.toContain('2026-12-23')
  })

  test('TR63: until without a day is asked for again', async () => {
    await open('once')
    expect((await submit({ lasts: 'until', until: '' })).status).toBe(422)
  })
})
