// TR48: what a changed configuration means for things, tokens, tickets and requests that exist. Each row changes a real server's configuration and starts it again.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAuthzServer } from '../../../../authz-server/authz-server.ts'
import type { AuthzServerConfig, DeviceType } from '../../../../authz-server/config/config.ts'
import { applyConfiguration, describePlan } from '../../../../authz-server/registry/apply-configuration.ts'
import { isNothingToDo, planConfiguration } from '../../../../authz-server/registry/configuration-plan.ts'
import { openRequest } from '../../../../authz-server/uma/open-request.ts'
import { requestPermission } from '../../../../authz-server/uma/request-permission.ts'
import { hashTicket } from '../../../../authz-server/uma/tickets.ts'
import { AMPS, type AuthzWorld, GUITARS, payloadOf, startAuthzWorld } from '../support/authz-world.ts'

let world: AuthzWorld
let device: Awaited<ReturnType<AuthzWorld['addDevice']>>
let tokens: Readonly<Record<string, unknown>>
let thing: string
let ticket: string
beforeEach(async () => {
  world = await startAuthzWorld()
  await world.addPerson('alice')
  await world.addPerson('bob')
  device = await world.addDevice('guitar-1')
  tokens = (await world.pair(device.fetch, device.clientId, 'alice')).body
  const { context } = world.server
  thing = (await context.store.read.resources.listOfDevice('guitar-1'))[0]?.id ?? ''
  const made = await requestPermission(context, { clientId: 'sidecar', permissions: [{ resource_id: thing, resource_scopes: ['read', 'play'] }] }, world.now())
  ticket = made.ok ? made.value : ''
  const wish = {
    owner: 'alice',
    requester: 'bob',
    requesterEmail: 'bob@example.test',
    clientId: 'app',
    resourceId: thing,
    scopes: ['play', 'read'],
    reasons: [],
  }
  await context.store.transaction(({ accessRequests }) => openRequest(context, { requests: accessRequests, wish }, world.now()))
})
afterEach(() => world.close())

/** Another configuration on the same database, as after a restart. */
function restart(change: (config: AuthzServerConfig) => AuthzServerConfig) {
  const { context } = world.server
  return createAuthzServer(change(context.config), context.ports, { store: context.store, keyring: world.keyring, codeKey: context.codeKey })
}

const mapGuitar = (change: (type: DeviceType) => DeviceType) => (config: AuthzServerConfig) => ({
  ...config,
  device_types: config.device_types.map((type) => (type.kind === 'guitar' ? change(type) : type)),
})
const withScopes = (...scopes: readonly string[]) => mapGuitar((type) => ({ ...type, resources: type.resources.map((resource) => ({ ...resource, scopes })) }))
const without = (list: 'device_types' | 'resource_servers' | 'clients', is: (entry: never) => boolean) => (config: AuthzServerConfig) => ({
  ...config,
  [list]: (config[list] as readonly never[]).filter((entry) => !is(entry)),
})

async function apply(change: (config: AuthzServerConfig) => AuthzServerConfig) {
  const { read } = world.server.context.store
  const before = await read.feedLog.newestRevision()
  const plan = await applyConfiguration(restart(change).context, world.now())
  const entries = (await read.feedLog.listAfter(before, 10)).flatMap((logged) => logged.entries)
  return { plan, entries, resource: await read.resources.find(thing), requests: await read.accessRequests.listPending('alice', world.now()) }
}

const liveTicket = () => world.server.context.store.read.tickets.findUsable({ ticketHash: hashTicket(ticket), clientId: 'app' }, world.now())
const revocationOf = (token: unknown) => expect.objectContaining({ kind: 'revocation', of: 'grant', id: payloadOf(token)['grant_id'] }) as unknown

test('TR48: nothing changed: nothing is written, told or logged', async () => {
  const { plan, entries } = await apply((config) => config)
  expect([isNothingToDo(plan), entries, describePlan(plan)]).toEqual([true, [], []])
  expect(world.log.filter(({ event }) => event === 'configuration_applied')).toEqual([])
})

test('TR48: an ability that is removed from a type leaves paired things, tickets, requests and tokens', async () => {
  const { entries, resource, requests } = await apply(withScopes('read'))
  expect(resource?.scopes).toEqual(['read'])
  expect(entries).toContainEqual(expect.objectContaining({ kind: 'resource', id: thing, resource_scopes: ['read'] }))
  expect((await liveTicket())?.permissions).toEqual([{ resource_id: thing, resource_scopes: ['read'] }])
  expect(requests.map(({ scopes }) => scopes)).toEqual([['read']])
  // The access token of before ends at once; the device renews it, stays paired and has less.
  expect(entries).toContainEqual(revocationOf(tokens['access_token']))
  const renewed = await world.refresh(device.fetch, device.clientId, String(tokens['refresh_token']))
  expect([renewed.status, renewed.body['scope']]).toEqual([200, 'read'])
  const asked = { clientId: 'sidecar', permissions: [{ resource_id: thing, resource_scopes: ['play'] }] }
  expect(await requestPermission(world.server.context, asked, world.now())).toEqual({ ok: false, error: 'invalid_scope' })
  expect(world.log.filter(({ event }) => event === 'configuration_applied').map(({ facts }) => facts['change'])).toContain('thing guitar-1 loses play')
})

test('TR48: a reused refresh token still ends the grant after its abilities were limited', async () => {
  const first = String(tokens['refresh_token'])
  const second = await world.refresh(device.fetch, device.clientId, first)
  await apply(withScopes('read'))
  expect((await world.refresh(device.fetch, device.clientId, first)).body['error']).toBe('invalid_grant')
  expect((await world.refresh(device.fetch, device.clientId, String(second.body['refresh_token']))).body['error']).toBe('invalid_grant')
})

describe.each([
  { title: 'a device type', change: without('device_types', (type: DeviceType) => type.kind === 'guitar') },
  {
    title: 'a resource server with its type',
    change: (config: AuthzServerConfig) =>
      without(
        'resource_servers',
        (server: { id: string }) => server.id === GUITARS,
      )(without('device_types', (type: DeviceType) => type.kind === 'guitar')(config)),
  },
  { title: 'the last ability', change: withScopes('hum') },
])('$title is removed', ({ title, change }) => {
  test('TR48: its tokens, tickets and requests end, and sidecars are told', async () => {
    const { entries, resource, requests } = await apply(change)
    if (title === 'the last ability') expect(resource?.scopes).toEqual(['hum'])
    else {
      expect(resource).toBeUndefined()
      expect(entries).toContainEqual(expect.objectContaining({ kind: 'resource_removed', id: thing }))
    }
    expect(entries).toContainEqual(revocationOf(tokens['access_token']))
    expect(await liveTicket()).toBeUndefined()
    expect(requests).toEqual([])
    const [closed] = await world.server.context.store.read.accessRequests.listDecided('alice', 1)
    expect(closed).toMatchObject({ status: 'closed', closedReason: title === 'the last ability' ? 'ability_gone' : 'thing_gone', thingName: 'Guitar guitar-1' })
    expect((await world.refresh(device.fetch, device.clientId, String(tokens['refresh_token']))).body['error']).toBe('invalid_grant')
    expect(await world.server.context.store.read.devices.find('guitar-1')).toMatchObject({ owner: 'alice', status: 'active' })
  })
})

test('TR48: a type that moves to another resource server takes its things along', async () => {
  const { entries, resource } = await apply(mapGuitar((type) => ({ ...type, resource_server: AMPS })))
  expect(resource).toBeUndefined()
  expect(entries).toContainEqual(expect.objectContaining({ kind: 'resource_removed', id: thing, resource_server: GUITARS }))
  expect(entries).toContainEqual(expect.objectContaining({ kind: 'resource', key: 'guitar-1', resource_server: AMPS, owner: 'alice' }))
})

test('TR48: a new resource, a new ability and a new name reach things that are paired already; tokens gain nothing', async () => {
  const drone = { key: '{device}-tuner', name: 'Tuner {device}', type: 'tuner', tags: ['a'], scopes: ['tune'] }
  const { entries, resource } = await apply(
    mapGuitar((type) => ({
      ...type,
      resources: [...type.resources.map((one) => ({ ...one, name: 'Gitarre {device}', scopes: [...one.scopes, 'hum'] })), drone],
    })),
  )
  expect(resource).toMatchObject({ name: 'Gitarre guitar-1', scopes: ['read', 'play', 'hum'] })
  expect(entries).toContainEqual(expect.objectContaining({ kind: 'resource', key: 'guitar-1-tuner', owner: 'alice' }))
  const renewed = await world.refresh(device.fetch, device.clientId, String(tokens['refresh_token']))
  expect([renewed.status, renewed.body['scope']]).toEqual([200, 'read play'])
  expect(
    isNothingToDo(
      (
        await apply(
          mapGuitar((type) => ({
            ...type,
            resources: [...type.resources.map((one) => ({ ...one, name: 'Gitarre {device}', scopes: [...one.scopes, 'hum'] })), drone],
          })),
        )
      ).plan,
    ),
  ).toBe(true)
})

test('TR48: a client that is removed loses its tokens, and what it asked for is closed', async () => {
  const app = await world.pair(world.provingFetch(world.keys.operator), 'app', 'bob')
  const { entries, requests } = await apply(without('clients', (client: { client_id: string }) => client.client_id === 'app'))
  expect(entries).toContainEqual(revocationOf(app.body['access_token']))
  expect(requests).toEqual([])
  expect((await world.server.context.store.read.accessRequests.listDecided('alice', 1))[0]).toMatchObject({ closedReason: 'app_gone' })
})

test('TR48: a plan alone changes nothing, and is what the start then does', async () => {
  const { context } = restart(withScopes('read'))
  const { read } = context.store
  const before = [await read.resources.find(thing), await read.feedLog.newestRevision(), await liveTicket()]
  const lines = describePlan(await planConfiguration(context, read, world.now()))
  expect([await read.resources.find(thing), await read.feedLog.newestRevision(), await liveTicket()]).toEqual(before)
  expect(lines).toEqual(describePlan((await apply(withScopes('read'))).plan))
  expect(lines).toContain('the tokens of device:guitar-1 are limited to read')
})
