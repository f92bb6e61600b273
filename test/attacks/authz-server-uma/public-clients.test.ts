// TR43: a name that anybody may claim opens nothing. Only clients that authenticate count as the app that a rule names; a block still holds for the claimed name.
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { assessAll } from '../../../authz-server/sharing/assess.ts'
import { isAuthenticatedClient } from '../../../authz-server/tokens/is-authenticated-client.ts'
import { type AuthzWorld, startAuthzWorld } from '../../support/authz-world.ts'
import { createVisitor } from '../../support/visitor.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

let world: AuthzWorld
let alice: string
let bob: string

beforeAll(async () => {
  world = await startAuthzWorld()
}, 60_000)
afterAll(() => world.close())
beforeEach(async () => {
  await world.reset()
  alice = await world.person('alice@example.test')
  bob = await world.person('bob@example.test')
  await world.thing({ id: 'res-1', key: 'guitar-0042', owner: alice })
})

async function ask(clientId: string): Promise<string | undefined> {
  const requester = await world.context.store.read.people.find(bob)
  const resource = await world.context.store.read.resources.find('res-1')
  if (requester === undefined || resource === undefined) return undefined
  const [assessment] = await assessAll(world.context, [{ requester, resource, clientId, scope: 'read' }], world.now())
  return assessment?.kind
}

const share = (words: string) => `  - { name: One, what: [guitar-0042], may: [read], ${words} }\n`

test.each([
  { title: 'who: client', rules: `shares:\n${share('who: ["client:band-app"]')}`, answer: 'denied' },
  { title: 'a group of clients', rules: `people: { apps: ["client:band-app"] }\nshares:\n${share('who: [apps]')}`, answer: 'denied' },
  { title: 'only: client', rules: `shares:\n${share('who: [bob@example.test], only: { client: band-app }')}`, answer: 'denied' },
  { title: 'who: client that asks', rules: `shares:\n${share('who: ["client:band-app"], ask: once')}`, answer: 'denied' },
  { title: 'a block', rules: `shares:\n${share('who: [bob@example.test]')}block:\n  - { who: ["client:band-app"] }\n`, answer: 'denied' },
  { title: 'a share for the person', rules: `shares:\n${share('who: [bob@example.test]')}`, answer: 'granted' },
])('TR43: $title, through a public app: $answer', async ({ rules, answer }) => {
  await world.rules(alice, `version: 1\n${rules}`)
  expect(await ask('band-app')).toBe(answer)
})

test('TR43: a client that authenticates is the app that the rule names, and a device is', () => {
  const clients = [
    { client_id: 'public', authentication: 'none' },
    { client_id: 'service', authentication: 'private_key_jwt' },
  ] as unknown as Parameters<typeof isAuthenticatedClient>[0]['clients']
  expect(['public', 'service', 'device:guitar-1', 'unknown'].map((id) => isAuthenticatedClient({ clients }, id))).toEqual([false, true, true, false])
})

test.each([
  `shares:\n${share('who: ["client:band-app"], until: "2030-01-01T00:00:00Z"')}`,
  `shares:\n${share('who: [bob@example.test], until: "2030-01-01T00:00:00Z", only: { client: band-app }')}`,
  'block:\n  - { who: ["client:band-app"] }\n',
])('TR43: the owner is asked before such a rule is saved: %s', async (rules) => {
  const visitor = createVisitor(world.origin)
  await visitor.signIn('alice@example.test')
  const asked = await visitor.submit('/rules', '/rules', { text: `version: 1\n${rules}`, revision: '0' })
  expect(asked.status).toBe(422)
  expect(asked.html).toMatch(/Anyone can claim to be the app[\s\S]*band-app[\s\S]*Save anyway/)
})
