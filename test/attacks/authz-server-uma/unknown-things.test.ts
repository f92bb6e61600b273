// TR15 behind the sidecar: a ticket for a thing that does not exist is answered like one for a thing that is not shared.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type AuthzWorld, startAuthzWorld } from '../../support/authz-world.ts'
import { app, type GrantAnswer, redeem, sidecar, withClaims } from './uma-world.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

let world: AuthzWorld
let bob: { id: string; email: string }

beforeAll(async () => {
  world = await startAuthzWorld()
  const alice = await world.person('alice@example.test')
  bob = { id: await world.person('bob@example.test'), email: 'bob@example.test' }
  await world.thing({ id: 'res-1', key: 'guitar-0042', owner: alice })
  await world.rules(alice, 'version: 1\nshares: []\n')
})
afterAll(() => world.close())

/** Without what differs from one response to the next in any case. */
function shape({ status, body }: GrantAnswer): unknown {
  return { status, body: { ...body, ...('ticket' in body ? { ticket: String(body.ticket).length } : {}) } }
}

describe('TR15: a ticket for a thing that does not exist', () => {
  test('asks for claims like any other', async () => {
    const bobsApp = app(world, bob)
    const known = await redeem(world, bobsApp, { ticket: await sidecar(world).ticket('res-1', ['read']) })
    const unknown = await redeem(world, bobsApp, { ticket: await sidecar(world).ticket(null, ['read']) })
    expect(known.body.error).toBe('need_info')
    expect(shape(unknown)).toEqual(shape(known))
  })

  test('ends in the answer for a thing that is not shared, also after need_info, and is used up', async () => {
    const bobsApp = app(world, bob)
    const known = await redeem(world, bobsApp, withClaims(await sidecar(world).ticket('res-1', ['read']), bobsApp.idToken()))
    const ticket = await sidecar(world).ticket(null, ['read'])
    const asked = await redeem(world, bobsApp, { ticket })
    const unknown = await redeem(world, bobsApp, withClaims(String(asked.body.ticket), bobsApp.idToken()))
    expect(known.body.error).toBe('request_denied')
    expect(shape(unknown)).toEqual(shape(known))
    expect((await redeem(world, bobsApp, withClaims(ticket, bobsApp.idToken()))).body.error).toBe('invalid_grant')
  })

  test.each([
    ['a list with it', [{ resource_id: null, resource_scopes: ['read'] }]],
    ['no scopes', { resource_id: null }],
    ['scopes that are not a list', { resource_id: null, resource_scopes: 'read' }],
    ['an empty id', { resource_id: '', resource_scopes: ['read'] }],
  ])('is not given for %s', async (_title, body) => {
    expect((await sidecar(world).call('/permission', 'POST', body)).status).toBe(400)
  })

  test('leaves the refusal of the standard as it is for other resource servers', async () => {
    const response = await sidecar(world).call('/permission', 'POST', { resource_id: 'res-none', resource_scopes: ['read'] })
    expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([400, 'invalid_resource_id'])
  })
})
