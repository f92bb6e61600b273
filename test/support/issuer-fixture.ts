// A small issuer for tests of the sidecar alone: signs tokens and feed messages, and serves keys, service tokens, tickets, feed and artifacts over real HTTP.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AccessTokenClaims } from '../../protocol/claims.ts'
import { sha256Base64url } from '../../protocol/encoding.ts'
import { FEED_MESSAGE_TYPE, type FeedEntry, type FeedKey, type FeedMessage } from '../../protocol/feed/messages.ts'
import type { PublicJwk } from '../../protocol/jwk.ts'
import { type JwsContent, type SigningKey, signJws } from '../../protocol/jws.ts'
import { generateSigningKey } from '../../system/generate-key.ts'

export interface IssuerFixture {
  readonly origin: string
  key: SigningKey
  /** What the next snapshot holds; `change` keeps it up to date. */
  readonly entries: FeedEntry[]
  readonly artifacts: Map<string, Uint8Array>
  /** `down` refuses connections' requests at once, `hang` never answers them. */
  mode: 'up' | 'down' | 'hang'
  /** Paths that are answered with this status alone. */
  readonly refusals: Map<string, number>
  /** Heartbeats are sent at all. */
  beats: boolean
  revision: number
  /** Another one, set together with `revision`, stands for a restored database. */
  incarnation: string
  /** Of the log up to that revision. */
  digestAt: (revision: number) => string
  /** Requests by path, without query. */
  readonly counts: Map<string, number>
  /** Signs a change, sends it to the open streams and keeps it in the snapshot. */
  change(...entries: FeedEntry[]): void
  /** Sends any text to the open streams as one event. */
  sendEvent(text: string): void
  message(parts?: Partial<FeedMessage>): string
  sign(content: JwsContent): string
  token(claims: TokenRequest): string
  beat(): void
  endStreams(): void
  readonly openStreams: () => number
  /** Another signing key, announced to the streams by the old one. */
  rotateKey(): void
  close(): Promise<void>
}

export type TokenRequest = Partial<{ [claim in keyof AccessTokenClaims]: unknown }> & { readonly jwk: PublicJwk; readonly jkt: string }

export interface IssuerOptions {
  readonly audience: string
  readonly clock: () => number
}

export function createTestKey(): SigningKey {
  return generateSigningKey()
}

export async function startIssuer(options: IssuerOptions): Promise<IssuerFixture> {
  const streams = new Set<ServerResponse>()
  /** Of the stream that was opened last. */
  let nonce = ''
  const keys: SigningKey[] = [createTestKey()]
  const feedKeys = (): FeedKey[] => keys.map((key) => ({ ...key.jwk, kid: key.kid, alg: key.alg }))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ''] = (request.url ?? '').split('?', 1)
    fixture.counts.set(path, (fixture.counts.get(path) ?? 0) + 1)
    if (fixture.mode === 'hang') return
    if (fixture.mode === 'down') {
      response.destroy()
      return
    }
    for await (const _ of request);
    const refusal = fixture.refusals.get(path)
    if (refusal !== undefined) return json(response, refusal, { error: 'refused' })
    if (path === '/jwks') return json(response, 200, { keys: feedKeys() })
    if (path === '/token') return json(response, 200, { access_token: `service-${randomUUID()}`, token_type: 'DPoP', expires_in: 600 })
    if (path === '/permission') return json(response, 201, { ticket: `ticket-${randomUUID()}` })
    if (path === '/feed/snapshot') {
      const entries = [{ kind: 'keys' as const, keys: feedKeys() }, ...fixture.entries]
      const asked = new URL(request.url ?? '', fixture.origin).searchParams.get('nonce') ?? ''
      const parts = { kind: 'snapshot', previous: 0, previous_digest: '', nonce: asked, entries } as const
      response.writeHead(200, { 'content-type': 'application/jwt' }).end(fixture.message(parts))
      return
    }
    if (path === '/feed/stream') return openStream(request, response)
    const artifact = fixture.artifacts.get(path.replace('/artifacts/', ''))
    if (artifact === undefined) return json(response, 404, { error: 'not_found' })
    response.writeHead(200, { 'content-type': 'application/wasm' }).end(artifact)
  }

  function openStream(request: IncomingMessage, response: ServerResponse): void {
    const query = new URL(request.url ?? '', fixture.origin).searchParams
    const isAtHead = Number(query.get('after')) === fixture.revision
    const isInLog = isAtHead && query.get('digest') === fixture.digestAt(fixture.revision)
    const error = query.get('incarnation') !== fixture.incarnation ? 'other_incarnation' : isAtHead ? 'other_log' : 'revision_unavailable'
    if (!isInLog || error === 'other_incarnation') {
      json(response, 410, { error })
      return
    }
    nonce = query.get('nonce') ?? ''
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    streams.add(response)
    response.on('close', () => streams.delete(response))
    response.write(`data: ${fixture.message({ kind: 'heartbeat' })}\n\n`)
  }

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const fixture: IssuerFixture = {
    origin,
    key: keys[0] as SigningKey,
    entries: [],
    artifacts: new Map(),
    mode: 'up',
    refusals: new Map(),
    beats: true,
    revision: 1,
    incarnation: 'incarnation-1',
    digestAt: (revision) => `log-digest-${revision}`,
    counts: new Map(),
    sign: (content) => signJws(fixture.key, content),
    message({ revision = fixture.revision, previous = revision, ...parts } = {}) {
      const log = { revision, digest: fixture.digestAt(revision), previous, previous_digest: fixture.digestAt(previous) }
      return signJws(fixture.key, {
        typ: FEED_MESSAGE_TYPE,
        payload: {
          iss: origin,
          aud: options.audience,
          iat: options.clock(),
          kind: 'change',
          nonce,
          incarnation: fixture.incarnation,
          ...log,
          entries: [],
          ...parts,
        },
      })
    },
    sendEvent(text) {
      for (const stream of streams) stream.write(`data: ${text}\n\n`)
    },
    change(...entries) {
      const previous = fixture.revision
      fixture.revision += 1
      fixture.entries.push(...entries)
      fixture.sendEvent(fixture.message({ previous, entries }))
    },
    beat: () => fixture.sendEvent(fixture.message({ kind: 'heartbeat' })),
    openStreams: () => streams.size,
    endStreams() {
      for (const stream of streams) stream.destroy()
    },
    rotateKey() {
      const next = createTestKey()
      keys.unshift(next)
      const previous = fixture.revision
      fixture.revision += 1
      const text = fixture.message({ previous, entries: [{ kind: 'keys', keys: feedKeys() }] })
      fixture.key = next
      fixture.sendEvent(text)
    },
    token({ jwk, jkt, ...claims }) {
      const now = options.clock()
      const basic = { iss: origin, aud: [options.audience], client_id: 'app-1', iat: now, exp: now + 600, jti: randomUUID(), grant_id: randomUUID(), scope: '' }
      return signJws(fixture.key, { typ: 'at+jwt', payload: { ...basic, cnf: { jkt, jwk }, ...claims } })
    },
    async close() {
      clearInterval(beats)
      for (const stream of streams) stream.destroy()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  const beats = setInterval(() => fixture.beats && fixture.mode === 'up' && fixture.beat(), 1000)
  return fixture
}

export function digestOf(artifact: Uint8Array): string {
  return sha256Base64url(artifact)
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
