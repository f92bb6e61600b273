// TR54: "revoked" by its owner is final unless an operator says why not, and the former owner can read it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { activateDevices } from '../../../../authz-server/registry/activate-device.ts'
import { revokeDevice } from '../../../../authz-server/registry/revoke-device.ts'
import { sidecar } from '../../../attacks/authz-server-uma/uma-world.ts'
import { type AuthzWorld, startAuthzWorld } from '../../../support/authz-world.ts'
import { createVisitor, type Visitor } from '../../../support/visitor.ts'

let world: AuthzWorld
let alice: string
let visitor: Visitor
beforeAll(async () => {
  world = await startAuthzWorld()
})
beforeEach(async () => {
  await world.resetWithLimits()
  alice = await world.person('alice@example.test')
  visitor = createVisitor(world.origin)
  await visitor.signIn('alice@example.test')
  await world.device('guitar-1')
  await world.context.store.transaction(({ devices }) => devices.assignOwner('guitar-1', alice, world.now()))
})
afterAll(() => world.close())

const revoke = (by: 'owner' | 'operator') => revokeDevice(world.context, { deviceId: 'guitar-1', by: by === 'owner' ? { personId: alice } : by }, world.now())
const statusOf = async () => (await world.context.store.read.devices.find('guitar-1'))?.status
async function call(path: string, body?: unknown) {
  const response = await sidecar(world, 'operator', ['registry']).call(path, 'POST', body)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
const ONE = '/registry/devices/guitar-1/activate'

describe('after a revocation by its owner', () => {
  beforeEach(() => revoke('owner'))

  test('TR54: activating needs a release, one by one and in bulk, and the answer says how', async () => {
    const refused = await call(ONE)
    expect([refused.status, refused.body['error']]).toEqual([409, 'release_needed'])
    expect(refused.body['error_description']).toContain('its owner revoked this device on 2026-')
    expect(refused.body['error_description']).toContain('--release')
    expect(await call('/registry/devices/activate', { ids: ['guitar-1'] })).toMatchObject({ status: 200, body: { activated: [], needs_release: ['guitar-1'] } })
    expect(await statusOf()).toBe('revoked')
  })

  test.each([
    { title: 'no reason', body: { release_reason: '' } },
    { title: 'blanks', body: { release_reason: '  ' } },
    { title: 'a control character', body: { release_reason: 'a\u0007b' } },
    { title: '201 characters', body: { release_reason: 'x'.repeat(201) } },
    { title: 'true', body: { release_reason: true } },
    { title: 'another member', body: { release_reason: 'sold', owner: 'mallory' } },
    { title: 'an empty object', body: {} },
  ])('TR54: $title is no reason', async ({ body }) => {
    expect((await call(ONE, body)).status).toBe(400)
    expect(await statusOf()).toBe('revoked')
  })

  test('TR54: with a reason it is active and free; the former owner reads when and why, as text', async () => {
    expect(await call(ONE, { release_reason: 'sold <b>by</b> its owner' })).toEqual({ status: 200, body: { id: 'guitar-1', status: 'active' } })
    expect(await world.context.store.read.devices.find('guitar-1')).toMatchObject({ status: 'active', owner: null })
    const { html } = await visitor.open('/devices')
    expect(html).toContain('revoked by you on')
    expect(html).toContain('The operator released it on')
    expect(html).toContain('sold &lt;b&gt;by&lt;/b&gt; its owner')
    expect(world.log.some(({ event }) => event === 'device_released')).toBe(true)
  })

  test('TR54: a later owner does not see what was before, and the former one still does', async () => {
    await call(ONE, { release_reason: 'sold' })
    const bob = await world.person('bob@example.test')
    await world.context.store.transaction(({ devices }) => devices.assignOwner('guitar-1', bob, world.now()))
    const his = createVisitor(world.origin)
    await his.signIn('bob@example.test')
    expect((await his.open('/devices')).html).not.toContain('Devices that were yours')
    expect((await visitor.open('/devices')).html).toContain('Devices that were yours')
  })
})

test('TR54: after a revocation by the operator no release is needed; the former owner sees who revoked it', async () => {
  await revoke('operator')
  expect((await visitor.open('/devices')).html).toContain('revoked by the operator on')
  expect((await call(ONE)).status).toBe(200)
})

test('TR54: a revocation from before this was recorded counts as its owner’s', async () => {
  await revoke('operator')
  await world.forgetWhoRevoked('guitar-1')
  expect((await call(ONE)).status).toBe(409)
})

test('TR54: a release of a device that is not revoked is refused', async () => {
  expect(await call(ONE, { release_reason: 'sold' })).toMatchObject({ status: 409, body: { error: 'nothing_to_release' } })
})

test('TR57: a device is activated, revoked and found by any spelling of its MAC address', async () => {
  await world.device('aa:bb:cc:00:11:22')
  for (const id of ['AA-BB-CC-00-11-22', 'aabb.cc00.1122', 'AA:BB:CC:00:11:22']) {
    expect((await call(`/registry/devices/${id}/revoke`)).status, id).toBe(200)
    expect(await activateDevices(world.context, [id], world.now()), id).toMatchObject({ activated: ['aa:bb:cc:00:11:22'] })
  }
})
