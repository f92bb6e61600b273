// TR25: what can be used once stays used when the process is killed right after it: as durable as refresh tokens.
import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPerson } from '../../../examples/dev-world/person.ts'
import { buildProof } from '../../../protocol/dpop/proof.ts'
import { createProvingFetch } from '../../../protocol/dpop/proving-fetch.ts'
import { CLIENT_ASSERTION_TYPE, GRANT_TYPES } from '../../../protocol/oauth/messages.ts'
import { buildAssertion, generateKey } from '../../unit/authz-server/support/authz-world.ts'
import { createServerProcess, type ServerProcess } from './server-process.ts'

const ALICE = { email: 'alice@example.test', displayName: 'Alice', password: 'demo-only-alice-plays' }
const DEVICE = 'guitar-once'
const clock = () => Math.floor(Date.now() / 1000)
const key = generateKey()

let server: ServerProcess
beforeAll(async () => {
  server = await createServerProcess()
  await server.start()
  const person = { email: ALICE.email, display_name: ALICE.displayName, password: ALICE.password, email_verified: true }
  await server.operator.call({ method: 'POST', path: '/registry/people', body: { type: 'application/json', text: JSON.stringify(person) } })
  const text = `id,kind,model,jkt\n${DEVICE},guitar,Model,${key.kid}\n`
  await server.operator.call({ method: 'POST', path: '/registry/devices/import', body: { type: 'text/csv', text } })
  await server.operator.call({ method: 'POST', path: `/registry/devices/${DEVICE}/activate` })
})
afterAll(() => server.dispose())

type Form = Readonly<Record<string, string>>

async function post(path: string, form: Form, signer = key): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const proving = createProvingFetch(signer, { fetch, clock, randomBytes: (count) => randomBytes(count) })
  const response = await proving(server.issuer + path, { method: 'POST', body: new URLSearchParams(form) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const assertion = () => {
  const now = clock()
  const claims = { iss: 'sidecar', sub: 'sidecar', aud: server.issuer, iat: now, exp: now + 120, jti: randomUUID() }
  return { client_assertion_type: CLIENT_ASSERTION_TYPE, client_assertion: buildAssertion(server.keys.sidecar, claims) }
}

/** A proof whose every byte can be sent again. */
async function sendProof(proof: string, form: Form): Promise<string> {
  const response = await fetch(`${server.issuer}/token`, { method: 'POST', headers: { dpop: proof }, body: new URLSearchParams(form) })
  return String(((await response.json()) as Record<string, unknown>)['error'])
}

/** For the device's resource, as a sidecar gets it. */
async function takeTicket(): Promise<string> {
  const proving = createProvingFetch(server.keys.sidecar, { fetch, clock, randomBytes: (count) => randomBytes(count) })
  const { body } = await post('/token', { grant_type: 'client_credentials', scope: 'uma_protection', ...assertion() }, server.keys.sidecar)
  const accessToken = String(body['access_token'])
  const [id] = (await (await proving(`${server.issuer}/rreg/`, { accessToken })).json()) as string[]
  const request = { method: 'POST', accessToken, headers: { 'content-type': 'application/json' } }
  const answer = await proving(`${server.issuer}/permission`, { ...request, body: JSON.stringify({ resource_id: id, resource_scopes: ['read'] }) })
  return ((await answer.json()) as { ticket: string }).ticket
}

test('TR25: a client assertion, a device code, a user code, a ticket, a refresh token and a proof stay used after kill -9', async () => {
  const alice = createPerson(server.issuer, ALICE)
  await alice.signIn()
  const client = { client_id: `device:${DEVICE}` }
  const started = await post('/device_authorization', client)
  await alice.confirm(await alice.enterCode(String(started.body['user_code'])))
  const redeem = { ...client, grant_type: GRANT_TYPES.deviceCode, device_code: String(started.body['device_code']) }
  const tokens = await post('/token', redeem)
  expect(tokens.status).toBe(200)
  const refresh = { ...client, grant_type: 'refresh_token', refresh_token: String(tokens.body['refresh_token']) }
  const service = { grant_type: 'client_credentials', scope: 'uma_protection', ...assertion() }
  const ticket = { client_id: 'app', grant_type: GRANT_TYPES.umaTicket, ticket: await takeTicket() }
  expect((await post('/token', ticket)).body).toMatchObject({ error: 'need_info' })
  const challenge = await fetch(`${server.issuer}/token`, { method: 'POST', body: new URLSearchParams(refresh) })
  const facts = { method: 'POST', uri: `${server.issuer}/token`, now: clock(), jti: randomUUID(), nonce: challenge.headers.get('dpop-nonce') ?? '' }
  const proof = buildProof(key, facts)
  expect(await sendProof(proof, { ...client, grant_type: 'refresh_token', refresh_token: 'nonsense' })).toBe('invalid_grant')
  expect((await post('/token', service, server.keys.sidecar)).status).toBe(200)
  expect((await post('/token', refresh)).status).toBe(200)

  await server.kill()
  await server.start()

  expect((await post('/token', service, server.keys.sidecar)).body).toMatchObject({ error: 'invalid_client' })
  expect((await post('/token', redeem)).body).toMatchObject({ error: 'invalid_grant' })
  expect((await post('/token', ticket)).body).toMatchObject({ error: 'invalid_grant' })
  expect(await sendProof(proof, { ...client, grant_type: 'refresh_token', refresh_token: 'nonsense' })).toBe('use_dpop_nonce')
  await expect(alice.enterCode(String(started.body['user_code']))).rejects.toThrow(/ answers 4\d\d: /)
  expect((await post('/token', refresh)).body).toMatchObject({ error: 'invalid_grant' })
  // An assertion that was made before the kill and never used is still good: being older than the process is no reason to refuse it.
  expect((await post('/token', { ...service, ...assertion() }, server.keys.sidecar)).status).toBe(200)
})
