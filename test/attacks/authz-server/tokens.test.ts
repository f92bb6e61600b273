// Attack rows O, D, T at the token endpoint and its neighbours.
import { createHmac, createPublicKey, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildProof } from '../../../protocol/dpop/proof.ts'
import { CLIENT_ASSERTION_TYPE } from '../../../protocol/oauth/messages.ts'
import { type AuthzWorld, buildAssertion, type Called, generateKey, payloadOf, startAuthzWorld } from '../../unit/authz-server/support/authz-world.ts'

let world: AuthzWorld
beforeAll(async () => {
  world = await startAuthzWorld()
  await world.addPerson('alice')
  await world.addPerson('bob')
})
afterAll(() => world.close())

let count = 0
async function pairedDevice() {
  count += 1
  const device = await world.addDevice(`guitar-${count}`)
  const { body } = await world.pair(device.fetch, device.clientId, 'alice')
  return { ...device, id: `guitar-${count}`, accessToken: String(body['access_token']), refreshToken: String(body['refresh_token']) }
}
const introspect = async (token: string, as: 'sidecar' | 'amps' = 'sidecar') => {
  const body = new URLSearchParams({ token }).toString()
  return (await world.call(as, 'uma_protection', '/introspect', { method: 'POST', type: 'application/x-www-form-urlencoded', body })).body
}
const feedRevocations = async () => {
  const { body } = await world.call('sidecar', 'feed', '/feed/snapshot')
  return (payloadOf(body['text'])['entries'] as { kind: string; id: string }[]).filter((entry) => entry.kind === 'revocation').map((entry) => entry.id)
}

describe('O01: what client A was given, in the hands of client B', () => {
  test('O01: a refresh token', async () => {
    const key = generateKey()
    const { body } = await world.pair(world.provingFetch(key), 'app', 'alice')
    expect((await world.refresh(world.provingFetch(key), 'other-app', String(body['refresh_token']))).body['error']).toBe('invalid_grant')
    expect((await world.refresh(world.provingFetch(key), 'app', String(body['refresh_token']))).status).toBe(200)
  })

  test('O01: a device code', async () => {
    const key = generateKey()
    const { deviceCode, userCode } = await world.start(world.provingFetch(key), 'app')
    await world.decide(userCode, 'alice')
    expect((await world.poll(world.provingFetch(key), 'other-app', deviceCode)).body['error']).toBe('invalid_grant')
    expect((await world.poll(world.provingFetch(key), 'app', deviceCode)).status).toBe(200)
  })
})

describe('O04: refresh tokens are used once', () => {
  test('O04: 50 at once give one success, and the family is dead then', async () => {
    const device = await pairedDevice()
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.refresh(device.fetch, device.clientId, device.refreshToken)))
    const won = answers.filter((answer) => answer.status === 200)
    expect(won).toHaveLength(1)
    expect(new Set(answers.filter((answer) => answer.status !== 200).map((answer) => answer.body['error']))).toEqual(new Set(['invalid_grant']))
    expect((await world.refresh(device.fetch, device.clientId, String(won[0]?.body['refresh_token']))).body['error']).toBe('invalid_grant')
    expect(await introspect(String(won[0]?.body['access_token']))).toEqual({ active: false })
  })

  test('O04: a chain of refreshes works; an old link of it ends the family everywhere', async () => {
    const device = await pairedDevice()
    let last: Called = await world.refresh(device.fetch, device.clientId, device.refreshToken)
    for (let round = 0; round < 3; round += 1) last = await world.refresh(device.fetch, device.clientId, String(last.body['refresh_token']))
    expect(last.status).toBe(200)
    expect((await introspect(String(last.body['access_token'])))['active']).toBe(true)
    expect((await world.refresh(device.fetch, device.clientId, device.refreshToken)).body['error']).toBe('invalid_grant')
    expect((await world.refresh(device.fetch, device.clientId, String(last.body['refresh_token']))).body['error']).toBe('invalid_grant')
    expect(await introspect(String(last.body['access_token']))).toEqual({ active: false })
    expect(await feedRevocations()).toContain(payloadOf(last.body['access_token'])['grant_id'])
  })

  test('a refresh may ask for less and never for more', async () => {
    const device = await pairedDevice()
    const form = { grant_type: 'refresh_token', client_id: device.clientId, refresh_token: device.refreshToken }
    expect((await world.post(device.fetch, '/token', { ...form, scope: 'read volume' })).body['error']).toBe('invalid_scope')
    const less = await world.post(device.fetch, '/token', { ...form, scope: 'read' })
    expect([less.body['scope'], payloadOf(less.body['access_token'])['scope']]).toEqual(['read', 'read'])
  })

  test('a refresh token ends after 90 days without use, and dies with a device that is no longer active', async () => {
    const device = await pairedDevice()
    await world.call('operator', 'registry', `/registry/devices/${device.id}/revoke`, { method: 'POST' })
    expect((await world.refresh(device.fetch, device.clientId, device.refreshToken)).body['error']).toBe('invalid_client')
  })
})

test('D12: a refresh with another key is invalid_grant and leaves the family to its owner', async () => {
  const key = generateKey()
  const { body } = await world.pair(world.provingFetch(key), 'app', 'alice')
  const token = String(body['refresh_token'])
  for (let round = 0; round < 3; round += 1) expect((await world.refresh(world.provingFetch(generateKey()), 'app', token)).body['error']).toBe('invalid_grant')
  expect((await world.refresh(world.provingFetch(key), 'app', token)).status).toBe(200)
})

describe('O07: size is refused before it costs anything', () => {
  test.each([
    { title: 'a scope of 50,000 characters', form: { scope: 'a'.repeat(50_000) }, status: 413 },
    { title: 'a scope of 10,000 characters', form: { scope: 'a'.repeat(10_000) }, status: 400 },
    { title: '5,000 short scopes', form: { scope: Array.from({ length: 5000 }, (_, index) => `s${index % 10}`).join(' ') }, status: 400 },
    { title: 'a client_id of 10,000 characters', form: { client_id: `device:${'x'.repeat(10_000)}` }, status: 401 },
  ])('O07: $title', async ({ form, status }) => {
    const device = await pairedDevice()
    const call = () => world.post(device.fetch, '/device_authorization', { client_id: device.clientId, ...form })
    await call()
    const before = process.cpuUsage()
    expect((await call()).status).toBe(status)
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(200) // milliseconds; 20 is the row's limit, for the server alone
  })
})

describe('O08: parameters that say two things', () => {
  const nonceOf = async () => (await fetch(`${world.issuer}/token`, { method: 'POST' })).headers.get('dpop-nonce') ?? ''
  async function postRaw(body: string) {
    const key = generateKey()
    const uri = `${world.issuer}/token`
    const proof = buildProof(key, { method: 'POST', uri, now: world.now(), jti: randomBytes(16).toString('hex'), nonce: await nonceOf() })
    const headers = { 'content-type': 'application/x-www-form-urlencoded', dpop: proof }
    const response = await fetch(uri, { method: 'POST', headers, body })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  test.each([
    { title: 'client_id twice', body: 'client_id=app&client_id=other-app&grant_type=refresh_token' },
    { title: 'grant_type twice', body: 'client_id=app&grant_type=refresh_token&grant_type=client_credentials' },
    { title: 'grant_type twice, once empty', body: 'client_id=app&grant_type=&grant_type=refresh_token' },
    { title: 'device_code twice', body: 'client_id=app&device_code=a&device_code=b' },
    { title: '51 parameters', body: Array.from({ length: 51 }, (_, index) => `p${index}=1`).join('&') },
  ])('O08: $title is invalid_request', async ({ body }) => {
    expect(await postRaw(body)).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })

  test.each(['client_id[]=app&grant_type=refresh_token', 'a[__proto__][x]=1&__proto__=1&grant_type=refresh_token', `a${'[b]'.repeat(1000)}=1`])(
    'O08: brackets mean nothing: %s',
    async (body) => {
      expect((await postRaw(body)).status).toBe(401)
      expect(({} as Record<string, unknown>)['x']).toBeUndefined()
    },
  )

  test('O08: JSON where a form belongs is invalid_request', async () => {
    const response = await fetch(`${world.issuer}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"grant_type":"refresh_token"}',
    })
    expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([400, 'invalid_request'])
  })
})

describe('O12: no other origin is let in', () => {
  test.each(['null', 'https://evil.example', 'http://127.0.0.1.evil.example'])('O12: Origin %s is not reflected', async (origin) => {
    for (const path of ['/token', '/introspect', '/registry/devices', '/feed/snapshot', '/jwks']) {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const response = await fetch(world.issuer + path, { method, headers: { origin, 'access-control-request-method': 'POST' } })
        expect([...response.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
      }
    }
  })
})

describe('O15: answers leave no trace', () => {
  test('O15: token, device, introspection and error answers are not stored, not sniffed, not referred', async () => {
    const device = await pairedDevice()
    const answers = [
      await world.post(device.fetch, '/device_authorization', { client_id: device.clientId }),
      await world.refresh(device.fetch, device.clientId, device.refreshToken),
      await world.refresh(device.fetch, device.clientId, 'nonsense'),
      await world.call('sidecar', 'uma_protection', '/introspect', { method: 'POST', type: 'application/x-www-form-urlencoded', body: 'token=x' }),
    ]
    for (const { headers } of answers) {
      expect([headers.get('cache-control'), headers.get('x-content-type-options'), headers.get('referrer-policy')]).toEqual([
        'no-store',
        'nosniff',
        'no-referrer',
      ])
      expect(headers.get('dpop-nonce')).toMatch(/^[A-Za-z0-9_-]{43}$/)
    }
  })

  test('O15: no token, code or proof is in any log line of everything above', () => {
    const lines = JSON.stringify(world.log)
    expect(lines.length).toBeGreaterThan(1000)
    expect(lines).not.toMatch(/eyJ|refresh_[A-Za-z0-9_-]{43}|device_code_[A-Za-z0-9_-]{43}|[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}/)
  })
})

describe('T02: a token signed with the public key as if it were a secret', () => {
  const jwk = () => world.keyring.published()[0]!
  test.each([
    { title: 'PEM', secret: () => createPublicKey({ key: { ...jwk() }, format: 'jwk' }).export({ type: 'spki', format: 'pem' }) },
    { title: 'DER', secret: () => createPublicKey({ key: { ...jwk() }, format: 'jwk' }).export({ type: 'spki', format: 'der' }) },
    { title: 'JWK text', secret: () => JSON.stringify(jwk()) },
    {
      title: 'PEM with a leading space',
      secret: () => ` ${String(createPublicKey({ key: { ...jwk() }, format: 'jwk' }).export({ type: 'spki', format: 'pem' }))}`,
    },
  ])('T02: keyed with $title is refused', async ({ secret }) => {
    const { token, fetch: provingFetch } = await world.serviceToken('operator', 'registry')
    const [, payload] = token.split('.')
    const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'at+jwt', kid: jwk().kid })).toString('base64url')
    const forged = `${header}.${payload}.${createHmac('sha256', secret()).update(`${header}.${payload}`).digest('base64url')}`
    const answer = await provingFetch(`${world.issuer}/registry/devices`, { accessToken: forged })
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('invalid_token')])
    expect((await provingFetch(`${world.issuer}/registry/devices`, { accessToken: token })).status).toBe(200)
  })
})

describe('T17: a revoked token', () => {
  test('T17: an access token alone is inactive and in the feed; the refresh token goes on', async () => {
    const device = await pairedDevice()
    expect((await introspect(device.accessToken))['active']).toBe(true)
    expect((await world.post(device.fetch, '/revoke', { client_id: device.clientId, token: device.accessToken })).status).toBe(200)
    expect(await introspect(device.accessToken)).toEqual({ active: false })
    expect(await feedRevocations()).toContain(payloadOf(device.accessToken)['jti'])
    expect((await world.refresh(device.fetch, device.clientId, device.refreshToken)).status).toBe(200)
  })

  test('T17: a refresh token takes its access tokens with it (RFC 7009 section 2.1)', async () => {
    const device = await pairedDevice()
    expect((await world.post(device.fetch, '/revoke', { client_id: device.clientId, token: device.refreshToken, token_type_hint: 'nonsense' })).status).toBe(
      200,
    )
    expect(await introspect(device.accessToken)).toEqual({ active: false })
    expect((await world.refresh(device.fetch, device.clientId, device.refreshToken)).body['error']).toBe('invalid_grant')
  })

  test.each([
    { title: 'unknown', token: () => 'nonsense' },
    { title: 'of another client', token: async () => (await pairedDevice()).refreshToken },
  ])('T17: revoking a token that is $title is 200 and changes nothing', async ({ token }) => {
    const device = await pairedDevice()
    const text = await token()
    expect((await world.post(device.fetch, '/revoke', { client_id: device.clientId, token: text })).status).toBe(200)
    expect((await world.refresh(device.fetch, device.clientId, device.refreshToken)).status).toBe(200)
  })

  test('U13: another resource server learns nothing but that it is inactive', async () => {
    const device = await pairedDevice()
    expect(await introspect(device.accessToken, 'amps')).toEqual({ active: false })
    expect(await introspect(device.accessToken)).toMatchObject({
      active: true,
      sub: 'alice',
      device_id: device.id,
      scope: 'read play',
      token_type: 'DPoP',
      cnf: { jkt: device.key.kid },
    })
  })

  test('a service token that was revoked opens nothing', async () => {
    const { token, fetch: provingFetch } = await world.serviceToken('operator', 'registry')
    const now = world.now()
    const assertion = buildAssertion(world.keys.operator, { iss: 'operator', sub: 'operator', aud: world.issuer, iat: now, exp: now + 60, jti: 'revoke-1' })
    const form = { token, client_assertion_type: CLIENT_ASSERTION_TYPE, client_assertion: assertion }
    expect((await world.post(provingFetch, '/revoke', form)).status).toBe(200)
    expect((await provingFetch(`${world.issuer}/registry/devices`, { accessToken: token })).status).toBe(401)
  })
})

describe('proofs at the token endpoint', () => {
  const uri = () => `${world.issuer}/token`
  const nonce = async () => (await fetch(uri(), { method: 'POST', body: new URLSearchParams({ a: 'b' }) })).headers.get('dpop-nonce') ?? ''
  const send = async (headers: NonNullable<RequestInit['headers']>) => {
    const response = await fetch(uri(), {
      method: 'POST',
      headers,
      body: new URLSearchParams({ grant_type: 'refresh_token', client_id: 'app', refresh_token: 'x' }),
    })
    return { status: response.status, headers: response.headers, error: ((await response.json()) as { error: string }).error }
  }
  const facts = async () => ({ method: 'POST', uri: uri(), now: world.now(), jti: randomBytes(16).toString('hex'), nonce: await nonce() })

  test('a good proof reaches the grant', async () => {
    expect(await send({ dpop: buildProof(generateKey(), await facts()) })).toMatchObject({ status: 400, error: 'invalid_grant' })
  })

  test.each([
    { title: 'another method', change: { method: 'GET' } },
    { title: 'another host', change: { uri: 'http://evil.example/token' } },
    { title: 'another path', change: { uri: 'PATH' } },
  ])('D03: a proof for $title is refused', async ({ change }) => {
    const wrong = { ...(await facts()), ...change }
    if (wrong.uri === 'PATH') wrong.uri = `${world.issuer}/introspect`
    expect(await send({ dpop: buildProof(generateKey(), wrong) })).toMatchObject({ status: 400, error: 'invalid_dpop_proof' })
  })

  test('D03: two proofs, in two lines or one, are refused', async () => {
    const [a, b] = [buildProof(generateKey(), await facts()), buildProof(generateKey(), await facts())]
    expect(
      (
        await send([
          ['dpop', a],
          ['dpop', b],
        ])
      ).error,
    ).toBe('invalid_dpop_proof')
    expect((await send({ dpop: `${a}, ${b}` })).error).toBe('invalid_dpop_proof')
  })

  test('D05: of 50 copies of one proof at once, one is taken', async () => {
    const proof = buildProof(generateKey(), await facts())
    const answers = await Promise.all(Array.from({ length: 50 }, () => send({ dpop: proof })))
    expect(answers.filter((answer) => answer.error === 'invalid_grant')).toHaveLength(1)
    expect(answers.filter((answer) => answer.error === 'invalid_dpop_proof')).toHaveLength(49)
  })

  test.each([
    { title: 'no nonce', nonce: undefined },
    { title: 'a nonce that is not ours', nonce: Buffer.alloc(32, 1).toString('base64url') },
    { title: 'an empty nonce', nonce: '' },
  ])('D09: $title is answered 400 use_dpop_nonce with a fresh nonce', async ({ nonce: wrong }) => {
    const answer = await send({ dpop: buildProof(generateKey(), { ...(await facts()), nonce: wrong }) })
    expect(answer).toMatchObject({ status: 400, error: 'use_dpop_nonce' })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('dpop-nonce')).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  test('D09: a nonce is good for 60 s and stale at 61', async () => {
    const old = await facts()
    world.pass(60)
    expect((await send({ dpop: buildProof(generateKey(), old) })).error).toBe('invalid_grant')
    const older = await facts()
    world.pass(61)
    expect((await send({ dpop: buildProof(generateKey(), { ...older, jti: 'other' }) })).error).toBe('use_dpop_nonce')
  })
})

describe('client assertions (RFC 7523)', () => {
  async function authenticate(
    change: Readonly<Record<string, unknown>>,
    options: { readonly key?: ReturnType<typeof generateKey>; readonly typ?: string } = {},
  ) {
    const now = world.now()
    const claims = { iss: 'operator', sub: 'operator', aud: world.issuer, iat: now, exp: now + 60, jti: randomBytes(8).toString('hex'), ...change }
    const assertion = buildAssertion(options.key ?? world.keys.operator, claims, options.typ)
    const form = { grant_type: 'client_credentials', scope: 'registry', client_assertion_type: CLIENT_ASSERTION_TYPE, client_assertion: assertion }
    return (await world.post(world.provingFetch(world.keys.operator), '/token', form)).status
  }
  test.each([
    { title: 'a good one', change: {}, status: 200 },
    { title: 'the token endpoint as audience', change: { aud: 'ENDPOINT' }, status: 200 },
    { title: 'living exactly 300 s', change: { exp: 300 }, status: 200 },
    { title: 'living 301 s', change: { exp: 301 }, status: 401 },
    { title: 'expired', change: { exp: 0 }, status: 401 },
    { title: 'another audience', change: { aud: 'https://other.example' }, status: 401 },
    { title: 'two audiences', change: { aud: ['https://other.example', 'ISSUER'] }, status: 401 },
    { title: 'another issuer', change: { iss: 'sidecar' }, status: 401 },
    { title: 'no jti', change: { jti: undefined }, status: 401 },
    { title: 'no iat', change: { iat: undefined }, status: 401 },
    { title: 'made before this server started', change: { iat: -3600 }, status: 401 },
    { title: 'another client whose key this is not', change: { iss: 'sidecar', sub: 'sidecar' }, status: 401 },
  ])('$title', async ({ change, status }) => {
    const at = (value: unknown) => {
      if (value === 'ENDPOINT') return `${world.issuer}/token`
      if (Array.isArray(value)) return value.map((one: unknown) => (one === 'ISSUER' ? world.issuer : one))
      return typeof value === 'number' ? world.now() + value : value
    }
    expect(await authenticate(Object.fromEntries(Object.entries(change).map(([name, value]) => [name, at(value)])))).toBe(status)
  })

  test('used twice: the second time is refused', async () => {
    expect([await authenticate({ jti: 'same' }), await authenticate({ jti: 'same' })]).toEqual([200, 401])
  })

  test.each(['at+jwt', 'dpop+jwt', 'latchkey-feed+jwt'])('of type %s is refused', async (typ) => {
    expect(await authenticate({}, { typ })).toBe(401)
  })

  test('signed by another key is refused', async () => {
    expect(await authenticate({}, { key: generateKey() })).toBe(401)
  })
})
