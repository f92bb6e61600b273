// Whatever comes from the wire or lies on the disk, the sidecar goes on: it keeps what it has or refuses, and no single input holds it up.
import { sign as signBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FEED_MESSAGE_TYPE } from '../../../protocol/feed/messages.ts'
import { signJws } from '../../../protocol/jws.ts'
import type { FeedKeeper } from '../../../sidecar/feed/feed-keeper.ts'
import { EventTooLong, readEvents } from '../../../sidecar/feed/read-events.ts'
import { readStoredState } from '../../../sidecar/feed/stored-state.ts'
import { deriveSealKey, sealJson } from '../../../sidecar/files/sealed-text.ts'
import {
  AUDIENCE,
  createFilledKeeper,
  device,
  feedKey,
  INCARNATION,
  ISSUER,
  KEY,
  logDigest,
  NONCE,
  NOW,
  owner,
  sign,
  signChange,
} from '../../support/feed-messages.ts'
import { fuzzCases } from '../../support/fuzz-cases.ts'

const runs = { numRuns: fuzzCases() }
const CPU_MAX_MILLISECONDS = 50
/** A collection of garbage, or the machine, may fall into one try; not into each of them. */
const TRIES = 4

/** CPU time of this process, so that a busy machine does not count. */
function expectCheap(work: () => void): void {
  let cheapest = Number.POSITIVE_INFINITY
  for (let tried = 0; tried < TRIES && cheapest > CPU_MAX_MILLISECONDS; tried += 1) {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    cheapest = Math.min(cheapest, (user + system) / 1000)
  }
  expect(cheapest).toBeLessThanOrEqual(CPU_MAX_MILLISECONDS)
}

function takeAny(keeper: FeedKeeper, text: string): void {
  for (const of of ['snapshot', 'stream'] as const) {
    const before = keeper.current()
    const taken = keeper.take(text, { now: NOW, answers: { of, nonce: NONCE } })
    if (!taken.ok) expect(keeper.current()).toBe(before)
  }
}

const good = [
  sign({ entries: [{ kind: 'keys', keys: [feedKey(KEY)] }, device('d-1'), owner('alice', 1)] }),
  signChange(11, [device('d-2'), { kind: 'revocation', of: 'token', id: 'j', expires_at: NOW + 60 }]),
  sign({ kind: 'heartbeat', previous: 10 }),
]

const mutated = fc
  .tuple(fc.constantFrom(...good), fc.array(fc.tuple(fc.nat(), fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('.', '', '\u0000', '=', '\u{1f600}')))))
  .map(([text, edits]) =>
    edits.reduce((now, [at, piece]) => now.slice(0, at % (now.length + 1)) + piece + now.slice((at % (now.length + 1)) + piece.length), text),
  )

/** Signed by the right key: the authz server itself is wrong, or its database is. */
const anyJson = fc.jsonValue({ maxDepth: 6 })
const wrongPayload = fc
  .record(
    {
      iss: fc.oneof(fc.constant(ISSUER), anyJson),
      aud: fc.oneof(fc.constant(AUDIENCE), anyJson),
      iat: fc.oneof(fc.constant(NOW), anyJson),
      kind: fc.oneof(fc.constantFrom('snapshot', 'change', 'heartbeat', '__proto__'), anyJson),
      nonce: fc.oneof(fc.constant(NONCE), anyJson),
      incarnation: fc.oneof(fc.constant(INCARNATION), anyJson),
      revision: fc.oneof(fc.constantFrom(10, 11, -1, 1.5, 2 ** 53), anyJson),
      digest: fc.oneof(fc.constant(logDigest(10)), anyJson),
      previous: fc.oneof(fc.constantFrom(0, 10), anyJson),
      previous_digest: fc.oneof(fc.constant(logDigest(10)), anyJson),
      entries: fc.oneof(
        anyJson,
        fc.array(
          fc.oneof(
            fc.record({
              kind: fc.constantFrom('owner', 'resource', 'resource_removed', 'device', 'revocation', 'keys', 'constructor'),
              id: anyJson,
              owner: anyJson,
              key: anyJson,
              keys: fc.oneof(anyJson, fc.array(fc.oneof(fc.constant(feedKey(KEY)), anyJson))),
              status: fc.oneof(fc.constant('active'), anyJson),
              epoch: fc.oneof(fc.nat(), anyJson),
            }),
            fc.constantFrom(device('d-3'), owner('__proto__', 1)),
          ),
        ),
      ),
    },
    { requiredKeys: [] },
  )
  .map((payload) => signJws(KEY, { typ: FEED_MESSAGE_TYPE, payload }))

test('a message of any characters, or a good one changed anywhere, is refused or kept, and is cheap', () => {
  const keeper = createFilledKeeper()
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), mutated), (text) => expectCheap(() => takeAny(keeper, text))),
    runs,
  )
})

test('a signed message of any content is refused or applied whole', () => {
  fc.assert(
    fc.property(wrongPayload, (text) => {
      const keeper = createFilledKeeper()
      expectCheap(() => takeAny(keeper, text))
      for (const found of keeper.current()?.devices.values() ?? []) expect(['active', 'revoked']).toContain(found.status)
      expect(keeper.current()?.keys.size).toBeGreaterThan(0)
    }),
    runs,
  )
})

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
const encode = (text: string) => Buffer.from(text).toString('base64url')
const [header = '', , signature = ''] = (good[0] ?? '').split('.')
const MEGABYTE = 1024 * 1024

test.each([
  { title: '100,000 levels, unsigned', text: () => `${header}.${encode(nested(100_000))}.${signature}` },
  { title: '100,000 levels in the header', text: () => `${encode(`{"alg":"ES256","a":${nested(100_000)}}`)}.e30.${signature}` },
  {
    title: '4 MB without a key that we know',
    text: () => `${encode('{"alg":"ES256","typ":"latchkey-feed+jwt","kid":"x"}')}.${'A'.repeat(4 * MEGABYTE)}.${signature}`,
  },
  { title: '4 MB that our key did not sign', text: () => `${header}.${'A'.repeat(4 * MEGABYTE)}.${signature}` },
  { title: '4 MB of dots', text: () => '.'.repeat(4 * MEGABYTE) },
  { title: '4 MB without a dot', text: () => 'A'.repeat(4 * MEGABYTE) },
  { title: 'a header of 1 MB', text: () => `${'A'.repeat(MEGABYTE)}.e30.${signature}` },
])('a message of $title is refused, and is cheap', ({ text }) => {
  const keeper = createFilledKeeper()
  const input = text()
  expectCheap(() => takeAny(keeper, input))
})

test('a signed message of 100,000 levels is refused', () => {
  const keeper = createFilledKeeper()
  const input = `${header}.${encode(`{"iss":"${ISSUER}","aud":"${AUDIENCE}","entries":${nested(100_000)}}`)}`
  const bytes = signBytes('sha256', Buffer.from(input), { key: KEY.privateKey, dsaEncoding: 'ieee-p1363' })
  const text = `${input}.${bytes.toString('base64url')}`
  expect(keeper.take(text, { now: NOW, answers: { of: 'stream', nonce: NONCE } })).toEqual({ ok: false, error: 'feed_malformed' })
  expectCheap(() => takeAny(keeper, text))
})

test('a stream of any bytes in any pieces gives events within the limit, or ends with a reason', async () => {
  const MOST = 200
  const chunk = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom('data: a\n\n', 'data:\n', '\n', '\r\n', ':x\n', 'data: ', 'event: y\n', `data: ${'b'.repeat(150)}\n`).map((text) => Buffer.from(text)),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { maxLength: 30 }), async (chunks) => {
      async function* body(): AsyncGenerator<Uint8Array> {
        yield* chunks
      }
      try {
        for await (const event of readEvents(body(), MOST)) expect(event.length).toBeLessThanOrEqual(MOST)
      } catch (cause) {
        expect(cause instanceof EventTooLong || cause instanceof TypeError).toBe(true)
      }
    }),
    runs,
  )
})

test('a state file of any bytes, or a good one changed anywhere, is refused, and is cheap', () => {
  const key = deriveSealKey(KEY, 'feed-state')
  const stored = {
    version: 2,
    generation: 3,
    issuer: ISSUER,
    audience: AUDIENCE,
    trust: [feedKey(KEY)],
    snapshot: good[0],
    changes: [good[1]],
    heartbeat: null,
  }
  const expected = { key, issuer: ISSUER, audience: AUDIENCE, generation: 3 }
  const sealed = Buffer.from(sealJson(stored, key))
  expect(readStoredState(sealed, expected).ok).toBe(true)
  const changed = fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 20 })).map(([at, piece]) => {
    // Not in the last character of the MAC, some bits of which say nothing.
    const start = at % (sealed.length - 30)
    return Buffer.concat([sealed.subarray(0, start), piece, sealed.subarray(start + piece.length)])
  })
  const sealedAnything = fc.dictionary(fc.string(), anyJson, { minKeys: 1 }).map((value) => Buffer.from(sealJson(value, key)))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 500 }), changed, sealedAnything), (bytes) => {
      fc.pre(!Buffer.from(bytes).equals(sealed))
      expectCheap(() => expect(readStoredState(bytes, expected).ok).toBe(false))
    }),
    runs,
  )
})
