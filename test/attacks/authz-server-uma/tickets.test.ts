// U06 and its neighbours: tickets are used once, rotated, and belong to whom they were given.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { TICKET_LIFETIME_SECONDS } from '../../../authz-server/uma/tickets.ts'
import { parseAccessTokenClaims } from '../../../protocol/claims.ts'
import { parseJws } from '../../../protocol/jws.ts'
import { ID_TOKEN_FORMAT } from '../../../protocol/oauth/messages.ts'
import { type AuthzWorld, newKey, OTHER_RESOURCE_SERVER, RESOURCE_SERVER, startAuthzWorld } from '../../support/authz-world.ts'
import { app, redeem, sidecar, withClaims } from './uma-world.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

let world: AuthzWorld
let alice: string
let bob: { id: string; email: string }
let carol: { id: string; email: string }

const RULES = `version: 1
shares:
  - { name: Bob reads, who: [bob@example.test], what: [guitar-0042], may: [read] }
  - { name: Anyone may ask, who: [anyone-signed-in], what: [guitar-0042], may: [play], ask: true }
`

beforeAll(async () => {
  world = await startAuthzWorld()
  alice = await world.person('alice@example.test')
  bob = { id: await world.person('bob@example.test'), email: 'bob@example.test' }
  carol = { id: await world.person('carol@example.test'), email: 'carol@example.test' }
  await world.thing({ id: 'res-1', key: 'guitar-0042', owner: alice })
  await world.thing({ id: 'res-drum', key: 'drum-1', owner: alice, resourceServer: OTHER_RESOURCE_SERVER })
  await world.thing({ id: 'res-carol', key: 'guitar-carol', owner: carol.id })
  await world.rules(alice, RULES)
})
afterAll(() => world.close())

describe('U06: tickets', () => {
  test('U06: a ticket gives one token, bound to the key of the proof, and nothing a second time', async () => {
    const bobsApp = app(world, bob)
    const ticket = await sidecar(world).ticket('res-1', ['read'])
    const first = await redeem(world, bobsApp, withClaims(ticket, bobsApp.idToken()))
    expect(first.status).toBe(200)
    const jws = parseJws(String(first.body.access_token))
    const claims = parseAccessTokenClaims(jws.ok ? jws.value.payload : {})
    expect(claims.ok ? claims.value : claims.error).toMatchObject({
      sub: bob.id,
      aud: [RESOURCE_SERVER],
      email: 'bob@example.test',
      email_verified: true,
      permissions: [{ resource_id: 'res-1', resource_scopes: ['read'] }],
      cnf: { jkt: bobsApp.key.kid },
    })
    expect(first.body['token_type']).toBe('DPoP')
    expect(first.body).not.toHaveProperty('scope')
    const second = await redeem(world, bobsApp, withClaims(ticket, bobsApp.idToken()))
    expect([second.status, second.body.error]).toEqual([400, 'invalid_grant'])
  })

  test('U06: of twenty uses at once, one gets a token', async () => {
    const bobsApp = app(world, bob)
    const ticket = await sidecar(world).ticket('res-1', ['read'])
    const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(world, bobsApp, withClaims(ticket, bobsApp.idToken()))))
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1)
    expect(answers.filter((answer) => answer.body.error === 'invalid_grant')).toHaveLength(19)
  })

  test('U06: need_info brings a new ticket, and the old one is dead', async () => {
    const bobsApp = app(world, bob)
    const ticket = await sidecar(world).ticket('res-1', ['read'])
    const asked = await redeem(world, bobsApp, { ticket })
    expect([asked.status, asked.body.error]).toEqual([403, 'need_info'])
    expect(asked.body['required_claims']).toEqual([
      { claim_token_format: [ID_TOKEN_FORMAT], claim_type: 'email', friendly_name: expect.any(String), issuer: [world.origin], name: 'id_token' },
    ])
    const next = String(asked.body.ticket)
    expect(next).not.toBe(ticket)
    expect((await redeem(world, bobsApp, withClaims(ticket, bobsApp.idToken()))).body.error).toBe('invalid_grant')
    expect((await redeem(world, bobsApp, withClaims(next, bobsApp.idToken()))).status).toBe(200)
  })

  test('U06: request_submitted brings a new ticket each time, and each old one is dead', async () => {
    const bobsApp = app(world, bob)
    let ticket = await sidecar(world).ticket('res-1', ['play'])
    const seen = new Set([ticket])
    for (let poll = 0; poll < 3; poll += 1) {
      const answer = await redeem(world, bobsApp, withClaims(ticket, bobsApp.idToken()))
      expect([answer.status, answer.body.error, answer.body['interval']]).toEqual([403, 'request_submitted', 5])
      expect((await redeem(world, bobsApp, withClaims(ticket, bobsApp.idToken()))).body.error).toBe('invalid_grant')
      ticket = String(answer.body.ticket)
      expect(seen.has(ticket)).toBe(false)
      seen.add(ticket)
    }
    expect(await world.context.store.read.accessRequests.countPending(alice, world.now())).toBe(1)
  })

  test.each([
    { title: 'one second before its end', age: TICKET_LIFETIME_SECONDS - 1, expected: 200 },
    { title: 'at its end', age: TICKET_LIFETIME_SECONDS, expected: 400 },
  ])('U06: a ticket used $title is answered $expected', async ({ age, expected }) => {
    const bobsApp = app(world, bob)
    const ticket = await sidecar(world).ticket('res-1', ['read'])
    world.advance(age)
    expect((await redeem(world, bobsApp, withClaims(ticket, bobsApp.idToken()))).status).toBe(expected)
  })

  test('U06: a ticket rotated for one client is nothing to another, and stays good for the first', async () => {
    const bobsApp = app(world, bob)
    const otherApp = app(world, bob, 'other-app')
    const rotated = String((await redeem(world, bobsApp, { ticket: await sidecar(world).ticket('res-1', ['read']) })).body.ticket)
    expect((await redeem(world, otherApp, withClaims(rotated, otherApp.idToken()))).body.error).toBe('invalid_grant')
    expect((await redeem(world, bobsApp, withClaims(rotated, bobsApp.idToken()))).status).toBe(200)
  })

  test('U06: a ticket of one person cannot be polled by another person with the same app', async () => {
    const bobsApp = app(world, bob)
    const carolsApp = app(world, carol)
    const submitted = await redeem(world, bobsApp, withClaims(await sidecar(world).ticket('res-1', ['play']), bobsApp.idToken()))
    const ticket = String(submitted.body.ticket)
    expect((await redeem(world, carolsApp, withClaims(ticket, carolsApp.idToken()))).body.error).toBe('invalid_grant')
    expect((await redeem(world, bobsApp, withClaims(ticket, bobsApp.idToken()))).body.error).toBe('request_submitted')
  })

  test.each([
    { title: 'no ticket', form: {}, expected: 'invalid_request' },
    { title: 'an invented ticket', form: { ticket: 'ticket_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }, expected: 'invalid_grant' },
    { title: 'a claim token without its format', form: { ticket: 'x', claim_token: 'y' }, expected: 'invalid_request' },
    { title: 'a format without a claim token', form: { ticket: 'x', claim_token_format: ID_TOKEN_FORMAT }, expected: 'invalid_request' },
  ])('U06: $title is answered with $expected', async ({ form, expected }) => {
    expect((await redeem(world, app(world, bob), form)).body.error).toBe(expected)
  })

  test('U06: tickets are stored hashed', async () => {
    const ticket = await sidecar(world).ticket('res-1', ['read'])
    expect(await world.context.store.read.tickets.findUsable({ ticketHash: ticket, clientId: 'band-app' }, world.now())).toBeUndefined()
  })
})

describe('claim tokens', () => {
  const now = () => world.now()
  test.each([
    { title: 'of another client', make: () => ({ aud: 'other-app', azp: 'other-app' }) },
    { title: 'of several clients', make: () => ({ aud: ['band-app', 'other-app'] }) },
    { title: 'made for this client by the way of another (azp)', make: () => ({ azp: 'other-app' }) },
    { title: 'of another issuer', make: () => ({ iss: 'https://evil.example' }) },
    { title: 'that has just expired', make: () => ({ exp: now() }) },
    { title: 'from the future', make: () => ({ iat: now() + 60 }) },
    { title: 'TR50: made 11 s in the future', make: () => ({ iat: now() + 11 }) },
    { title: 'TR50: that is not valid yet', make: () => ({ nbf: now() + 11 }) },
    { title: 'TR50: with an nbf that is a string', make: () => ({ nbf: 'soon' }) },
    { title: 'bound to another key (stolen)', make: () => ({ cnf: { jkt: newKey().kid } }) },
    { title: 'bound to no key', make: () => ({ cnf: undefined }) },
    { title: 'of a person who does not exist', make: () => ({ sub: 'nobody' }) },
  ])('claim tokens: an ID token $title is not taken', async ({ make }) => {
    const bobsApp = app(world, bob)
    const ticket = await sidecar(world).ticket('res-1', ['read'])
    expect((await redeem(world, bobsApp, withClaims(ticket, bobsApp.idToken(make())))).body.error).toBe('need_info')
  })

  test.each(['at+jwt', 'dpop+jwt', 'latchkey-feed+jwt'])('claim tokens: a token of ours of type %s is no ID token', async (typ) => {
    const bobsApp = app(world, bob)
    const ticket = await sidecar(world).ticket('res-1', ['read'])
    expect((await redeem(world, bobsApp, withClaims(ticket, bobsApp.idToken({}, typ)))).body.error).toBe('need_info')
  })

  test('claim tokens: an ID token signed by somebody else is not taken', async () => {
    const bobsApp = app(world, bob)
    const [header = '', payload = ''] = bobsApp.idToken().split('.')
    const ticket = await sidecar(world).ticket('res-1', ['read'])
    const forged = `${header}.${payload}.${Buffer.alloc(64, 7).toString('base64url')}`
    expect((await redeem(world, bobsApp, withClaims(ticket, forged))).body.error).toBe('need_info')
  })

  test.each([{ alg: 'EdDSA' }, { alg: 'HS256' }, { alg: 'none' }, { kid: 'no-such-key' }, { crit: ['exp'] }])(
    'claim tokens: TR50: a header with %o is refused without a fault',
    async (changes) => {
      const bobsApp = app(world, bob)
      const [header = '', ...rest] = bobsApp.idToken().split('.')
      const changed = { ...(JSON.parse(Buffer.from(header, 'base64url').toString()) as object), ...changes }
      const ticket = await sidecar(world).ticket('res-1', ['read'])
      const forged = [Buffer.from(JSON.stringify(changed)).toString('base64url'), ...rest].join('.')
      expect((await redeem(world, bobsApp, withClaims(ticket, forged))).body.error).toBe('need_info')
    },
  )

  test('claim tokens: an address that the token does not call verified opens no share', async () => {
    const bobsApp = app(world, bob)
    const ticket = await sidecar(world).ticket('res-1', ['read'])
    expect((await redeem(world, bobsApp, withClaims(ticket, bobsApp.idToken({ email_verified: false })))).body.error).toBe('request_denied')
  })

  test('claim tokens: an app that was unpaired speaks for nobody', async () => {
    const bobsApp = app(world, bob)
    const ticket = await sidecar(world).ticket('res-1', ['read'])
    await world.context.store.transaction(({ revocations }) =>
      revocations.add({ kind: 'revocation', of: 'grant', id: 'bobs-grant', expires_at: world.now() + 900 }),
    )
    expect((await redeem(world, bobsApp, withClaims(ticket, bobsApp.idToken({ grant_id: 'bobs-grant' })))).body.error).toBe('need_info')
  })
})

describe('U03 and U01: the protection API', () => {
  test.each([
    ['/rreg/', 'GET', undefined],
    ['/rreg/res-1', 'GET', undefined],
    ['/permission', 'POST', { resource_id: 'res-1', resource_scopes: ['read'] }],
  ] as const)('U03: %s without the scope uma_protection is refused', async (path, method, body) => {
    const response = await sidecar(world, 'sidecar-1', ['feed']).call(path, method, body)
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ error: 'insufficient_scope' })
  })

  test('U03: without a token, everything is refused', async () => {
    for (const path of ['/rreg/', '/rreg/res-1']) expect((await fetch(world.origin + path)).status).toBe(401)
    expect((await fetch(`${world.origin}/permission`, { method: 'POST', body: '{}' })).status).toBe(401)
  })

  test('U01: a resource server sees and asks for its own resources only, even beside an own one in one list', async () => {
    const other = sidecar(world, 'sidecar-2')
    expect(await (await other.call('/rreg/')).json()).toEqual(['res-drum'])
    expect((await other.call('/rreg/res-1')).status).toBe(404)
    const mixed = [
      { resource_id: 'res-drum', resource_scopes: ['read'] },
      { resource_id: 'res-1', resource_scopes: ['read'] },
    ]
    const response = await other.call('/permission', 'POST', mixed)
    expect([response.status, await response.json()]).toMatchObject([400, { error: 'invalid_resource_id' }])
  })

  test('U02: resources of two owners in one request are refused', async () => {
    const body = [
      { resource_id: 'res-1', resource_scopes: ['read'] },
      { resource_id: 'res-carol', resource_scopes: ['read'] },
    ]
    const response = await sidecar(world).call('/permission', 'POST', body)
    expect([response.status, await response.json()]).toMatchObject([400, { error: 'invalid_request' }])
  })

  test.each([
    ['an unregistered scope', { resource_id: 'res-1', resource_scopes: ['destroy'] }, 'invalid_scope'],
    ['an unknown resource', { resource_id: 'nope', resource_scopes: ['read'] }, 'invalid_resource_id'],
    ['no scopes member', { resource_id: 'res-1' }, 'invalid_request'],
    ['scopes that are no list', { resource_id: 'res-1', resource_scopes: 'read' }, 'invalid_request'],
    ['an empty list', [], 'invalid_request'],
    ['a text', 'res-1', 'invalid_request'],
    ['twenty-one entries', Array.from({ length: 21 }, () => ({ resource_id: 'res-1', resource_scopes: ['read'] })), 'invalid_request'],
  ])('U01: %s is refused', async (_title, body, expected) => {
    const response = await sidecar(world).call('/permission', 'POST', body)
    expect([response.status, await response.json()]).toMatchObject([400, { error: expected }])
  })

  test('U01: a write to the registration endpoint is refused in the words of the specification', async () => {
    for (const [path, method] of [
      ['/rreg/', 'POST'],
      ['/rreg/res-1', 'PUT'],
      ['/rreg/res-1', 'DELETE'],
    ] as const) {
      const response = await sidecar(world).call(path, method, method === 'DELETE' ? undefined : { resource_scopes: ['read'], owner: 'mallory' })
      expect([response.status, await response.json()]).toMatchObject([405, { error: 'unsupported_method_type' }])
    }
    expect(await (await sidecar(world).call('/rreg/res-1')).json()).toEqual({
      _id: 'res-1',
      name: 'Guitar guitar-0042',
      type: 'smart-guitar',
      resource_scopes: ['read', 'play', 'diagnose'],
    })
  })
})

test('O15: no ticket and no claim token is in the log', async () => {
  const bobsApp = app(world, bob)
  const ticket = await sidecar(world).ticket('res-1', ['read'])
  const claims = bobsApp.idToken({ aud: 'other-app' })
  const answer = await redeem(world, bobsApp, withClaims(ticket, claims))
  await redeem(world, bobsApp, withClaims(ticket, claims))
  const log = JSON.stringify(world.log)
  expect(log).toContain('ticket_refused')
  for (const secret of [ticket, claims, String(answer.body.ticket)]) expect(log).not.toContain(secret)
})
