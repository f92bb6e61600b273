import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildFeedIncarnation } from '../../../../authz-server/feed/feed-incarnation.ts'
import { followChanges } from '../../../../authz-server/feed/follow-changes.ts'
import type { AccessTokenClaims } from '../../../../protocol/claims.ts'
import type { FeedMessage } from '../../../../protocol/feed/messages.ts'
import { buildKeyObject } from '../../../../protocol/jwk.ts'
import { isSignedBy, parseJws } from '../../../../protocol/jws.ts'
import { AMPS, type AuthzWorld, GUITARS, payloadOf, startAuthzWorld } from '../support/authz-world.ts'

let world: AuthzWorld
beforeAll(async () => {
  world = await startAuthzWorld()
  await world.addPerson('alice')
  await world.addPerson('bob')
})
afterAll(() => world.close())

const FEED_BYTES = 1024 * 1024

function verify(text: string): FeedMessage {
  const jws = parseJws(text, FEED_BYTES)
  if (!jws.ok) throw new Error(jws.error)
  const key = world.keyring.published().find((published) => published.kid === jws.value.kid)
  expect(jws.value.typ).toBe('latchkey-feed+jwt')
  expect(key && isSignedBy(jws.value, buildKeyObject(key))).toBe(true)
  return jws.value.payload as unknown as FeedMessage
}

async function snapshot(as: 'sidecar' | 'amps'): Promise<FeedMessage> {
  const { status, headers, body } = await world.call(as, 'feed', '/feed/snapshot')
  expect([status, headers.get('content-type')]).toEqual([200, 'application/jwt'])
  return verify(String(body['text']))
}

interface Stream {
  next(): Promise<FeedMessage>
  /** True once the server has ended it. */
  ended(): Promise<boolean>
  stop(): void
}

async function follow(as: 'sidecar' | 'amps', after: number): Promise<Stream> {
  const { token, fetch } = await world.serviceToken(as, 'feed')
  const abort = new AbortController()
  const response = await fetch(`${world.issuer}/feed/stream?after=${after}&nonce=stream-nonce`, { accessToken: token, signal: abort.signal })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  const reader = response.body!.getReader()
  let buffered = ''
  const stream: Stream = {
    async next() {
      for (let round = 0; round < 100 && !buffered.includes('\n\n'); round += 1) {
        const { value, done } = await reader.read()
        if (done) throw new Error('the stream ended')
        buffered += new TextDecoder().decode(value)
      }
      const end = buffered.indexOf('\n\n')
      const event = buffered.slice(0, end)
      buffered = buffered.slice(end + 2)
      return verify(event.replace(/^data: /, ''))
    },
    async ended() {
      for (let round = 0; round < 100; round += 1) if ((await reader.read()).done) return true
      return false
    },
    stop: () => abort.abort(),
  }
  expect(await stream.next()).toMatchObject({ kind: 'heartbeat', revision: after, nonce: 'stream-nonce' })
  return stream
}

test('a snapshot holds what concerns this resource server, and is addressed to it', async () => {
  const guitar = await world.addDevice('feed-guitar')
  await world.pair(guitar.fetch, guitar.clientId, 'alice')
  const message = await snapshot('sidecar')
  expect(message).toMatchObject({ iss: world.issuer, aud: GUITARS, kind: 'snapshot', previous: 0 })
  const byKind = (kind: string) => message.entries.filter((entry) => entry.kind === kind)
  expect(byKind('owner')).toEqual([{ kind: 'owner', owner: 'alice', policy_revision: 0, artifact: null }])
  expect(byKind('resource')).toMatchObject([{ key: 'feed-guitar', owner: 'alice', resource_scopes: ['read', 'play'], device_id: 'feed-guitar' }])
  expect(byKind('resource')[0]).not.toHaveProperty('resource_server')
  expect(byKind('device')).toEqual([{ kind: 'device', id: 'feed-guitar', status: 'active', owner: 'alice', epoch: 1 }])
  expect(byKind('keys')).toMatchObject([{ keys: [{ kid: world.keyring.active().kid }, {}] }])
  const other = await snapshot('amps')
  expect(other.aud).toBe(AMPS)
  expect(other.entries.map((entry) => entry.kind)).toEqual(['keys'])
})

test('a stream goes on from a revision without a gap, and brings a change at once', async () => {
  const { revision } = await snapshot('sidecar')
  const stream = await follow('sidecar', revision)
  const guitar = await world.addDevice('feed-guitar-2')
  const started = performance.now()
  await world.pair(guitar.fetch, guitar.clientId, 'bob')
  const change = await stream.next()
  expect(performance.now() - started).toBeLessThan(2000)
  expect(change).toMatchObject({ kind: 'change', previous: revision, revision: revision + 1, aud: GUITARS })
  expect(change.entries.map((entry) => entry.kind)).toEqual(['device', 'owner', 'resource'])
  await world.call('operator', 'registry', '/registry/devices/feed-guitar-2/revoke', { method: 'POST' })
  const revoked = await stream.next()
  expect(revoked.previous).toBe(change.revision)
  expect(revoked.entries).toMatchObject([
    { kind: 'device', id: 'feed-guitar-2', status: 'revoked', owner: null, epoch: 2 },
    { kind: 'revocation', of: 'grant' },
    { kind: 'resource_removed' },
  ])
  stream.stop()
  const again = await follow('sidecar', revision)
  const repeated = await again.next()
  expect([repeated.revision, repeated.previous]).toEqual([change.revision, revision])
  // What it tells of an owner is decided when it is sent: this one has nothing here any more.
  expect(repeated.entries.map((entry) => entry.kind)).toEqual(['device', 'resource'])
  again.stop()
})

test('TR52: another resource server gets the revision, but nothing that is in it', async () => {
  const { revision } = await snapshot('amps')
  const stream = await follow('amps', revision)
  const guitar = await world.addDevice('feed-guitar-3')
  await world.pair(guitar.fetch, guitar.clientId, 'bob')
  const change = await stream.next()
  expect(change.entries).toEqual([])
  stream.stop()
})

test('a silent stream says that it is alive', { timeout: 15_000 }, async () => {
  const { revision } = await snapshot('sidecar')
  const stream = await follow('sidecar', revision)
  expect(await stream.next()).toMatchObject({ kind: 'heartbeat', revision, previous: revision, entries: [] })
  stream.stop()
})

test.each([
  { title: 'from the future', after: '999999', status: 410 },
  { title: 'not a number', after: 'x', status: 400 },
  { title: 'negative', after: '-1', status: 400 },
])('a stream after a revision $title is refused', async ({ after, status }) => {
  expect((await world.call('sidecar', 'feed', `/feed/stream?after=${after}`)).status).toBe(status)
})

test('a stream after a revision that was forgotten is gone', async () => {
  await world.server.context.store.transaction(({ feedLog }) => feedLog.prune(world.now() + 1))
  expect((await world.call('sidecar', 'feed', '/feed/stream?after=1')).status).toBe(410)
})

test('a stream whose next change was forgotten ends instead of passing it over', async () => {
  const { context } = world.server
  const claims = payloadOf((await world.serviceToken('sidecar', 'feed')).token) as unknown as AccessTokenClaims
  const { feedLog } = context.store.read
  const start = await feedLog.head()
  await context.store.transaction(({ feedLog: log }) => log.append([], world.now()))
  const before = await feedLog.head()
  await context.store.transaction(({ feedLog: log }) => log.append([], world.now()))
  await context.store.transaction(({ feedLog }) => feedLog.prune(world.now() + 1))
  const written: string[] = []
  const following = {
    resourceServer: GUITARS,
    nonce: '',
    token: claims,
    write: async (text: string) => void written.push(text),
    gone: AbortSignal.timeout(3000),
  }
  await followChanges(context, { ...following, after: start })
  expect([written.length, following.gone.aborted]).toEqual([1, false])
  await followChanges(context, { ...following, after: before })
  expect(written.slice(1).map((text) => payloadOf(text.slice(6))['kind'])).toEqual(['heartbeat', 'change'])
})

test('a stream ends with its token', { timeout: 15_000 }, async () => {
  const { revision } = await snapshot('sidecar')
  const stream = await follow('sidecar', revision)
  world.pass(601)
  expect(await stream.ended()).toBe(true)
})

test('TR52: artifacts are read by digest, and only by the sidecars whose owners have used them', async () => {
  const wasm = new Uint8Array([0, 97, 115, 109])
  const guitar = await world.addDevice('feed-guitar-4')
  await world.pair(guitar.fetch, guitar.clientId, 'alice')
  await world.server.context.store.transaction(async ({ artifacts, policies }) => {
    await artifacts.add({ digest: 'ZGlnZXN0', wasm }, world.now())
    await artifacts.add({ digest: 'bm9ib2R5', wasm }, world.now())
    await policies.saveNext({ owner: 'alice', revision: 1, text: '', artifact: 'ZGlnZXN0', savedAt: world.now() })
  })
  const found = await world.call('sidecar', 'feed', '/artifacts/ZGlnZXN0')
  expect([found.status, found.headers.get('content-type'), String(found.body['text'])]).toEqual([200, 'application/wasm', '\0asm'])
  expect((await world.call('sidecar', 'feed', '/artifacts/AAAA')).status).toBe(404)
  const unused = await world.call('sidecar', 'feed', '/artifacts/bm9ib2R5')
  expect([unused.status, unused.body]).toEqual([404, (await world.call('sidecar', 'feed', '/artifacts/AAAA')).body])
  expect((await world.call('amps', 'feed', '/artifacts/ZGlnZXN0')).status).toBe(404)
  expect((await world.call('sidecar', 'uma_protection', '/artifacts/ZGlnZXN0')).status).toBe(403)
  expect((await fetch(`${world.issuer}/artifacts/ZGlnZXN0`)).status).toBe(401)
})

test('TR52: a sidecar starts over when kinds of devices move to or from its resource server, and only then', () => {
  const { store, config } = world.server.context
  const incarnation = (device_types: typeof config.device_types, resourceServer = GUITARS) =>
    buildFeedIncarnation({ store, config: { ...config, device_types } }, resourceServer)
  const [guitar, amp] = config.device_types
  if (guitar === undefined || amp === undefined) throw new Error('the world has two device types')
  expect(incarnation([amp, guitar])).toBe(incarnation([guitar, amp]))
  expect(incarnation([{ ...guitar, resources: [] }, amp])).toBe(incarnation([guitar, amp]))
  const moved = [guitar, { ...amp, resource_server: GUITARS }]
  expect(incarnation(moved)).not.toBe(incarnation([guitar, amp]))
  expect(incarnation(moved, AMPS)).not.toBe(incarnation([guitar, amp], AMPS))
  expect(incarnation([amp])).not.toBe(incarnation([guitar, amp]))
  expect(incarnation([guitar, amp], AMPS)).not.toBe(incarnation([guitar, amp]))
})

test('TR52: the end of a device says nothing to another resource server, its grants included', async () => {
  const guitar = await world.addDevice('feed-guitar-5')
  await world.pair(guitar.fetch, guitar.clientId, 'alice')
  const { revision } = await snapshot('amps')
  const [stream, own] = [await follow('amps', revision), await follow('sidecar', revision)]
  await world.call('operator', 'registry', '/registry/devices/feed-guitar-5/revoke', { method: 'POST' })
  expect((await stream.next()).entries).toEqual([])
  expect((await own.next()).entries.map((entry) => entry.kind)).toEqual(['device', 'revocation', 'resource_removed'])
  expect((await snapshot('amps')).entries.map((entry) => entry.kind)).toEqual(['keys'])
  stream.stop()
  own.stop()
})
