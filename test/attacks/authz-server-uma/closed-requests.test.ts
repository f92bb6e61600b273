// TR47: a request for what is gone says so and closes, on a page that was open before as well as on a new one.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { keepHouse } from '../../../authz-server/housekeeping.ts'
import { disableAccount, enableAccount } from '../../../authz-server/people/manage-account.ts'
import { revokeDevice } from '../../../authz-server/registry/revoke-device.ts'
import { type AuthzWorld, startAuthzWorld } from '../../support/authz-world.ts'
import { createVisitor, formTokenOf, type Visitor } from '../../support/visitor.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

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
  await visitor.signIn('alice@example.test')
  await world.device('guitar-1')
  const { devices, resources } = world.context.store.read
  await world.context.store.transaction(async (repositories) => {
    await repositories.devices.assignOwner('guitar-1', alice, world.now())
    const thing = { id: 'thing-1', resourceServer: 'http://127.0.0.1:9090', key: 'guitar-1', name: 'Guitar guitar-1', type: 'smart-guitar' }
    await repositories.resources.add({ ...thing, tags: [], scopes: ['read', 'play'], owner: alice, deviceId: 'guitar-1', createdAt: world.now() })
  })
  expect([(await devices.find('guitar-1'))?.owner, (await resources.find('thing-1'))?.owner]).toEqual([alice, alice])
  await world.rules(alice, 'version: 1\nshares:\n  - { name: Ask me, who: [anyone-signed-in], what: [guitar-1], may: [read, play], ask: true }\n')
  await world.ask({ owner: alice, requester: { id: bob, email: 'bob@example.test' }, resourceId: 'thing-1', scopes: ['play'] })
})
afterAll(() => world.close())

/** A week ends every session. */
async function signInAgain(): Promise<void> {
  visitor = createVisitor(world.origin)
  await visitor.signIn('alice@example.test')
}
const readDecided = async () => (await world.context.store.read.accessRequests.listDecided(alice, 5))[0]
const requestId = async () => (await world.context.store.read.accessRequests.listPending(alice, world.now()))[0]?.id ?? ''

const GONE = [
  {
    title: 'the device was revoked by its owner',
    change: () => revokeDevice(world.context, { deviceId: 'guitar-1', by: { personId: alice } }, world.now()),
    says: 'the thing no longer exists',
    reason: 'thing_gone',
  },
  {
    title: 'the device was revoked by the operator',
    change: () => revokeDevice(world.context, { deviceId: 'guitar-1', by: 'operator' }, world.now()),
    says: 'the thing no longer exists',
    reason: 'thing_gone',
  },
  {
    title: 'the thing was removed before this version recorded it',
    change: () => world.context.store.transaction(({ resources }) => resources.remove('thing-1')),
    says: 'the thing no longer exists',
    reason: 'thing_gone',
  },
  { title: 'the thing has another owner', change: () => world.moveThing('thing-1', bob), says: 'the thing no longer exists', reason: 'thing_gone' },
  {
    title: 'the requester was disabled',
    change: () => disableAccount(world.context, 'bob@example.test', world.now()),
    says: 'the account of the person who asked was deleted or disabled',
    reason: 'requester_gone',
  },
  {
    title: 'the thing does not offer the ability any more',
    change: () =>
      world.context.store.transaction(({ resources }) =>
        resources.update({ id: 'thing-1', name: 'Guitar guitar-1', type: 'smart-guitar', tags: [], scopes: ['read'] }),
      ),
    says: 'the thing no longer offers this',
    reason: 'ability_gone',
  },
  { title: 'nobody answered within a week', change: async () => world.advance(7 * 86_400), says: 'nobody answered in time', reason: 'expired' },
]

describe.each(GONE)('$title', ({ change, says, reason }) => {
  test.each([
    { answer: 'yes', path: '/inbox/approve' },
    { answer: 'no', path: '/inbox/deny' },
  ])('TR47: $answer on a page of before says why there is nothing to answer, and closes the request', async ({ path }) => {
    const id = await requestId()
    const page = await visitor.open('/inbox')
    await change()
    await signInAgain()
    const form_token = formTokenOf((await visitor.open('/')).html)
    const answer = await visitor.post(path, { form_token, request: id, scopes: 'play' })
    expect(page.html).toContain(id)
    expect(answer.status).toBe(409)
    expect(answer.html).toContain(says)
    expect(answer.html).not.toContain('faster')
    expect(answer.html).not.toContain(`value="${id}"`)
    expect(await readDecided()).toMatchObject({ id, status: 'closed', closedReason: reason })
  })

  test('TR47: a new page lists it as closed, with the reason, and counts it no more', async () => {
    const id = await requestId()
    await change()
    await keepHouse(world.context)
    await signInAgain()
    const { html } = await visitor.open('/inbox')
    expect(html).toContain(says)
    expect(html).not.toContain(`value="${id}"`)
    expect(html).toContain('Nobody is waiting for your answer')
    expect(await world.context.store.read.accessRequests.countPending(alice, world.now())).toBe(0)
  })
})

test('TR47: a closed request names the thing that it was about', async () => {
  await revokeDevice(world.context, { deviceId: 'guitar-1', by: { personId: alice } }, world.now())
  expect((await visitor.open('/inbox')).html).toContain('Guitar guitar-1')
})

test('TR47: a closed request is no refusal: once the requester is enabled again, the same can be asked', async () => {
  await disableAccount(world.context, bob, world.now())
  await enableAccount(world.context, bob)
  await world.ask({ owner: alice, requester: { id: bob, email: 'bob@example.test' }, resourceId: 'thing-1', scopes: ['play'] })
  expect(await world.context.store.read.accessRequests.countPending(alice, world.now())).toBe(1)
})

describe('answered before', () => {
  test.each([
    { first: '/inbox/approve', second: '/inbox/approve', says: 'You allowed play' },
    { first: '/inbox/approve', second: '/inbox/deny', says: 'You allowed play' },
    { first: '/inbox/deny', second: '/inbox/deny', says: 'You denied this request' },
    { first: '/inbox/deny', second: '/inbox/approve', says: 'You denied this request' },
  ])('TR45: $first, then $second: the page tells the first answer', async ({ first, second, says }) => {
    const id = await requestId()
    const form_token = formTokenOf((await visitor.open('/inbox')).html)
    expect((await visitor.post(first, { form_token, request: id, scopes: 'play' })).status).toBe(303)
    const answer = await visitor.post(second, { form_token, request: id, scopes: 'play' })
    expect([answer.status, answer.html.includes(says)]).toEqual([409, true])
  })

  test('TR45: a request of somebody else does not exist', async () => {
    const id = await requestId()
    const mallory = createVisitor(world.origin)
    await world.person('mallory@example.test')
    await mallory.signIn('mallory@example.test')
    expect((await mallory.submit('/inbox', '/inbox/deny', { request: id })).status).toBe(404)
    expect(await requestId()).toBe(id)
  })
})
