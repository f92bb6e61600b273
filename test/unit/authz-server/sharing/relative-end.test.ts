// A share given "for 2 h" begins to run at the save: the saved text names the instant, and the share holds until then and not a moment longer.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { app, redeem, sidecar, withClaims } from '../../../attacks/authz-server-uma/uma-world.ts'
import { type AuthzWorld, startAuthzWorld } from '../../../support/authz-world.ts'
import { createVisitor } from '../../../support/visitor.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

let world: AuthzWorld
beforeAll(async () => {
  world = await startAuthzWorld()
})
afterAll(() => world.close())

const TEXT = `# for tonight
version: 1
shares:
  - name: Bob plays
    who: [bob@example.test]
    what: [guitar-0042]
    may: [play]
    for: 2 h   # then home
expect:
  - { who: bob@example.test, may: play, what: guitar-0042, answer: allow }
`

test('"for: 2 h" is saved as an instant, with every other byte, and holds two hours', async () => {
  const alice = await world.person('alice@example.test')
  const bob = app(world, { id: await world.person('bob@example.test', 'Bob'), email: 'bob@example.test' })
  await world.thing({ id: 'res-1', key: 'guitar-0042', owner: alice })
  const visitor = createVisitor(world.origin)
  await visitor.signIn('alice@example.test')
  const end = world.now() + 7200
  expect((await visitor.submit('/rules', '/rules', { text: TEXT, revision: '0' })).location).toBe('/rules?saved=1')
  const expected = TEXT.replace('for: 2 h', `until: "${new Date(end * 1000).toISOString()}"`)
  expect((await world.context.store.read.policies.find(alice))?.text).toBe(expected)

  const ask = async () => redeem(world, bob, withClaims(await sidecar(world).ticket('res-1', ['play']), bob.idToken()))
  expect((await ask()).status).toBe(200)
  world.advance(7199)
  expect((await ask()).status).toBe(200)
  world.advance(1)
  expect((await ask()).body.error).toBe('request_denied')
})
