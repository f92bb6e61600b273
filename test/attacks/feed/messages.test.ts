// Whoever stands between authz server and sidecar can tell the sidecar nothing: a message that is not wholly right changes nothing.
import { expect, test } from 'vitest'
import {
  AUDIENCE,
  createFilledKeeper,
  device,
  feedKey,
  generateKey,
  ISSUER,
  KEY,
  NONCE,
  NOW,
  owner,
  sign,
  signChange,
  take,
} from '../../support/feed-messages.ts'

const stranger = generateKey()

function flipSignature(text: string): string {
  const at = text.length - 10
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
}

function swapPayload(text: string, other: string): string {
  const [head, , signature] = text.split('.')
  return [head, other.split('.')[1], signature].join('.')
}

const revoke = [device('d-1', 'revoked')]

test.each([
  { title: 'a signature with one bit changed', text: flipSignature(signChange(11, revoke)), error: 'feed_signature' },
  { title: 'the payload of another message', text: swapPayload(signChange(11, []), signChange(11, revoke)), error: 'feed_signature' },
  { title: 'a key that nobody published', text: sign({ kind: 'change', revision: 11, previous: 10 }, { key: stranger }), error: 'feed_key_unknown' },
  {
    title: 'its own key in the header',
    text: sign({ revision: 12, entries: [{ kind: 'keys', keys: [feedKey(stranger)] }] }, { key: stranger }),
    error: 'feed_key_unknown',
  },
  { title: 'the type of an access token', text: sign({ revision: 12 }, { typ: 'at+jwt' }), error: 'feed_type' },
  { title: 'no signature at all', text: `${sign({ revision: 12 }).split('.').slice(0, 2).join('.')}.`, error: 'feed_malformed' },
  { title: 'another issuer', text: signChange(11, revoke, { iss: 'https://evil.example.test' }), error: 'feed_issuer' },
  { title: 'the issuer with a slash', text: signChange(11, revoke, { iss: `${ISSUER}/` }), error: 'feed_issuer' },
  { title: 'another resource server', text: signChange(11, revoke, { aud: 'https://amps.example.test' }), error: 'feed_audience' },
  { title: 'a list of audiences with ours in it', text: signChange(11, revoke, { aud: [AUDIENCE] }), error: 'feed_audience' },
  { title: 'a time 61 s ahead', text: signChange(11, revoke, { iat: NOW + 61 }), error: 'feed_from_the_future' },
  { title: 'TR20: an older snapshot that answered another request', text: sign({ revision: 9, nonce: 'nonce-of-before' }), error: 'feed_not_fresh' },
  { title: 'TR20: a newer snapshot that answered another request', text: sign({ revision: 12, nonce: 'nonce-of-before' }), error: 'feed_not_fresh' },
  { title: 'TR20: a snapshot without a nonce', text: sign({ revision: 12, nonce: '' }), error: 'feed_not_fresh' },
  { title: 'TR20: a heartbeat of another stream', text: sign({ kind: 'heartbeat', previous: 10, nonce: 'nonce-of-before' }), error: 'feed_not_fresh' },
  { title: 'TR20: a change of another stream', text: signChange(11, revoke, { nonce: 'nonce-of-before' }), error: 'feed_not_fresh' },
  { title: 'TR20: a nonce that is no string', text: signChange(11, revoke, { nonce: 7 }), error: 'feed_malformed' },
  { title: 'TR20: a change of another incarnation', text: signChange(11, revoke, { incarnation: 'incarnation-2' }), error: 'feed_other_incarnation' },
  {
    title: 'TR20: a heartbeat of another incarnation, at our revision',
    text: sign({ kind: 'heartbeat', previous: 10, incarnation: 'incarnation-2' }),
    error: 'feed_other_incarnation',
  },
  { title: 'TR20: a change that follows another log', text: signChange(11, revoke, { previous_digest: 'other' }), error: 'feed_other_log' },
  { title: 'TR20: a heartbeat of another log', text: sign({ kind: 'heartbeat', previous: 10, digest: 'other' }), error: 'feed_other_log' },
  { title: 'TR20: a message without an incarnation', text: signChange(11, revoke, { incarnation: undefined }), error: 'feed_malformed' },
  { title: 'TR20: a message without a digest', text: signChange(11, revoke, { digest: undefined }), error: 'feed_malformed' },
  { title: 'the revision again, as a change', text: signChange(10, revoke), error: 'feed_gap' },
  { title: 'a revision left out', text: signChange(12, revoke), error: 'feed_gap' },
  { title: 'a change that claims to follow, to an older revision', text: signChange(9, revoke, { previous: 10 }), error: 'feed_revision_went_back' },
  { title: 'a heartbeat of a revision that we never had', text: sign({ kind: 'heartbeat', revision: 11, previous: 11 }), error: 'feed_gap' },
  { title: 'a heartbeat of an older revision', text: sign({ kind: 'heartbeat', revision: 9, previous: 9 }), error: 'feed_revision_went_back' },
  { title: 'a heartbeat from another issuer', text: sign({ kind: 'heartbeat', iss: 'https://evil.example.test' }), error: 'feed_issuer' },
  { title: 'a heartbeat with something in it', text: sign({ kind: 'heartbeat', entries: revoke }), error: 'feed_malformed' },
  { title: 'an unknown kind of message', text: sign({ kind: 'advice', revision: 11 }), error: 'feed_malformed' },
  {
    title: 'an unknown kind of entry',
    text: sign({ kind: 'change', revision: 11, previous: 10, entries: [...revoke, { kind: 'guardrail' }] }),
    error: 'feed_malformed',
  },
  {
    title: 'an entry kind that every object has',
    text: sign({ kind: 'change', revision: 11, previous: 10, entries: [{ kind: 'constructor' }] }),
    error: 'feed_malformed',
  },
  {
    title: 'a device without its epoch',
    text: sign({ kind: 'change', revision: 11, previous: 10, entries: [{ ...device('d-2'), epoch: undefined }] }),
    error: 'feed_malformed',
  },
  { title: 'an artifact that is a path', text: signChange(11, [owner('alice', 2, '../../etc/passwd')]), error: 'feed_malformed' },
  { title: 'an empty list of keys', text: signChange(11, [{ kind: 'keys', keys: [] }]), error: 'feed_malformed' },
  { title: 'a revision that is no whole number', text: sign({ revision: 10.5 }), error: 'feed_malformed' },
  { title: 'a revision past what numbers can count', text: sign({ revision: 2 ** 53 }), error: 'feed_malformed' },
  { title: 'text that is no JWS', text: '<html>', error: 'feed_malformed' },
])('$title is refused and changes nothing', ({ text, error }) => {
  const keeper = createFilledKeeper()
  const before = keeper.current()
  expect(take(keeper, text, NOW)).toEqual({ ok: false, error })
  expect(keeper.current()).toBe(before)
  expect(keeper.heard()?.signedAt).toBe(NOW)
})

test.each([
  { title: 'an earlier revision of the same incarnation', changes: { revision: 4 } },
  { title: 'an earlier revision of another incarnation', changes: { revision: 4, incarnation: 'incarnation-2' } },
  { title: 'the same revision of another log', changes: { digest: 'other' } },
  { title: 'a later revision of another incarnation', changes: { revision: 40, incarnation: 'incarnation-2' } },
])('TR20: a fresh snapshot at $title is taken, and nothing of before is left', ({ changes }) => {
  const keeper = createFilledKeeper()
  expect(take(keeper, sign({ entries: [device('d-2')], ...changes }), NOW).ok).toBe(true)
  expect([...(keeper.current()?.devices.keys() ?? [])]).toEqual(['d-2'])
  expect(keeper.current()).toMatchObject(changes)
  // What was true of the database before says nothing any more.
  expect(take(keeper, signChange(11, revoke), NOW).ok).toBe(false)
})

test.each([
  { title: 'a snapshot in a stream', text: sign({ revision: 4 }), of: 'stream' },
  { title: 'a change instead of a snapshot', text: signChange(11, revoke), of: 'snapshot' },
  { title: 'a heartbeat instead of a snapshot', text: sign({ kind: 'heartbeat', previous: 10 }), of: 'snapshot' },
] as const)('TR20: $title is refused', ({ text, of }) => {
  const keeper = createFilledKeeper()
  const before = keeper.current()
  expect(keeper.take(text, { now: NOW, answers: { of, nonce: NONCE } })).toEqual({ ok: false, error: 'feed_unexpected_kind' })
  expect(keeper.current()).toBe(before)
})

test('the same message with nothing wrong is taken', () => {
  const keeper = createFilledKeeper()
  expect(take(keeper, signChange(11, revoke), NOW).ok).toBe(true)
  expect(keeper.current()?.devices.get('d-1')?.status).toBe('revoked')
})

test('a message 60 s ahead is taken, but does not make the state look newer than now', () => {
  const keeper = createFilledKeeper()
  expect(take(keeper, signChange(11, [], { iat: NOW + 60 }), NOW).ok).toBe(true)
  expect(keeper.heard()?.signedAt).toBe(NOW)
})

test('an old heartbeat or snapshot told again keeps nothing fresh', () => {
  const keeper = createFilledKeeper()
  const heartbeat = sign({ kind: 'heartbeat' })
  const snapshot = sign({ entries: [{ kind: 'keys', keys: [feedKey(KEY)] }, device('d-1')] })
  for (const text of [heartbeat, snapshot]) expect(take(keeper, text, NOW + 900).ok).toBe(true)
  expect(keeper.heard()?.signedAt).toBe(NOW)
})

test('a change told again after it was taken is refused', () => {
  const keeper = createFilledKeeper()
  const text = signChange(11, [device('d-1')])
  expect(take(keeper, text, NOW).ok).toBe(true)
  expect(take(keeper, signChange(12, revoke), NOW).ok).toBe(true)
  expect(take(keeper, text, NOW)).toEqual({ ok: false, error: 'feed_revision_went_back' })
  expect(keeper.current()?.devices.get('d-1')?.status).toBe('revoked')
})

test('a key that is no longer published signs nothing any more', () => {
  const keeper = createFilledKeeper()
  const next = generateKey()
  expect(take(keeper, signChange(11, [{ kind: 'keys', keys: [feedKey(next)] }]), NOW).ok).toBe(true)
  expect(take(keeper, signChange(12, revoke), NOW)).toEqual({ ok: false, error: 'feed_key_unknown' })
  expect(take(keeper, sign({ kind: 'change', revision: 12, previous: 11 }, { key: next }), NOW).ok).toBe(true)
})

test('a published key counts only under its own thumbprint', () => {
  const keeper = createFilledKeeper()
  const keys = [feedKey(KEY), { ...feedKey(stranger), kid: 'friendly-name' }]
  expect(take(keeper, signChange(11, [{ kind: 'keys', keys }]), NOW).ok).toBe(true)
  expect([...(keeper.current()?.keys.keys() ?? [])]).toEqual([KEY.kid])
})
