// Attack rows T17, U15, R08, beyond their listed cases: a requesting party's token that outlives the end of an app's pairing, a share or a device it was won by.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { revokeDevice } from '../../../authz-server/registry/revoke-device.ts'
import { savePolicy } from '../../../authz-server/sharing/save-policy.ts'
import { requestPermission } from '../../../authz-server/uma/request-permission.ts'
import { GRANT_TYPES, ID_TOKEN_FORMAT } from '../../../protocol/oauth/messages.ts'
import { type AuthzWorld, generateKey, payloadOf, startAuthzWorld } from '../../unit/authz-server/support/authz-world.ts'

let world: AuthzWorld
beforeAll(async () => {
  world = await startAuthzWorld()
  await world.addPerson('alice')
  await world.addPerson('bob')
})
afterAll(() => world.close())

const revoke = (deviceId: string) => revokeDevice(world.server.context, { deviceId, by: { personId: 'alice' } }, world.now())

const SHARED = 'version: 1\nshares:\n  - name: Bob reads\n    who: [bob@example.test]\n    what: [guitar-rpt]\n    may: [read, play]\n'

async function saveRules(text: string): Promise<void> {
  const before = await world.server.context.store.read.policies.find('alice')
  const saved = await savePolicy(world.server.context, { owner: 'alice', text, fromRevision: before?.revision ?? 0 }, world.now())
  if (!saved.ok) throw new Error(JSON.stringify(saved.error))
}

async function introspect(token: string): Promise<Record<string, unknown>> {
  const body = new URLSearchParams({ token }).toString()
  return (await world.call('sidecar', 'uma_protection', '/introspect', { method: 'POST', type: 'application/x-www-form-urlencoded', body })).body
}

async function revocationsOfFeed(): Promise<readonly string[]> {
  const { body } = await world.call('sidecar', 'feed', '/feed/snapshot')
  return (payloadOf(body['text'])['entries'] as { kind: string; id: string }[]).filter((entry) => entry.kind === 'revocation').map((entry) => entry.id)
}

/** Bob's app, paired, with a token for Alice's guitar. */
async function winToken(key = generateKey()) {
  const proving = world.provingFetch(key)
  const { body: app } = await world.pair(proving, 'app', 'bob')
  const [resource] = await world.server.context.store.read.resources.listOfDevice('guitar-rpt')
  const asked = { clientId: 'sidecar', permissions: [{ resource_id: resource?.id ?? '', resource_scopes: ['read', 'play'] }] }
  const ticket = await requestPermission(world.server.context, asked, world.now())
  if (!ticket.ok) throw new Error(ticket.error)
  const claim = { claim_token: String(app['id_token']), claim_token_format: ID_TOKEN_FORMAT }
  const { body } = await world.post(proving, '/token', { grant_type: GRANT_TYPES.umaTicket, client_id: 'app', ticket: ticket.value, ...claim })
  return { proving, refreshToken: String(app['refresh_token']), rpt: String(body['access_token']) }
}

describe('a requesting party’s token', () => {
  beforeEach(async () => {
    const device = await world.server.context.store.read.devices.find('guitar-rpt')
    if (device === undefined) {
      const added = await world.addDevice('guitar-rpt')
      await world.pair(added.fetch, added.clientId, 'alice')
    }
    await saveRules(SHARED)
  })

  test('T17: ends with the pairing of the app that won it, for sidecars and for introspection', async () => {
    const { proving, refreshToken, rpt } = await winToken()
    const other = await winToken()
    expect(await introspect(rpt)).toMatchObject({ active: true, sub: 'bob' })
    await world.post(proving, '/revoke', { client_id: 'app', token: refreshToken })
    expect(await introspect(rpt)).toEqual({ active: false })
    expect(await revocationsOfFeed()).toContain(payloadOf(rpt)['grant_id'])
    expect(await introspect(other.rpt)).toMatchObject({ active: true })
  })

  test('T17: ends when a refresh token of that app is used twice', async () => {
    const { proving, refreshToken, rpt } = await winToken()
    await world.refresh(proving, 'app', refreshToken)
    expect((await world.refresh(proving, 'app', refreshToken)).body['error']).toBe('invalid_grant')
    expect(await introspect(rpt)).toEqual({ active: false })
  })

  test('U15: is inactive for a resource server that introspects, once the share is gone', async () => {
    const { rpt } = await winToken()
    expect(await introspect(rpt)).toMatchObject({ active: true, permissions: [{ resource_scopes: ['read', 'play'] }] })
    await saveRules(SHARED.replace('[read, play]', '[read]'))
    expect(await introspect(rpt)).toMatchObject({ active: true, permissions: [{ resource_scopes: ['read'] }] })
    await saveRules(`${SHARED}    ask: true\n`)
    expect(await introspect(rpt)).toEqual({ active: false })
    await saveRules('version: 1\nshares: []\n')
    expect(await introspect(rpt)).toEqual({ active: false })
  })

  test('R08: is inactive for a resource server that introspects, once the owner has revoked the device', async () => {
    const { rpt } = await winToken()
    await revoke('guitar-rpt')
    expect(await introspect(rpt)).toEqual({ active: false })
  })
})
