// Random and mutated forms, tokens, proofs and assertions at the OAuth endpoints: every one is answered, none with a fault, none at a high cost.
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildProof } from '../../../protocol/dpop/proof.ts'
import { CLIENT_ASSERTION_TYPE, GRANT_TYPES, ID_TOKEN_FORMAT } from '../../../protocol/oauth/messages.ts'
import { fuzzCases } from '../../support/fuzz-cases.ts'
import { anyJwt, mutated } from '../../support/mutated.ts'
import { type AuthzWorld, buildAssertion, payloadOf, startAuthzWorld } from '../../unit/authz-server/support/authz-world.ts'

/** Of one input, handled by this one process together with the client that sends it. */
const CPU_MAX_MILLISECONDS = 50

let world: AuthzWorld
let tokens: { readonly access: string; readonly refresh: string; readonly id: string; readonly service: string }
beforeAll(async () => {
  world = await startAuthzWorld()
  await world.addPerson('alice')
  const { body } = await world.pair(world.provingFetch(world.keys.operator), 'app', 'alice')
  const { token } = await world.serviceToken('sidecar', 'uma_protection')
  tokens = { access: String(body['access_token']), refresh: String(body['refresh_token']), id: String(body['id_token']), service: token }
})
afterAll(() => world.close())

interface Input {
  readonly path: string
  readonly body: string
  readonly type: string
  readonly authorization: string | undefined
  /** Undefined: a good one. */
  readonly proof: string | undefined
}

const assertionFacts = () => {
  const now = world.now()
  return { iss: 'operator', sub: 'operator', aud: world.issuer, iat: now, exp: now + 60, jti: randomUUID() }
}

function inputs(): fc.Arbitrary<Input> {
  const values = {
    grant_type: fc.constantFrom(...Object.values(GRANT_TYPES), 'password'),
    client_id: fc.constantFrom('app', 'operator', 'device:x', ''),
    device_code: fc.string(),
    refresh_token: mutated(tokens.refresh),
    ticket: fc.string(),
    scope: fc.oneof(fc.constantFrom('openid', 'registry'), fc.string({ unit: 'binary' })),
    token: fc.oneof(mutated(tokens.access), mutated(tokens.refresh), anyJwt(world.keyring.active(), payloadOf(tokens.access))),
    claim_token: fc.oneof(mutated(tokens.id), anyJwt(world.keyring.active(), payloadOf(tokens.id))),
    claim_token_format: fc.constantFrom(ID_TOKEN_FORMAT, 'x'),
    client_assertion_type: fc.constantFrom(CLIENT_ASSERTION_TYPE, 'x'),
    client_assertion: fc.oneof(mutated(buildAssertion(world.keys.operator, assertionFacts())), anyJwt(world.keys.operator, assertionFacts())),
    [`x${'y'.repeat(50)}`]: fc.string({ unit: 'binary' }),
  }
  const form = fc.record(values, { requiredKeys: [] }).map((fields) => new URLSearchParams(fields as Record<string, string>).toString())
  const broken = form.chain((text) => mutated(text))
  return fc.record({
    path: fc.constantFrom('/token', '/introspect', '/revoke', '/device_authorization'),
    body: fc.oneof({ weight: 3, arbitrary: form }, { weight: 2, arbitrary: broken }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 500 }) }),
    type: fc.oneof(
      { weight: 9, arbitrary: fc.constant('application/x-www-form-urlencoded') },
      { weight: 1, arbitrary: fc.constantFrom('text/plain', '', ';', 'a/b;c="d') },
    ),
    authorization: fc.option(fc.oneof(mutated(`DPoP ${tokens.service}`), mutated(`Basic ${Buffer.from('app:').toString('base64')}`)).map(toHeader), {
      nil: undefined,
    }),
    proof: fc.option(
      fc
        .oneof(
          mutated(buildProof(world.keys.operator, { method: 'POST', uri: `${world.issuer}/token`, now: 0, jti: 'x' })),
          anyJwt(world.keys.operator, { jti: 'j', htm: 'POST', htu: world.issuer, iat: 0, nonce: 'n', ath: 'a' }),
        )
        .map(toHeader),
      { nil: undefined },
    ),
  })
}

/** What fetch lets into a header. */
function toHeader(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').trim()
}

async function send({ path, body, type, authorization, proof }: Input): Promise<Response> {
  const uri = world.issuer + path
  const accessToken = path === '/introspect' && authorization === undefined ? tokens.service : undefined
  const nonce = world.server.context.nonces.mint(world.now())
  const key = accessToken === undefined ? world.keys.operator : world.keys.sidecar
  const dpop = proof ?? buildProof(key, { method: 'POST', uri, now: world.now(), jti: randomUUID(), nonce, accessToken })
  const line = authorization ?? (accessToken === undefined ? undefined : `DPoP ${accessToken}`)
  return fetch(uri, {
    method: 'POST',
    headers: { dpop, 'content-type': type, ...(line === undefined ? {} : { authorization: line }) },
    body: Buffer.from(body),
  })
}

async function costOf(input: Input): Promise<number> {
  const before = process.cpuUsage()
  await (await send(input)).arrayBuffer()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

test('TR49, TR50, TR51: whatever comes, the OAuth endpoints answer it as RFC 6749 says', { timeout: 20_000 + fuzzCases() * 100 }, async () => {
  await fc.assert(
    fc.asyncProperty(inputs(), async (input) => {
      const before = process.cpuUsage()
      const response = await send(input)
      const text = await response.text()
      const { user, system } = process.cpuUsage(before)
      expect(response.status).toBeLessThan(500)
      if (response.status >= 400)
        expect(JSON.parse(text)).toMatchObject({
          error: expect.stringMatching(/^[a-z_]+$/),
          error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/),
        })
      // A garbage collection can fall into any input: an expensive one must be expensive every time.
      if ((user + system) / 1000 > CPU_MAX_MILLISECONDS) {
        const costs: number[] = []
        for (let tries = 0; tries < 5; tries += 1) costs.push(await costOf(input))
        expect(Math.min(...costs)).toBeLessThan(CPU_MAX_MILLISECONDS)
      }
    }),
    { numRuns: fuzzCases() },
  )
  expect(world.log.filter(({ level }) => level === 'error')).toEqual([])
  expect((await fetch(`${world.issuer}/jwks`)).status).toBe(200)
})
