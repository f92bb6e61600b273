// Attack row R08, beyond its listed cases: codes from before a device was revoked, used after it was activated again.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { activateDevices, releaseDevice } from '../../../authz-server/registry/activate-device.ts'
import { revokeDevice } from '../../../authz-server/registry/revoke-device.ts'
import { type AuthzWorld, startAuthzWorld } from '../../unit/authz-server/support/authz-world.ts'

let world: AuthzWorld
beforeAll(async () => {
  world = await startAuthzWorld()
  await world.addPerson('alice')
  await world.addPerson('bob')
})
afterAll(() => world.close())

const revoke = (deviceId: string) => revokeDevice(world.server.context, { deviceId, by: { personId: 'alice' } }, world.now())
const activate = (id: string) => activateDevices(world.server.context, [id], world.now())

describe('R08: a code from before the device was revoked', () => {
  test('R08: an approval of then gives nothing once the same owner has paired the device anew, with less', async () => {
    const device = await world.addDevice('again-a')
    const before = await world.start(device.fetch, device.clientId, 'read play')
    await world.decide(before.userCode, 'alice')
    await revoke('again-a')
    expect((await releaseDevice(world.server.context, { deviceId: 'again-a', reason: 'found again' }, world.now())).ok).toBe(true)
    const after = await world.start(device.fetch, device.clientId, 'read')
    await world.decide(after.userCode, 'alice')
    expect((await world.poll(device.fetch, device.clientId, before.deviceCode)).body).toEqual({ error: 'invalid_grant', error_description: expect.any(String) })
    expect((await world.poll(device.fetch, device.clientId, after.deviceCode)).body['scope']).toBe('read')
  })

  test('R08: a code that nobody had answered is as good as unknown afterwards', async () => {
    const device = await world.addDevice('again-b')
    const before = await world.start(device.fetch, device.clientId)
    const other = await world.addDevice('again-c')
    const untouched = await world.start(other.fetch, other.clientId)
    await revokeDevice(world.server.context, { deviceId: 'again-b', by: 'operator' }, world.now())
    await activate('again-b')
    expect(await world.decide(before.userCode, 'bob')).toBe('code_wrong')
    expect(await world.decide(untouched.userCode, 'bob')).toBe('ok')
  })
})
