// Attack rows R: devices of other people, protected members, and what is left of a former owner.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { revokeDevice } from '../../../authz-server/registry/revoke-device.ts'
import { requestPermission } from '../../../authz-server/uma/request-permission.ts'
import { type AuthzWorld, GUITARS, generateKey, payloadOf, startAuthzWorld } from '../../unit/authz-server/support/authz-world.ts'

let world: AuthzWorld
beforeAll(async () => {
  world = await startAuthzWorld()
  await world.addPerson('alice')
  await world.addPerson('bob')
})
afterAll(() => world.close())

const revoke = (deviceId: string, by: { readonly personId: string } | 'operator') => revokeDevice(world.server.context, { deviceId, by }, world.now())

test('R04: a device of somebody else looks like one that does not exist, and stays as it is', async () => {
  const device = await world.addDevice('r04')
  await world.pair(device.fetch, device.clientId, 'alice')
  const before = await world.server.context.store.read.devices.find('r04')
  expect(await revoke('r04', { personId: 'bob' })).toEqual({ ok: false, error: 'device_unknown' })
  expect(await revoke('nowhere', { personId: 'bob' })).toEqual({ ok: false, error: 'device_unknown' })
  expect(await world.server.context.store.read.devices.find('r04')).toEqual(before)
})

test.each([
  { title: 'an owner', path: '/registry/devices/activate', body: { ids: [], owner: 'mallory' } },
  { title: 'a status', path: '/registry/devices/activate', body: { ids: [], status: 'active' } },
  { title: '__proto__', path: '/registry/devices/activate', body: JSON.parse('{"ids":[],"__proto__":{"status":"active"}}') as object },
])('R04: $title in a body is refused', async ({ path, body }) => {
  const answer = await world.call('operator', 'registry', path, { method: 'POST', type: 'application/json', body: JSON.stringify(body) })
  expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request'])
})

test.each([{ path: '/registry/devices/r04-body/activate' }, { path: '/registry/devices/r04-body/revoke' }, { path: '/registry/keys/rotate' }])(
  'R04: $path reads no body, so one with protected members is refused and does nothing',
  async ({ path }) => {
    await world.addDevice('r04-body')
    const state = async () => [await world.server.context.store.read.devices.find('r04-body'), world.keyring.active().kid]
    const before = await state()
    const answer = await world.call('operator', 'registry', path, { method: 'POST', type: 'application/json', body: '{"owner":"mallory","status":"active"}' })
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request'])
    expect(await state()).toEqual(before)
  },
)

test.each([
  'dry-run=true',
  'dryrun=true',
  'dry_run=true&dry_run=false',
  'dry_run=false&dry_run=true',
  'dry_run=',
  'dry_run=TRUE',
  'dry_run=true&owner=mallory',
])('R04: an import with ?%s is refused, and imports nothing', async (query) => {
  const row = `id,kind,model,jkt\nr04-query,guitar,Model,${generateKey().kid}\n`
  const answer = await world.call('operator', 'registry', `/registry/devices/import?${query}`, { method: 'POST', type: 'text/csv', body: row })
  expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request'])
  expect(await world.server.context.store.read.devices.find('r04-query')).toBeUndefined()
})

test.each(['/registry/devices?owner=alice', '/registry/devices?after=a&after=b'])('R04: a list by what nobody can ask for is refused: %s', async (path) => {
  expect((await world.call('operator', 'registry', path)).status).toBe(400)
})

test.each([
  { path: '/registry/devices', method: 'GET' },
  { path: '/registry/devices/import', method: 'POST' },
  { path: '/registry/devices/activate', method: 'POST' },
  { path: '/registry/devices/r04/activate', method: 'POST' },
  { path: '/registry/devices/r04/revoke', method: 'POST' },
  { path: '/registry/keys/rotate', method: 'POST' },
])('R04: $method $path is the operator’s alone', async ({ path, method }) => {
  expect((await world.call('sidecar', 'feed', path, { method })).status).toBe(403)
  expect((await fetch(world.issuer + path, { method })).status).toBe(401)
})

test('R08: after the owner revokes a device, old access, refresh and tickets are dead, and nothing of it is left with them', async () => {
  const device = await world.addDevice('r08')
  const { body } = await world.pair(device.fetch, device.clientId, 'alice')
  const { read } = world.server.context.store
  const [resource] = await read.resources.listOfDevice('r08')
  const asked = { clientId: 'sidecar', permissions: [{ resource_id: resource?.id ?? '', resource_scopes: ['read'] }] }
  expect((await requestPermission(world.server.context, asked, world.now())).ok).toBe(true)

  expect((await revoke('r08', { personId: 'alice' })).ok).toBe(true)

  expect(await read.devices.find('r08')).toMatchObject({ status: 'revoked', owner: null, epoch: 2 })
  expect(await read.resources.find(resource?.id ?? '')).toBeUndefined()
  const introspection = {
    method: 'POST',
    type: 'application/x-www-form-urlencoded',
    body: new URLSearchParams({ token: String(body['access_token']) }).toString(),
  }
  expect((await world.call('sidecar', 'uma_protection', '/introspect', introspection)).body).toEqual({ active: false })
  expect((await world.refresh(device.fetch, device.clientId, String(body['refresh_token']))).status).toBe(401)
  expect(await requestPermission(world.server.context, asked, world.now())).toEqual({ ok: false, error: 'invalid_resource_id' })
  expect(await revoke('r08', { personId: 'alice' })).toEqual({ ok: false, error: 'device_unknown' })
})

/** Its owner revoked the device, so activating it needs a reason (TR54). */
const RELEASE = { method: 'POST', type: 'application/json', body: JSON.stringify({ release_reason: 'sold by its owner' }) }

test('R08: a device that the operator activates again goes to a new owner with a new epoch, and the former one has nothing', async () => {
  const device = await world.addDevice('r08-b')
  const first = await world.pair(device.fetch, device.clientId, 'alice')
  await revoke('r08-b', { personId: 'alice' })
  expect((await world.call('operator', 'registry', '/registry/devices/r08-b/activate', RELEASE)).status).toBe(200)
  expect((await world.refresh(device.fetch, device.clientId, String(first.body['refresh_token']))).body['error']).toBe('invalid_grant')
  const second = await world.pair(device.fetch, device.clientId, 'bob')
  expect(payloadOf(second.body['access_token'])).toMatchObject({ sub: 'bob', aud: [GUITARS], epoch: 3 })
  expect(payloadOf(first.body['access_token'])).toMatchObject({ sub: 'alice', epoch: 1 })
  expect(await world.server.context.store.read.resources.listOfOwner('alice')).not.toContainEqual(expect.objectContaining({ deviceId: 'r08-b' }))
})

test('R08: an approval that waits for its poll is worth nothing once the device is revoked', async () => {
  const device = await world.addDevice('r08-c')
  const { deviceCode, userCode } = await world.start(device.fetch, device.clientId)
  await world.decide(userCode, 'alice')
  await revoke('r08-c', { personId: 'alice' })
  await world.call('operator', 'registry', '/registry/devices/r08-c/activate', RELEASE)
  expect((await world.poll(device.fetch, device.clientId, deviceCode)).body['error']).toBe('invalid_grant')
})

test('two owners answer for the same device at once: one gets it', async () => {
  const device = await world.addDevice('race')
  const codes = [await world.start(device.fetch, device.clientId), await world.start(device.fetch, device.clientId)]
  const outcomes = await Promise.all(codes.map(({ userCode }, index) => world.decide(userCode, index === 0 ? 'alice' : 'bob')))
  expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1)
  expect(await world.server.context.store.read.resources.listOfDevice('race')).toHaveLength(1)
})
