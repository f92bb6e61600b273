// TR51: nobody can find out from an answer which devices and clients exist.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT_ASSERTION_TYPE } from '../../../protocol/oauth/messages.ts'
import { type AuthzWorld, buildAssertion, generateKey, payloadOf, startAuthzWorld } from '../../unit/authz-server/support/authz-world.ts'

let world: AuthzWorld
let revokedDevice: string
beforeAll(async () => {
  world = await startAuthzWorld()
  await world.addPerson('alice')
  await world.addDevice('known')
  const device = await world.addDevice('revoked')
  revokedDevice = device.clientId
  await world.call('operator', 'registry', '/registry/devices/revoked/revoke', { method: 'POST' })
})
afterAll(() => world.close())

async function post(path: string, form: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(world.issuer + path, { method: 'POST', headers, body: new URLSearchParams(form) })
  const seen = [...response.headers.keys()].filter((name) => name !== 'date').sort()
  return { status: response.status, headers: seen, body: await response.text() }
}

const NAMES = () => ['device:known', revokedDevice, 'app', 'operator']

describe('TR51: /revoke', () => {
  test('TR51: a known device, a revoked one, an app and a service get the answer of an unknown client', async () => {
    for (const unknown of ['device:no-such', 'no-such', 'device:', `device:${'x'.repeat(300)}`]) {
      const expected = await post('/revoke', { client_id: unknown, token: 'nonsense' })
      expect(expected.status).toBe(200)
      for (const name of NAMES()) expect(await post('/revoke', { client_id: name, token: 'nonsense' })).toEqual(expected)
    }
  })

  test('TR51: also with Basic and an empty secret, and without a token', async () => {
    const basic = (id: string) => ({ authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:`).toString('base64')}` })
    const expected = await post('/revoke', { token: 'nonsense' }, basic('device:no-such'))
    for (const name of NAMES()) expect(await post('/revoke', { token: 'nonsense' }, basic(name))).toEqual(expected)
    expect(await post('/revoke', { client_id: 'device:known' })).toEqual(await post('/revoke', { client_id: 'device:no-such' }))
  })

  test('TR51: a service revokes nothing by its name alone, and its token by an assertion', async () => {
    const { token, fetch: provingFetch } = await world.serviceToken('operator', 'registry')
    expect((await post('/revoke', { client_id: 'operator', token })).status).toBe(200)
    expect((await provingFetch(`${world.issuer}/registry/devices`, { accessToken: token })).status).toBe(200)
  })

  test('TR51: a device still revokes its own token by its name', async () => {
    const device = await world.addDevice('own')
    const { body } = await world.pair(device.fetch, device.clientId, 'alice')
    expect((await post('/revoke', { client_id: 'device:known', token: String(body['refresh_token']) })).status).toBe(200)
    const renewed = await world.refresh(device.fetch, device.clientId, String(body['refresh_token']))
    expect(renewed.status).toBe(200)
    expect((await post('/revoke', { client_id: device.clientId, token: String(renewed.body['refresh_token']) })).status).toBe(200)
    expect((await world.refresh(device.fetch, device.clientId, String(renewed.body['refresh_token']))).body['error']).toBe('invalid_grant')
  })
})

describe.each(['/token', '/device_authorization'])('TR51: %s', (path) => {
  const form = { grant_type: 'refresh_token', refresh_token: 'nonsense' }

  test('TR51: without a proof, a known device gets the answer of an unknown one', async () => {
    const strip = ({ status, body }: { status: number; body: string }) => ({ status, body })
    const expected = strip(await post(path, { ...form, client_id: 'device:no-such' }))
    for (const name of ['device:known', revokedDevice]) expect(strip(await post(path, { ...form, client_id: name }))).toEqual(expected)
  })

  test('TR51: with a proof of another key too', async () => {
    const stranger = world.provingFetch(generateKey())
    const ask = async (name: string) => {
      const { status, body } = await world.post(stranger, path, { ...form, client_id: name })
      return { status, body }
    }
    const expected = await ask('device:no-such')
    expect(expected).toMatchObject({ status: 401, body: { error: 'invalid_client', error_description: expect.any(String) } })
    for (const name of ['device:known', revokedDevice, 'operator']) expect(await ask(name)).toEqual(expected)
  })
})

test('TR51: an assertion of an unknown client, of one that has no key, and a wrong one of a known client look alike', async () => {
  const now = world.now()
  const ask = async (clientId: string, path: string) => {
    const claims = { iss: clientId, sub: clientId, aud: world.issuer, iat: now, exp: now + 60, jti: `known-${clientId}-${path}` }
    const assertion = buildAssertion(generateKey(), claims)
    const form = { grant_type: 'client_credentials', token: 'x', client_assertion_type: CLIENT_ASSERTION_TYPE, client_assertion: assertion }
    const { status, body } = await world.post(world.provingFetch(generateKey()), path, form)
    return { status, body }
  }
  for (const path of ['/token', '/revoke', '/device_authorization']) {
    const expected = await ask('no-such', path)
    expect(expected).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    for (const known of ['operator', 'sidecar', 'app', 'device:known']) expect(await ask(known, path)).toEqual(expected)
  }
})

test('TR51: introspection says inactive for a token of another server, of a stranger, of nobody, alike', async () => {
  const device = await world.addDevice('foreign')
  const { body } = await world.pair(device.fetch, device.clientId, 'alice')
  const ask = async (token: string) => {
    const form = new URLSearchParams({ token }).toString()
    const called = await world.call('amps', 'uma_protection', '/introspect', { method: 'POST', type: 'application/x-www-form-urlencoded', body: form })
    return { status: called.status, body: called.body }
  }
  expect(payloadOf(body['access_token'])['device_id']).toBe('foreign')
  for (const token of [String(body['access_token']), String(body['refresh_token']), 'nonsense', 'a.b.c'])
    expect(await ask(token)).toEqual({ status: 200, body: { active: false } })
})
