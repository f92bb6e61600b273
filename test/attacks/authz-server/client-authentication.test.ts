// TR49, TR50: who the client is, said in one way only; forms that can be read in one way only; the times of an assertion.
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toDescription } from '../../../authz-server/http/description.ts'
import type { Exchange } from '../../../authz-server/http/exchange.ts'
import { readPresentedClient } from '../../../authz-server/steps/read-presented-client.ts'
import { buildProof } from '../../../protocol/dpop/proof.ts'
import { CLIENT_ASSERTION_TYPE } from '../../../protocol/oauth/messages.ts'
import { type AuthzWorld, buildAssertion, generateKey, startAuthzWorld } from '../../unit/authz-server/support/authz-world.ts'

let world: AuthzWorld
beforeAll(async () => {
  world = await startAuthzWorld()
})
afterAll(() => world.close())

const basic = (id: string, secret = '') => `Basic ${Buffer.from(`${encodeURIComponent(id)}:${secret}`).toString('base64')}`
const assertion = (clientId = 'operator', changes: object = {}) => {
  const now = world.now()
  const claims = { iss: clientId, sub: clientId, aud: world.issuer, iat: now, exp: now + 60, jti: randomUUID(), ...changes }
  return { client_assertion_type: CLIENT_ASSERTION_TYPE, client_assertion: buildAssertion(world.keys.operator, claims) }
}

interface Sent {
  readonly path?: string
  readonly authorization?: string
  readonly body: string | Record<string, string>
  readonly type?: string
}

async function send({ path = '/token', authorization, body, type = 'application/x-www-form-urlencoded' }: Sent) {
  const challenge = await fetch(`${world.issuer}/token`, { method: 'POST', body: new URLSearchParams({ client_id: 'app' }) })
  const uri = world.issuer + path
  const facts = { method: 'POST', uri: uri.split('?', 1)[0] ?? '', now: world.now(), jti: randomUUID(), nonce: challenge.headers.get('dpop-nonce') ?? '' }
  const headers: Record<string, string> = { dpop: buildProof(world.keys.operator, facts), 'content-type': type }
  if (authorization !== undefined) headers['authorization'] = authorization
  const response = await fetch(uri, { method: 'POST', headers, body: typeof body === 'string' ? body : new URLSearchParams(body) })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: (text === '' ? {} : JSON.parse(text)) as Record<string, string> }
}

const REFRESH = { grant_type: 'refresh_token', refresh_token: 'nonsense', token: 'nonsense' }

describe.each(['/token', '/revoke', '/device_authorization'])('TR49: one client, one method, at %s', (path) => {
  test.each([
    { title: 'Basic names A, the body B', authorization: () => basic('app'), body: { client_id: 'other-app' }, error: 'invalid_request' },
    { title: 'Basic names A, the body a device', authorization: () => basic('app'), body: { client_id: 'device:x' }, error: 'invalid_request' },
    { title: 'Basic and client_secret', authorization: () => basic('app', 's'), body: { client_id: 'app', client_secret: 's' }, error: 'invalid_request' },
    { title: 'Basic and an assertion of the same client', authorization: () => basic('operator'), assertion: {}, body: {}, error: 'invalid_request' },
    { title: 'client_secret and an assertion', assertion: {}, body: { client_secret: 's' }, error: 'invalid_request' },
    { title: 'all three', authorization: () => basic('operator', 's'), assertion: {}, body: { client_secret: 's' }, error: 'invalid_request' },
    { title: 'an assertion without its type', body: { client_assertion: 'a.b.c', client_id: 'operator' }, error: 'invalid_request' },
    { title: 'the type without an assertion', body: { client_assertion_type: CLIENT_ASSERTION_TYPE, client_id: 'app' }, error: 'invalid_request' },
    { title: 'an assertion of A, client_id B', assertion: {}, body: { client_id: 'sidecar' }, error: 'invalid_request' },
    { title: 'a secret in Basic', authorization: () => basic('app', 's'), body: {}, error: 'invalid_client' },
    { title: 'a secret in the body', body: { client_id: 'app', client_secret: 's' }, error: 'invalid_client' },
    { title: 'Bearer', authorization: () => 'Bearer abc', body: { client_id: 'app' }, error: 'invalid_client' },
    { title: 'DPoP with a token', authorization: () => 'DPoP abc', body: { client_id: 'app' }, error: 'invalid_client' },
    { title: 'Basic without a colon', authorization: () => `Basic ${Buffer.from('app').toString('base64')}`, body: {}, error: 'invalid_request' },
    { title: 'Basic that is not base64', authorization: () => 'Basic %%%', body: {}, error: 'invalid_request' },
    { title: 'Basic with nothing', authorization: () => 'Basic', body: { client_id: 'app' }, error: 'invalid_request' },
    { title: 'Basic with an empty id', authorization: () => basic(''), body: { client_id: 'app' }, error: 'invalid_request' },
    { title: 'no client at all', body: {}, error: 'invalid_client' },
    { title: 'an empty client_id', body: { client_id: '' }, error: 'invalid_client' },
  ])('TR49: $title is $error', async ({ authorization, assertion: signed, body, error }) => {
    const header = authorization?.()
    const form = { ...REFRESH, ...(signed === undefined ? {} : assertion()), ...body } as Record<string, string>
    const answer = await send({ path, body: form, ...(header === undefined ? {} : { authorization: header }) })
    expect(answer.body).toMatchObject({ error, error_description: expect.stringMatching(/./) })
    expect(answer.status).toBe(error === 'invalid_client' ? 401 : 400)
    if (header !== undefined && answer.status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/)
  })
})

test('TR49: a public client may send its id as Basic with an empty secret, as some libraries do', async () => {
  expect((await send({ authorization: basic('app'), body: REFRESH })).body['error']).toBe('invalid_grant')
  expect((await send({ authorization: basic('app'), body: { ...REFRESH, client_id: 'app' } })).body['error']).toBe('invalid_grant')
  expect((await send({ authorization: basic('operator'), body: REFRESH })).body['error']).toBe('invalid_client')
})

test('TR49: introspection takes no second client and no second credential', async () => {
  const body = (more: Record<string, string>) => ({
    method: 'POST',
    type: 'application/x-www-form-urlencoded',
    body: new URLSearchParams({ token: 'x', ...more }).toString(),
  })
  for (const more of [{ client_id: 'amps' }, { client_secret: 's' }, { client_assertion: 'x' }, { access_token: 'x' }])
    expect((await world.call('sidecar', 'uma_protection', '/introspect', body(more))).body['error']).toBe('invalid_request')
  expect((await world.call('sidecar', 'uma_protection', '/introspect', body({ client_id: 'sidecar' }))).body).toEqual({ active: false })
})

describe('TR49: forms', () => {
  const good = 'client_id=app&grant_type=refresh_token&refresh_token=x'
  test.each([
    { title: 'a charset', type: 'application/x-www-form-urlencoded; charset=UTF-8', body: good, error: 'invalid_grant' },
    { title: 'a quoted charset', type: 'application/x-www-form-urlencoded;charset="utf-8"', body: good, error: 'invalid_grant' },
    { title: 'the type in upper case', type: 'Application/X-WWW-Form-Urlencoded', body: good, error: 'invalid_grant' },
    { title: 'another charset', type: 'application/x-www-form-urlencoded; charset=iso-8859-1', body: good, error: 'invalid_request' },
    { title: 'text', type: 'text/plain', body: good, error: 'invalid_request' },
    { title: 'JSON', type: 'application/json', body: '{"grant_type":"refresh_token"}', error: 'invalid_request' },
    { title: 'multipart', type: 'multipart/form-data; boundary=x', body: good, error: 'invalid_request' },
    { title: 'a type that begins alike', type: 'application/x-www-form-urlencodedx', body: good, error: 'invalid_request' },
    { title: 'an empty body', body: '', error: 'invalid_client' },
    { title: 'an empty parameter counts as absent', body: `${good}&scope=&client_secret=&client_assertion=`, error: 'invalid_grant' },
    { title: 'an empty grant_type', body: 'client_id=app&grant_type=', error: 'invalid_request' },
    { title: 'an unknown parameter is ignored', body: `${good}&x=1`, error: 'invalid_grant' },
    { title: 'an unknown parameter twice', body: `${good}&x=1&x=1`, error: 'invalid_request' },
    { title: 'client_id twice, alike', body: `${good}&client_id=app`, error: 'invalid_request' },
    { title: 'client_id twice, once empty', body: `${good}&client_id=`, error: 'invalid_request' },
    { title: 'client_id twice, once percent-encoded', body: `${good}&client%5Fid=app`, error: 'invalid_request' },
    { title: 'bytes that are not UTF-8', body: `${good}&x=%ff`, error: 'invalid_request' },
    { title: 'an unknown grant', body: 'client_id=app&grant_type=password', error: 'unsupported_grant_type' },
    { title: 'credentials in the query', path: '/token?client_id=app', body: good, error: 'invalid_request' },
    { title: 'the grant in the query', path: '/token?grant_type=refresh_token', body: 'client_id=app&refresh_token=x', error: 'invalid_request' },
    { title: 'something else in the query', path: '/token?x=1', body: good, error: 'invalid_grant' },
  ])('TR49: $title: $error', async ({ error, title: _, ...sent }) => {
    const { body } = await send(sent)
    expect(body).toMatchObject({ error, error_description: expect.stringMatching(/./) })
  })
})

test('TR49: a description holds nothing that RFC 6749 5.2 forbids, whatever it is made of', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(toDescription(text)).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/)
    }),
    { numRuns: 500 },
  )
})

test('TR49: any Authorization line is read or refused, and never throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.base64String().map((text) => `Basic ${text}`),
        fc.string().map((text) => `Basic ${Buffer.from(text).toString('base64')}`),
      ),
      (line) => {
        const exchange = { form: new Map([['client_id', 'app']]), request: { rawHeaders: ['Authorization', line] } } as unknown as Exchange
        const presented = readPresentedClient(exchange)
        if (presented.ok) expect(presented.value).toEqual({ kind: 'name', clientId: 'app' })
        else expect(presented.error.status).toBeGreaterThanOrEqual(400)
      },
    ),
    { numRuns: 500 },
  )
})

describe('TR50: the times of a client assertion', () => {
  test.each([
    { title: 'iat 9 s ahead', change: { iat: 9 }, status: 200 },
    { title: 'iat 10 s ahead', change: { iat: 10 }, status: 200 },
    { title: 'iat 11 s ahead', change: { iat: 11 }, status: 401 },
    { title: 'a clock 10 s ahead, living 300 s', change: { iat: 10, exp: 310 }, status: 200 },
    { title: 'a clock 10 s ahead, living 301 s', change: { iat: 10, exp: 311 }, status: 401 },
    { title: 'made 300 s ago', change: { iat: -300 }, status: 200 },
    { title: 'made 301 s ago', change: { iat: -301 }, status: 401 },
    { title: 'exp one second ahead', change: { exp: 1 }, status: 200 },
    { title: 'exp now', change: { exp: 0 }, status: 401 },
    { title: 'exp 5 s ago', change: { exp: -5 }, status: 401 },
    { title: 'nbf now', change: { nbf: 0 }, status: 200 },
    { title: 'nbf 10 s ahead', change: { nbf: 10 }, status: 200 },
    { title: 'nbf 11 s ahead', change: { nbf: 11 }, status: 401 },
  ])('TR50: $title: $status', async ({ change, status }) => {
    const times = Object.fromEntries(Object.entries(change).map(([name, offset]) => [name, world.now() + offset]))
    const answer = await send({ body: { grant_type: 'client_credentials', scope: 'registry', ...assertion('operator', times) } })
    expect(answer.status).toBe(status)
  })

  test.each(['soon', true, null, Number.MAX_VALUE])('TR50: nbf, iat or exp that is %s is refused', async (value) => {
    for (const claim of ['nbf', 'iat', 'exp'])
      expect((await send({ body: { grant_type: 'client_credentials', ...assertion('operator', { [claim]: value }) } })).status).toBe(401)
  })
})

test('TR25: of 20 uses of one assertion at once, one is accepted', async () => {
  const body = { grant_type: 'client_credentials', scope: 'registry', ...assertion() }
  const answers = await Promise.all(Array.from({ length: 20 }, () => send({ body })))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(answers.filter(({ body: { error } }) => error === 'invalid_client')).toHaveLength(19)
})

test('jose signs an assertion that is accepted, and one with an unprotected or critical header is not', async () => {
  const now = world.now()
  const sign = (header: object) =>
    new SignJWT({ iss: 'operator', sub: 'operator', aud: world.issuer, jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', ...header })
      .setIssuedAt(now)
      .setExpirationTime(now + 60)
      .sign(world.keys.operator.privateKey)
  const ask = async (client_assertion: string) =>
    (await send({ body: { grant_type: 'client_credentials', client_assertion_type: CLIENT_ASSERTION_TYPE, client_assertion } })).status
  expect(await ask(await sign({}))).toBe(200)
  expect(await ask(await sign({ typ: 'client-authentication+jwt', kid: 'anything', jwk: generateKey().jwk }))).toBe(200)
  expect(await ask(await sign({ crit: ['b64'], b64: true }))).toBe(401)
})

test.each<unknown>([{ toString: 1, valueOf: 1 }, [[{ toString: null }]], { sub: null }, 1, null, true, 'device:', 'x'.repeat(4_000)])(
  'TR49: an assertion whose sub is %j is refused without a fault',
  async (sub) => {
    for (const path of ['/device_authorization', '/token', '/revoke']) {
      const body = new URLSearchParams(assertion('operator', { sub }))
      const response = await fetch(`${world.issuer}${path}`, { method: 'POST', body })
      expect([path, response.status < 500, (await response.json()) as object]).toEqual([path, true, expect.objectContaining({ error: expect.any(String) })])
    }
  },
)
