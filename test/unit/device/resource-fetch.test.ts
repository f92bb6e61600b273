// Calls with a paired client over real HTTP: challenges, renewal, revocation, and who may get a token at all.
import { afterEach, describe, expect, test } from 'vitest'
import { createMemoryTokenStore, type StoredTokens, type TokenStore } from '../../../device/index.ts'
import { errorReply, type Handler, inTurn, type ScriptedServer, startScriptedServer, tokenReply } from './scripted-authz-server.ts'
import { createTestClient } from './test-client.ts'

const servers: ScriptedServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function start(handlers: Record<string, Handler>): Promise<ScriptedServer> {
  const server = await startScriptedServer(handlers)
  servers.push(server)
  return server
}

function paired(server: ScriptedServer, secondsLeft = 600, store: TokenStore = createMemoryTokenStore()) {
  const world = createTestClient({ issuer: server.origin, store })
  const tokens: StoredTokens = {
    issuer: server.origin,
    client_id: 'device:guitar-0042',
    access_token: 'access-0',
    refresh_token: 'refresh-0',
    expires_at: world.time.now + secondsLeft,
  }
  store.save(tokens)
  return { ...world, uri: `${server.origin}/resource` }
}

const invalidToken = { status: 401, headers: { 'www-authenticate': 'DPoP error="invalid_token"' } }
const fine = { status: 200, body: { hz: 440 } }

describe('a call', () => {
  test('carries token and proof and answers the nonce challenge by itself', async () => {
    const server = await start({ '/resource': () => fine })
    const { client, uri } = paired(server)
    const response = await client.fetch(`${uri}?verbose=1`)
    expect(await response.json()).toEqual({ hz: 440 })
    expect(server.challenges()).toBe(1)
    expect(server.seen).toMatchObject([{ authorization: 'DPoP access-0' }])
    await client.fetch(uri)
    expect(server.challenges()).toBe(1)
  })

  test('sends its body again after the challenge', async () => {
    const server = await start({ '/resource': () => fine })
    const { client, uri } = paired(server)
    await client.fetch(uri, { method: 'POST', body: new URLSearchParams({ note: 'e' }) })
    expect(server.seen).toMatchObject([{ form: { note: 'e' } }])
  })

  const freshRefusal = { status: 401, headers: { 'www-authenticate': 'DPoP error="use_dpop_nonce"' } }

  test('FA41: succeeds although the server refuses a good nonce', async () => {
    const server = await start({ '/resource': inTurn(freshRefusal, fine) })
    const { client, uri } = paired(server)
    expect((await client.fetch(uri)).status).toBe(200)
  })

  test('FA41: gives up after three tries when the server refuses every nonce', async () => {
    const server = await start({ '/resource': () => freshRefusal })
    const { client, uri } = paired(server)
    expect((await client.fetch(uri)).status).toBe(401)
    expect(server.challenges() + server.seen.length).toBe(3)
  })

  test('gives a refusal of the server back as it is', async () => {
    const server = await start({ '/resource': () => ({ status: 403, body: { error: 'policy_denied', reason: 'not_these_hours' } }) })
    const { client, uri } = paired(server)
    const response = await client.fetch(uri)
    expect([response.status, await response.json()]).toEqual([403, { error: 'policy_denied', reason: 'not_these_hours' }])
    expect(server.seen).toHaveLength(1)
  })

  test('never follows a redirect with a token', async () => {
    const elsewhere = await start({ '/resource': () => fine })
    const server = await start({ '/resource': () => ({ status: 302, headers: { location: `${elsewhere.origin}/resource` } }) })
    const { client, uri } = paired(server)
    expect((await client.fetch(uri)).status).toBe(302)
    expect(elsewhere.seen).toEqual([])
  })

  test.each(['another port', 'another host', 'cleartext', 'no address'])('is not made to %s: no byte is sent', async (kind) => {
    const server = await start({ '/resource': () => fine })
    const other = await start({ '/resource': () => fine })
    const { client } = paired(server)
    const uris: Record<string, string> = {
      'another port': `${other.origin}/resource`,
      'another host': server.origin.replace('127.0.0.1', 'localhost'),
      cleartext: 'http://api.example.com/',
      'no address': 'resource',
    }
    await expect(client.fetch(uris[kind] ?? '')).rejects.toMatchObject({ code: 'origin_not_configured' })
    expect([...server.seen, ...other.seen]).toEqual([])
  })

  test('is not made by a client that was never paired', async () => {
    const server = await start({ '/resource': () => fine })
    const { client } = createTestClient({ issuer: server.origin })
    await expect(client.fetch(`${server.origin}/resource`)).rejects.toMatchObject({ code: 'not_paired' })
    expect(client.isPaired()).toBe(false)
  })

  test('does not use tokens of another issuer or client that lie in its store', async () => {
    const server = await start({ '/resource': () => fine })
    const { client, store } = paired(server)
    store.save({ issuer: 'https://other.example', client_id: 'device:guitar-0042', access_token: 'x', expires_at: 9_999_999_999 })
    await expect(client.fetch(`${server.origin}/resource`)).rejects.toMatchObject({ code: 'not_paired' })
    expect(server.seen).toEqual([])
  })
})

describe('renewal', () => {
  test.each([
    { left: 31, renewed: false },
    { left: 30, renewed: true },
    { left: -5, renewed: true },
  ])('with $left s left: $renewed', async ({ left, renewed }) => {
    const server = await start({ '/resource': () => fine, '/token': () => tokenReply('1') })
    const { client, uri } = paired(server, left)
    await client.fetch(uri)
    expect(server.seen.at(-1)?.authorization).toBe(renewed ? 'DPoP access-1' : 'DPoP access-0')
  })

  test('stores the new refresh token before the new access token is used', async () => {
    const order: string[] = []
    const memory = createMemoryTokenStore()
    const store: TokenStore = {
      ...memory,
      save(tokens) {
        order.push(`stored ${tokens.refresh_token}`)
        memory.save(tokens)
      },
    }
    const server = await start({
      '/resource': (seen) => {
        order.push(`used ${seen.authorization}`)
        return fine
      },
      '/token': () => tokenReply('1'),
    })
    const { client, uri } = paired(server, 0, store)
    await client.fetch(uri)
    expect(order).toEqual(['stored refresh-0', 'stored refresh-1', 'used DPoP access-1'])
  })

  test('is one request however many calls wait for it', async () => {
    const server = await start({ '/resource': () => fine, '/token': () => tokenReply('1') })
    const { client, uri } = paired(server, 0)
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.fetch(uri)))
    expect(answers.every((response) => response.status === 200)).toBe(true)
    expect(server.seen.filter((entry) => entry.path === '/token')).toHaveLength(1)
  })

  test('keeps the refresh token if the server sends no new one (RFC 6749 section 6)', async () => {
    const server = await start({ '/resource': () => fine, '/token': () => tokenReply('1', { refresh_token: undefined, scope: undefined }) })
    const { client, uri, store } = paired(server, 0)
    await client.fetch(uri)
    expect(store.load()).toMatchObject({ access_token: 'access-1', refresh_token: 'refresh-0' })
  })

  test('happens once when the resource server calls the token invalid', async () => {
    const server = await start({ '/resource': inTurn(invalidToken, fine), '/token': () => tokenReply('1') })
    const { client, uri } = paired(server)
    expect((await client.fetch(uri)).status).toBe(200)
    expect(server.seen.map((entry) => entry.authorization ?? entry.form['refresh_token'])).toEqual(['DPoP access-0', 'refresh-0', 'DPoP access-1'])
  })

  test('does not go on for ever with a server that refuses every token', async () => {
    const server = await start({ '/resource': () => invalidToken, '/token': () => tokenReply('1') })
    const { client, uri } = paired(server)
    expect((await client.fetch(uri)).status).toBe(401)
    expect(server.seen).toHaveLength(3)
  })

  test('keeps the tokens when the authorization server is away', async () => {
    const server = await start({ '/resource': () => fine, '/token': inTurn({ status: 503 }, 'hang up', tokenReply('1')) })
    const { client, uri, store } = paired(server, 0)
    await expect(client.fetch(uri)).rejects.toMatchObject({ code: 'unreachable' })
    await expect(client.fetch(uri)).rejects.toMatchObject({ code: 'unreachable' })
    expect(store.load()).toMatchObject({ refresh_token: 'refresh-0' })
    expect((await client.fetch(uri)).status).toBe(200)
  })

  test.each([
    { error: 'invalid_grant', status: 400, kept: false },
    { error: 'invalid_client', status: 401, kept: true },
  ])('that ends with $error is a revocation', async ({ error, status, kept }) => {
    const server = await start({ '/resource': () => invalidToken, '/token': () => errorReply(error, {}, status) })
    const { client, uri, store } = paired(server)
    await expect(client.fetch(uri)).rejects.toMatchObject({ name: 'ClientError', code: 'revoked' })
    expect(store.load() !== undefined).toBe(kept)
  })

  test.each([-86_400 * 365, -3600, 3600, 86_400 * 365])('FA13: with a clock that jumps by %d s after pairing, the call still succeeds', async (jump) => {
    let valid = 'DPoP access-0'
    const server = await start({
      '/resource': (seen) => (seen.authorization === valid ? fine : invalidToken),
      '/token': () => {
        valid = 'DPoP access-1'
        return tokenReply('1')
      },
    })
    const { client, uri, time } = paired(server)
    time.now += jump
    valid = jump > 0 ? valid : 'DPoP access-1' // the token has ended meanwhile, but the slow clock does not know
    expect((await client.fetch(uri)).status).toBe(200)
  })
})
