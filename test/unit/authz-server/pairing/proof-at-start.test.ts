// TR55: a client may start a pairing without a proof where `proof_at_start` is optional; its key is then bound by the first poll.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderPage } from '../../../../authz-server/console/layout.ts'
import { confirmDevicePage } from '../../../../authz-server/console/pages/confirm-device.ts'
import { GRANT_TYPES } from '../../../../protocol/oauth/messages.ts'
import { AMPS, type AuthzWorld, type Called, generateKey, payloadOf, startAuthzWorld } from '../support/authz-world.ts'

let world: AuthzWorld
beforeAll(async () => {
  world = await startAuthzWorld((config) => ({
    ...config,
    clients: [...config.clients, { client_id: 'strict-app', name: 'Strict app', authentication: 'none', scopes: ['openid'], proof_at_start: 'required' }],
    device_types: config.device_types.map((type) => (type.resource_server === AMPS ? { ...type, proof_at_start: 'optional' } : type)),
  }))
  await world.addPerson('alice')
})
afterAll(() => world.close())

async function postPlain(path: string, form: Record<string, string>): Promise<Called> {
  const response = await fetch(world.issuer + path, { method: 'POST', body: new URLSearchParams(form) })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> }
}

async function startPlain(clientId: string) {
  const { status, body } = await postPlain('/device_authorization', { client_id: clientId })
  return { status, error: body['error'], deviceCode: String(body['device_code']), userCode: String(body['user_code']) }
}

describe('TR55: an app, optional by default', () => {
  test('TR55: the first poll binds its key, and the tokens are bound to it', async () => {
    const { deviceCode, userCode } = await startPlain('app')
    const [key, thief] = [generateKey(), generateKey()]
    expect((await world.poll(world.provingFetch(key), 'app', deviceCode)).body).toMatchObject({ error: 'authorization_pending' })
    world.pass(6)
    for (let tries = 0; tries < 2; tries += 1)
      expect((await world.poll(world.provingFetch(thief), 'app', deviceCode)).body).toMatchObject({
        error: 'invalid_grant',
        error_description: expect.stringMatching(/key/),
      })
    expect(await world.decide(userCode, 'alice')).toBe('ok')
    expect((await world.poll(world.provingFetch(thief), 'app', deviceCode)).body['error']).toBe('invalid_grant')
    const tokens = await world.poll(world.provingFetch(key), 'app', deviceCode)
    expect(tokens.body).toMatchObject({ token_type: 'DPoP' })
    expect(payloadOf(tokens.body['access_token'])['cnf']).toMatchObject({ jkt: key.kid })
    expect(payloadOf(tokens.body['id_token'])['cnf']).toEqual({ jkt: key.kid })
    const refreshToken = String(tokens.body['refresh_token'])
    expect((await world.refresh(world.provingFetch(thief), 'app', refreshToken)).body['error']).toBe('invalid_grant')
    expect((await world.refresh(world.provingFetch(key), 'app', refreshToken)).status).toBe(200)
  })

  test('TR55: of two keys at the same moment, one is bound', async () => {
    const { deviceCode, userCode } = await startPlain('app')
    expect(await world.decide(userCode, 'alice')).toBe('ok')
    const answers = await Promise.all(Array.from({ length: 6 }, () => world.poll(world.provingFetch(generateKey()), 'app', deviceCode)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400, 400])
  })

  test('TR55: a key that was proved at the start stays the only one', async () => {
    const key = generateKey()
    const { deviceCode } = await world.start(world.provingFetch(key), 'app')
    expect((await world.poll(world.provingFetch(generateKey()), 'app', deviceCode)).body['error']).toBe('invalid_grant')
    expect((await world.poll(world.provingFetch(key), 'app', deviceCode)).body['error']).toBe('authorization_pending')
  })

  test('TR55: another client cannot bind its key', async () => {
    const { deviceCode } = await startPlain('app')
    expect((await world.poll(world.provingFetch(generateKey()), 'other-app', deviceCode)).body['error']).toBe('invalid_grant')
    expect((await world.poll(world.provingFetch(generateKey()), 'app', deviceCode)).body['error']).toBe('authorization_pending')
  })

  test('TR55: a client without DPoP gets the reason at the token request', async () => {
    const { deviceCode, userCode } = await startPlain('app')
    expect(await world.decide(userCode, 'alice')).toBe('ok')
    for (const form of [
      { grant_type: GRANT_TYPES.deviceCode, device_code: deviceCode },
      { grant_type: 'refresh_token', refresh_token: 'x' },
    ]) {
      const { status, body } = await postPlain('/token', { client_id: 'app', ...form })
      expect([status, body['error'], body['error_description']]).toEqual([400, 'invalid_dpop_proof', expect.stringMatching(/DPoP header is missing.*RFC 9449/)])
    }
  })

  test('TR55: the scope offline_access, which oidc-agent always asks for, changes nothing', async () => {
    const { body } = await postPlain('/device_authorization', { client_id: 'app', scope: 'openid offline_access' })
    expect(await world.decide(String(body['user_code']), 'alice')).toBe('ok')
    const key = world.provingFetch(generateKey())
    const tokens = await world.poll(key, 'app', String(body['device_code']))
    expect(tokens.body).toMatchObject({ scope: 'openid', refresh_token: expect.any(String), id_token: expect.any(String) })
    const form = { grant_type: 'refresh_token', client_id: 'app', refresh_token: String(tokens.body['refresh_token']), scope: 'openid offline_access' }
    expect((await world.post(key, '/token', form)).body).toMatchObject({ scope: 'openid' })
    expect((await postPlain('/device_authorization', { client_id: 'app', scope: 'openid profile' })).body['error']).toBe('invalid_scope')
  })

  test('TR55: a bad proof at the start is refused, not ignored', async () => {
    const response = await fetch(`${world.issuer}/device_authorization`, {
      method: 'POST',
      headers: { dpop: 'x' },
      body: new URLSearchParams({ client_id: 'app' }),
    })
    expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([400, 'invalid_dpop_proof'])
  })
})

test('TR55: where a proof is required, its absence is named: an app, a device, and an unknown client alike', async () => {
  await world.addDevice('guitar-strict')
  const answers = await Promise.all(
    ['strict-app', 'device:guitar-strict', 'device:no-such', 'no-such'].map((client_id) => postPlain('/device_authorization', { client_id })),
  )
  for (const { status, body } of answers)
    expect([status, body]).toEqual([400, { error: 'invalid_dpop_proof', error_description: expect.stringMatching(/DPoP header is missing/) }])
})

describe('TR55: a device of a type with proof_at_start: optional', () => {
  test('TR55: its key is the one in the registry from the start', async () => {
    const device = await world.addDevice('amp-1', { kind: 'amp' })
    const { deviceCode, userCode } = await startPlain('device:amp-1')
    expect((await world.poll(world.provingFetch(generateKey()), 'device:amp-1', deviceCode)).body['error']).toBe('invalid_client')
    expect(await world.decide(userCode, 'alice')).toBe('ok')
    const tokens = await world.poll(device.fetch, device.clientId, deviceCode)
    expect(payloadOf(tokens.body['access_token'])['cnf']).toMatchObject({ jkt: device.key.kid })
  })

  test('TR55: one that is not active cannot start', async () => {
    await world.addDevice('amp-2', { kind: 'amp' })
    await world.call('operator', 'registry', '/registry/devices/amp-2/revoke', { method: 'POST' })
    expect(await startPlain('device:amp-2')).toMatchObject({ status: 400, error: 'invalid_dpop_proof' })
  })
})

test('TR55: the confirm page says whether the app has proved a key', () => {
  const facts = {
    session: { csrfToken: 'c' },
    pairing: 'p',
    userCode: 'BCDF-GHJK',
    asking: { kind: 'app', name: 'Band app' },
    scopes: ['openid'],
    network: 'same',
    address: '192.0.2.1',
    askedAgo: 'just now',
  } as const
  const textOf = (fingerprintWords: readonly string[] | undefined) => renderPage(confirmDevicePage({ ...facts, fingerprintWords }), undefined)
  expect(textOf(undefined)).toContain('This app has not proved that it has a key yet')
  expect(textOf(undefined)).not.toContain('four words')
  expect(textOf(['owl', 'oak', 'oil', 'old'])).toContain('the same four words')
  expect(textOf(['owl', 'oak', 'oil', 'old'])).not.toContain('not proved')
})
