// Pairing from the device's side over real HTTP: every answer of RFC 8628 section 3.5, and what the device shows.
import { afterEach, describe, expect, test } from 'vitest'
import { type PairingCode, renderPairingQrSvg, renderPairingQrText, renderPairingText } from '../../../device/index.ts'
import { err } from '../../../protocol/result.ts'
import { errorReply, type Handler, inTurn, type Reply, type ScriptedServer, STARTED, startScriptedServer, tokenReply } from './scripted-authz-server.ts'
import { createTestClient } from './test-client.ts'

let server: ScriptedServer | undefined
afterEach(async () => server?.close())

async function pairWith(polls: readonly Reply[], start: Reply = STARTED, more: Record<string, Handler> = {}) {
  server = await startScriptedServer({ '/device_authorization': () => start, '/token': inTurn(...polls), ...more })
  const world = createTestClient({ issuer: server.origin })
  const codes: PairingCode[] = []
  const result = await world.client.pair({ onCode: (code) => codes.push(code) })
  return { ...world, result, codes, server }
}

const pending = errorReply('authorization_pending')

describe('RFC 8628: a pairing', () => {
  test('ends with stored tokens when the owner confirms', async () => {
    const { result, store, codes, server, sleeps } = await pairWith([pending, pending, tokenReply('1')])
    expect(result).toMatchObject({ ok: true, value: { access_token: 'access-1', refresh_token: 'refresh-1', client_id: 'device:guitar-0042' } })
    expect(store.load()).toMatchObject({ access_token: 'access-1' })
    expect(codes).toHaveLength(1)
    expect(sleeps).toEqual([5, 5, 5])
    const polls = server.seen.filter((entry) => entry.path === '/token')
    expect(polls[0]?.form).toEqual({ grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: 'd-code', client_id: 'device:guitar-0042' })
    expect(new Set(server.seen.map((entry) => entry.jkt)).size).toBe(1)
  })

  test('proves its key with the server nonce from the first request, and is challenged once only', async () => {
    const { server } = await pairWith([pending, tokenReply('1')])
    expect(server.challenges()).toBe(1)
    expect(server.seen.map((entry) => entry.path)).toEqual(['/device_authorization', '/token', '/token'])
  })

  test('keeps polling after slow_down, 5 s slower for good', async () => {
    const { result, sleeps } = await pairWith([errorReply('slow_down'), pending, tokenReply('1')])
    expect(result.ok).toBe(true)
    expect(sleeps).toEqual([5, 10, 10])
  })

  test('backs off while the server is away, hangs up or is at fault, and goes on afterwards', async () => {
    const { result, sleeps } = await pairWith([
      'hang up',
      errorReply('server_error', {}, 500),
      errorReply('temporarily_unavailable', {}, 503),
      pending,
      tokenReply('1'),
    ])
    expect(result.ok).toBe(true)
    expect(sleeps).toEqual([5, 10, 20, 40, 5])
  })

  test.each([
    { title: 'denial', polls: [pending, errorReply('access_denied')], expected: { reason: 'denied' } },
    { title: 'expiry told by the server', polls: [errorReply('expired_token')], expected: { reason: 'expired' } },
    { title: 'expiry by its own count when the server never says so', polls: [pending], expected: { reason: 'expired' } },
    {
      title: 'a code that is not its own',
      polls: [errorReply('invalid_grant')],
      expected: { reason: 'client_refused', error: 'invalid_grant', description: '' },
    },
    { title: 'a bearer token', polls: [tokenReply('1', { token_type: 'Bearer' })], expected: { reason: 'answer_unusable' } },
    { title: 'a token without an end', polls: [tokenReply('1', { expires_in: undefined })], expected: { reason: 'answer_unusable' } },
  ])('gives $title back as data', async ({ polls, expected }) => {
    const { result, store } = await pairWith(polls)
    expect(result).toEqual(err(expected))
    expect(store.load()).toBeUndefined()
  })

  test.each([
    {
      title: 'a client that is not known',
      start: errorReply('invalid_client', { error_description: 'not active' }, 401),
      expected: { reason: 'client_refused', error: 'invalid_client', description: 'not active' },
    },
    { title: 'a server without a user code', start: { status: 200, body: { ...STARTED.body, user_code: undefined } }, expected: { reason: 'answer_unusable' } },
    { title: 'a server without an expiry', start: { status: 200, body: { ...STARTED.body, expires_in: 0 } }, expected: { reason: 'answer_unusable' } },
    { title: 'a server that is at fault', start: { status: 500 }, expected: { reason: 'unreachable' } },
    { title: 'a server that hangs up', start: 'hang up' as const, expected: { reason: 'unreachable' } },
  ])('does not start with $title', async ({ start, expected }) => {
    const { result, codes } = await pairWith([pending], start)
    expect(result).toEqual(err(expected))
    expect(codes).toEqual([])
  })

  test('stops when the caller aborts', async () => {
    server = await startScriptedServer({ '/device_authorization': () => STARTED, '/token': () => pending })
    const abort = new AbortController()
    const { client, sleeps } = createTestClient({ issuer: server.origin, onSleep: () => sleeps.length === 3 && abort.abort(new Error('enough')) })
    await expect(client.pair({ onCode: () => {}, signal: abort.signal })).rejects.toThrow('enough')
    expect(sleeps).toHaveLength(3)
  })
})

describe('what the device shows', () => {
  const code: PairingCode = {
    userCode: 'BCDF-GHJK',
    verificationUri: 'https://a.example/device',
    verificationUriComplete: 'https://a.example/device?user_code=BCDF-GHJK',
    expiresInSeconds: 600,
    fingerprintWords: ['acorn', 'beach', 'cabin', 'daisy'],
  }

  test('names the code, the address, the words and the time left', () => {
    const text = renderPairingText(code)
    for (const part of ['BCDF-GHJK', 'https://a.example/device', 'acorn beach cabin daisy', '10 minutes']) expect(text).toContain(part)
  })

  test('draws the complete address as QR code, for a terminal and as SVG', () => {
    expect(renderPairingQrText(code)).toMatch(/^[█▀▄ \n]+$/)
    expect(renderPairingQrSvg(code)).toMatch(/^<svg[\s\S]*<\/svg>$/)
    expect(renderPairingQrSvg(code)).not.toBe(renderPairingQrSvg({ ...code, verificationUriComplete: 'https://a.example/device?user_code=BCDF-GHJL' }))
  })
})

describe('RFC 8414: a server is not used when', () => {
  test.each([
    { title: 'it calls itself something else', metadata: { issuer: 'https://other.example' } },
    { title: 'its token endpoint is elsewhere', metadata: { token_endpoint: 'https://evil.example/token' } },
    { title: 'its device authorization endpoint is missing', metadata: { device_authorization_endpoint: undefined } },
  ])('$title', async ({ metadata }) => {
    server = await startScriptedServer({ '/device_authorization': () => STARTED }, metadata)
    const { client } = createTestClient({ issuer: server.origin })
    await expect(client.pair({ onCode: () => {} })).rejects.toMatchObject({ code: 'issuer_unusable' })
    expect(server.seen).toEqual([])
  })

  test('it is away: the caller can try again', async () => {
    server = await startScriptedServer({})
    const { origin } = server
    await server.close()
    const { client } = createTestClient({ issuer: origin })
    await expect(client.pair({ onCode: () => {} })).rejects.toMatchObject({ code: 'unreachable' })
  })

  test.each([
    { issuer: 'http://authz.example.com' },
    { issuer: 'http://192.0.2.7:9400' },
    { issuer: 'http://127.0.0.1.example.com' },
    { issuer: 'http://localhost.example.com' },
    { issuer: 'ftp://127.0.0.1' },
    { issuer: 'https://authz.example.com/tenant' },
    { issuer: 'https://user@authz.example.com' },
    { issuer: 'authz.example.com' },
  ])('S06: its address is $issuer', ({ issuer }) => {
    expect(() => createTestClient({ issuer, resourceServers: [] })).toThrow(expect.objectContaining({ code: 'issuer_unusable' }))
  })

  test.each(['https://authz.example.com', 'http://127.0.0.1:9400', 'http://localhost:9400', 'http://[::1]:9400'])(
    'but it is when its address is %s',
    (issuer) => {
      expect(() => createTestClient({ issuer, resourceServers: [] })).not.toThrow()
    },
  )
})
