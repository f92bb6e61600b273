// TR70: paths and queries as applications write them, through the SDK and a real sidecar to an API; and what the SDK says of a refusal.
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { encodeUri } from '../../../device/encode-uri.ts'
import { type Client, createClient, createMemoryTokenStore, systemPorts } from '../../../device/index.ts'
import { DEVICE, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'
import { errorReply, type ScriptedServer, startScriptedServer, umaChallenge } from './scripted-authz-server.ts'
import { createTestClient } from './test-client.ts'

describe('a call', () => {
  let rig: SidecarRig
  let client: Client
  beforeAll(async () => {
    rig = await startRig({ config: { routes: [{ method: 'GET', path: '/files/{id}/{rest+}', resource: '{id}', scope: 'read' }] } })
    const issuer = rig.issuer.origin
    const store = createMemoryTokenStore()
    store.save({ issuer, client_id: `device:${DEVICE}`, access_token: rig.device.token, expires_at: Math.floor(Date.now() / 1000) + 600 })
    const config = { issuer, clientId: `device:${DEVICE}`, key: rig.device.key, store, resourceServers: [rig.origin] }
    client = createClient(config, { ...systemPorts(), randomBytes: (count) => randomBytes(count) })
  })
  afterAll(() => rig.close())

  test.each([
    { written: 'é', sent: '%C3%A9' },
    { written: 'e\u0301', sent: 'e%CC%81' },
    { written: '日本', sent: '%E6%97%A5%E6%9C%AC' },
    { written: '🎸', sent: '%F0%9F%8E%B8' },
    { written: 'a b', sent: 'a%20b' },
    { written: 'a%20b', sent: 'a%20b' },
    { written: 'a%C3%A9b', sent: 'a%C3%A9b' },
    { written: 'a"b<c>`d`', sent: 'a%22b%3Cc%3E%60d%60' },
    { written: 'a|b^c', sent: 'a%7Cb%5Ec' },
    { written: '[a]', sent: '%5Ba%5D' },
    { written: '{a}', sent: '%7Ba%7D' },
    { written: "it's+(fine)!", sent: "it's+(fine)!" },
    { written: 'a#part', sent: 'a' },
    { written: 'a?q=é b&r=100%#x', sent: 'a?q=%C3%A9%20b&r=100%25' },
    { written: 'a?q=a%20b', sent: 'a?q=a%20b' },
    { written: 'b/./c/../d', sent: 'b/d' },
  ])('TR70: $written is sent, and proven, as $sent', async ({ written, sent }) => {
    rig.upstream.clear()
    const response = await client.fetch(`${rig.origin}/files/${DEVICE}/${written}`)
    expect([response.status, await response.text()]).toEqual([200, '{"hz":440.0}'])
    expect(rig.upstream.received().split('\r\n', 1)[0]).toBe(`GET /files/${DEVICE}/${sent} HTTP/1.1`)
  })

  // An encoded percent sign, slash or backslash could be decoded twice on the way.
  test.each(['a//b', 'a\\b', 'a%2Fb', '%00', '100%', '5%x'])(
    'TR70: %s, which the sidecar does not accept, is refused for that and not for its proof',
    async (written) => {
      const response = await client.fetch(`${rig.origin}/files/${DEVICE}/${written}`)
      expect(response.status).not.toBe(401)
      await response.body?.cancel()
    },
  )

  test('TR70: encoding twice changes nothing, and the origin stays the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const once = encodeUri(`https://api.example.com/${text}`)
        expect(encodeUri(once)).toBe(once)
        expect(new URL(once).origin).toBe('https://api.example.com')
        expect(once).toMatch(/^[\x21-\x7e]+$/)
      }),
      { numRuns: 500 },
    )
  })

  test.each(['', 'nothing', '/a b', 'mailto:é@example.com'])('TR70: %j, which is not an absolute address, is left for the guard to refuse', async (uri) => {
    expect(encodeUri(uri)).toBe(uri)
    await expect(client.fetch(uri)).rejects.toMatchObject({ code: 'origin_not_configured' })
  })
})

describe('a refusal', () => {
  let server: ScriptedServer | undefined
  afterEach(async () => server?.close())
  const long = 'x'.repeat(400)
  const rows = [
    { given: 'the client is not active', shown: 'the client is not active' },
    { given: 'line\r\nline\u001b[31m\u202e', shown: 'line??line?[31m?' },
    { given: long, shown: `${long.slice(0, 300)}...` },
    { given: 7, shown: '' },
    { given: undefined, shown: '' },
  ]

  test.each(rows)('TR70: requestAccess keeps the description ($given)', async ({ given, shown }) => {
    server = await startScriptedServer({
      '/resource': () => umaChallenge('t-1', server?.origin ?? ''),
      '/token': () => errorReply('invalid_client', given === undefined ? {} : { error_description: given }, 401),
    })
    const { client, store, time } = createTestClient({ issuer: server.origin, clientId: 'band-app' })
    store.save({ issuer: server.origin, client_id: 'band-app', access_token: 'a', id_token: 'i', refresh_token: 'r', expires_at: time.now + 6000 })
    const outcome = await client.requestAccess({ uri: `${server.origin}/resource` })
    expect(outcome).toEqual({ ok: false, error: { reason: 'client_refused', error: 'invalid_client', description: shown } })
  })

  test.each(rows)('TR70: pair keeps the description ($given)', async ({ given, shown }) => {
    server = await startScriptedServer({
      '/device_authorization': () => errorReply('invalid_client', given === undefined ? {} : { error_description: given }, 401),
    })
    const { client } = createTestClient({ issuer: server.origin })
    expect(await client.pair({ onCode: () => {} })).toEqual({ ok: false, error: { reason: 'client_refused', error: 'invalid_client', description: shown } })
  })

  test('TR70: the error of a renewal has code and description', async () => {
    server = await startScriptedServer({ '/token': () => errorReply('invalid_client', { error_description: 'the key is another one' }, 401) })
    const { client, store, time } = createTestClient({ issuer: server.origin })
    store.save({ issuer: server.origin, client_id: 'device:guitar-0042', access_token: 'a', refresh_token: 'r', expires_at: time.now - 1 })
    await expect(client.tokens()).rejects.toMatchObject({ code: 'revoked', message: expect.stringContaining('(invalid_client: the key is another one)') })
  })
})
