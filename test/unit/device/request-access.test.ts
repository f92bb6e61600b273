// A requester's way to somebody else's data (UMA 2.0 Grant section 3.3) over real HTTP, every answer of 3.3.6.
import { afterEach, describe, expect, test } from 'vitest'
import { ID_TOKEN_FORMAT } from '../../../protocol/oauth/messages.ts'
import { err } from '../../../protocol/result.ts'
import { errorReply, type Handler, inTurn, type Reply, type ScriptedServer, startScriptedServer, tokenReply } from './scripted-authz-server.ts'
import { createTestClient } from './test-client.ts'

let server: ScriptedServer | undefined
afterEach(async () => server?.close())

const fine = { status: 200, body: { hz: 440 } }
let ticketNumber = 0

/** A resource server that wants one of these tokens and gives a new ticket each time. */
function protectedBy(...accepted: readonly string[]): Handler {
  return (seen) => {
    if (accepted.some((token) => seen.authorization === `DPoP ${token}`)) return fine
    ticketNumber += 1
    return umaChallenge(`rs-ticket-${ticketNumber}`)
  }
}

function umaChallenge(ticket: string, asUri = server?.origin ?? ''): Reply {
  return { status: 401, headers: { 'www-authenticate': `DPoP algs="ES256", UMA realm="guitars", as_uri="${asUri}", ticket="${ticket}"` } }
}

async function app(resource: Handler, tokenReplies: readonly Reply[], patienceSeconds = 600) {
  ticketNumber = 0
  server = await startScriptedServer({ '/resource': resource, '/token': inTurn(...tokenReplies) })
  const { origin } = server
  const world = createTestClient({ issuer: origin, clientId: 'band-app' })
  world.store.save({
    issuer: origin,
    client_id: 'band-app',
    access_token: 'app',
    id_token: 'the-id-token',
    refresh_token: 'r',
    expires_at: world.time.now + 6000,
  })
  const submitted: number[] = []
  const ask = () => world.client.requestAccess({ uri: `${origin}/resource`, patienceSeconds, onSubmitted: ({ afterSeconds }) => submitted.push(afterSeconds) })
  const tickets = () => server?.seen.filter((entry) => entry.path === '/token').map((entry) => entry.form['ticket'])
  return { ...world, ask, submitted, tickets, server }
}

const rpt = tokenReply('rpt', { refresh_token: undefined })

describe('UMA 2.0: a requester', () => {
  test('takes the ticket and its ID token to the authorization server and calls again with the token', async () => {
    const { ask, server, tickets } = await app(protectedBy('access-rpt'), [rpt])
    expect(await ask()).toMatchObject({ ok: true, value: { status: 200 } })
    expect(tickets()).toEqual(['rs-ticket-1'])
    expect(server.seen.find((entry) => entry.path === '/token')?.form).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:uma-ticket',
      ticket: 'rs-ticket-1',
      client_id: 'band-app',
      claim_token: 'the-id-token',
      claim_token_format: ID_TOKEN_FORMAT,
    })
  })

  test('asks for further abilities in the same request if it is told to', async () => {
    const { client, server } = await app(protectedBy('access-rpt'), [rpt])
    await client.requestAccess({ uri: `${server.origin}/resource`, scope: 'read play' })
    expect(server.seen.find((entry) => entry.path === '/token')?.form).toMatchObject({ scope: 'read play' })
  })

  test('keeps the token for the next call', async () => {
    const { ask, tickets } = await app(protectedBy('access-rpt'), [rpt])
    await ask()
    await ask()
    expect(tickets()).toHaveLength(1)
  })

  test('sends neither ID token nor app token to the resource server', async () => {
    const { ask, server } = await app(protectedBy('access-rpt'), [rpt])
    await ask()
    const toResource = server.seen.filter((entry) => entry.path === '/resource')
    expect(toResource.map((entry) => entry.authorization)).toEqual([undefined, 'DPoP access-rpt'])
  })

  test('waits for the owner, each time with the new ticket', async () => {
    const replies = [errorReply('request_submitted', { ticket: 'as-2', interval: 7 }, 403), errorReply('request_submitted', { ticket: 'as-3' }, 403), rpt]
    const { ask, submitted, sleeps, tickets } = await app(protectedBy('access-rpt'), replies)
    expect(await ask()).toMatchObject({ ok: true, value: { status: 200 } })
    expect(tickets()).toEqual(['rs-ticket-1', 'as-2', 'as-3'])
    expect(submitted).toEqual([7, 5])
    expect(sleeps).toEqual([7, 5])
  })

  test('takes a new ticket from the resource server when the old one has ended', async () => {
    const { ask, tickets } = await app(protectedBy('access-rpt'), [errorReply('request_submitted', { ticket: 'as-2' }, 403), errorReply('invalid_grant'), rpt])
    expect(await ask()).toMatchObject({ ok: true })
    expect(tickets()).toEqual(['rs-ticket-1', 'as-2', 'rs-ticket-2'])
  })

  test.each([
    { title: 'a denial', replies: [errorReply('request_denied', {}, 403)], expected: { reason: 'denied' } },
    {
      title: 'a wish for more claims',
      replies: [errorReply('need_info', { ticket: 't', required_claims: [{ name: 'email' }] }, 403)],
      expected: { reason: 'more_information_needed', requiredClaims: [{ name: 'email' }] },
    },
    { title: 'a server that is away', replies: ['hang up' as const], expected: { reason: 'unreachable' } },
    {
      title: 'an unknown client',
      replies: [errorReply('invalid_client', {}, 401)],
      expected: { reason: 'client_refused', error: 'invalid_client', description: '' },
    },
    { title: 'a bearer token', replies: [tokenReply('rpt', { token_type: 'Bearer' })], expected: { reason: 'answer_unusable' } },
    { title: 'a waiting without a ticket', replies: [errorReply('request_submitted', {}, 403)], expected: { reason: 'answer_unusable' } },
    { title: 'tickets that are always dead', replies: [errorReply('invalid_grant')], expected: { reason: 'still_waiting' } },
  ])('gives $title back as data', async ({ replies, expected }) => {
    const { ask } = await app(protectedBy('access-rpt'), replies)
    expect(await ask()).toEqual(err(expected))
  })

  test('gives up when the owner does not respond for longer than its patience', async () => {
    const { ask, sleeps } = await app(protectedBy('access-rpt'), [errorReply('request_submitted', { ticket: 'again', interval: 10 }, 403)], 30)
    expect(await ask()).toEqual(err({ reason: 'still_waiting' }))
    expect(sleeps).toEqual([10, 10, 10])
  })

  test('gives the answer of the resource server back when the token is not enough for it', async () => {
    const { ask } = await app(protectedBy('nothing fits'), [rpt])
    expect(await ask()).toMatchObject({ ok: true, value: { status: 401 } })
  })

  test('gives a refusal by policy back as it is', async () => {
    const denied = { status: 403, body: { error: 'policy_denied', reason: 'not_these_hours' } }
    const { ask } = await app((seen) => (seen.authorization === undefined ? umaChallenge('t') : denied), [rpt])
    expect(await ask()).toMatchObject({ ok: true, value: { status: 403 } })
  })

  test('does not take its ID token to an authorization server that the resource server names', async () => {
    const { ask, server } = await app(() => umaChallenge('t', 'https://evil.example'), [rpt])
    expect(await ask()).toEqual(err({ reason: 'foreign_authorization_server' }))
    expect(server.seen.filter((entry) => entry.path === '/token')).toEqual([])
  })

  test('drops a token that has ended and asks again', async () => {
    let accepted = 'access-rpt'
    const { ask, tickets } = await app((seen) => protectedBy(accepted)(seen), [rpt, tokenReply('rpt2')])
    await ask()
    accepted = 'access-rpt2'
    expect(await ask()).toMatchObject({ ok: true, value: { status: 200 } })
    expect(tickets()).toHaveLength(2)
  })
})
