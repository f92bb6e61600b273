import { expect, test } from 'vitest'
import type { FeedEntry, FeedMessage, ResourceEntry } from '../../../../protocol/feed/messages.ts'
import { applyFeedMessage, buildEmptyState, buildKeys, type FeedState } from '../../../../sidecar/feed/feed-state.ts'
import { AUDIENCE, createFilledKeeper, device, feedKey, generateKey, ISSUER, KEY, NOW, owner, sign, signChange, take } from '../../../support/feed-messages.ts'

const EMPTY = buildEmptyState(buildKeys([feedKey(KEY)]))

const POSITION = { nonce: '', incarnation: 'i', digest: 'd', previous_digest: 'd' }

function apply(state: FeedState, entries: readonly FeedEntry[], kind: FeedMessage['kind'] = 'change', now = NOW): FeedState {
  return applyFeedMessage(
    state,
    { iss: ISSUER, aud: AUDIENCE, iat: now, kind, ...POSITION, revision: state.revision + 1, previous: state.revision, entries },
    now,
  )
}

function resource(id: string, key: string): ResourceEntry {
  return { kind: 'resource', id, key, name: key, type: 'guitar', tags: [], resource_scopes: ['read'], owner: 'alice', device_id: null }
}

test('a change makes a new state and leaves the old one as it was', () => {
  const before = apply(EMPTY, [device('d-1'), owner('alice', 1)])
  const after = apply(before, [device('d-1', 'revoked')])
  expect(before.devices.get('d-1')).toMatchObject({ status: 'active' })
  expect(after.devices.get('d-1')).toMatchObject({ status: 'revoked' })
  expect(after.owners).toBe(before.owners)
  expect([before.revision, after.revision]).toEqual([1, 2])
})

test('applying the same entries twice is the same as once', () => {
  const entries: FeedEntry[] = [device('d-1'), owner('alice', 1), resource('r-1', 'k'), { kind: 'resource_removed', id: 'r-0' }]
  const once = apply(EMPTY, entries)
  expect({ ...apply(once, entries), revision: 0 }).toEqual({ ...once, revision: 0 })
})

test('a snapshot forgets all that it does not say, but the keys', () => {
  const before = apply(EMPTY, [device('d-1'), owner('alice', 1), resource('r-1', 'k'), { kind: 'revocation', of: 'token', id: 'j', expires_at: NOW + 9 }])
  const after = apply(before, [device('d-2')], 'snapshot')
  expect([after.owners.size, after.resources.size, after.resourcesByKey.size, after.revokedTokens.size]).toEqual([0, 0, 0, 0])
  expect([...after.devices.keys()]).toEqual(['d-2'])
  expect([...after.keys.keys()]).toEqual([KEY.kid])
})

test.each([
  { title: 'a new id takes over a key', entries: [resource('r-2', 'k')], byKey: { k: 'r-2' } },
  { title: 'the old holder goes after the new one came', entries: [resource('r-2', 'k'), { kind: 'resource_removed', id: 'r-1' }], byKey: { k: 'r-2' } },
  { title: 'the old holder goes before the new one comes', entries: [{ kind: 'resource_removed', id: 'r-1' }, resource('r-2', 'k')], byKey: { k: 'r-2' } },
  { title: 'one id changes its key', entries: [resource('r-1', 'new')], byKey: { new: 'r-1' } },
  { title: 'a resource goes', entries: [{ kind: 'resource_removed', id: 'r-1' }], byKey: {} },
  { title: 'a resource goes that nobody knew', entries: [{ kind: 'resource_removed', id: 'r-9' }], byKey: { k: 'r-1' } },
] satisfies { title: string; entries: FeedEntry[]; byKey: object }[])('look-up by key stays right when $title', ({ entries, byKey }) => {
  const state = apply(apply(EMPTY, [resource('r-1', 'k')]), entries)
  expect(Object.fromEntries([...state.resourcesByKey].map(([key, found]) => [key, found.id]))).toEqual(byKey)
})

test('a revocation is kept until the second before its end', () => {
  const entries: FeedEntry[] = [
    { kind: 'revocation', of: 'token', id: 'j', expires_at: NOW + 10 },
    { kind: 'revocation', of: 'grant', id: 'g', expires_at: NOW + 10 },
  ]
  const state = apply(EMPTY, entries)
  const held = apply(state, [device('d-1')], 'change', NOW + 9)
  expect([held.revokedTokens.has('j'), held.revokedGrants.has('g')]).toEqual([true, true])
  const dropped = apply(state, [device('d-1')], 'change', NOW + 10)
  expect([dropped.revokedTokens.size, dropped.revokedGrants.size]).toEqual([0, 0])
})

test('a name that every object has is only a name', () => {
  const state = apply(EMPTY, [owner('__proto__', 1), device('constructor')])
  expect([state.owners.get('__proto__')?.policy_revision, state.devices.get('constructor')?.status]).toEqual([1, 'active'])
  expect(state.owners.get('toString')).toBeUndefined()
})

test('rotated keys are in force from their message on', () => {
  const keeper = createFilledKeeper()
  const next = generateKey()
  const rotation = signChange(11, [{ kind: 'keys', keys: [feedKey(KEY), feedKey(next)] }])
  expect(take(keeper, rotation, NOW).ok).toBe(true)
  expect(take(keeper, sign({ kind: 'change', revision: 12, previous: 11 }, { key: next }), NOW).ok).toBe(true)
  expect(keeper.current()?.revision).toBe(12)
})

test('a snapshot after a gap is taken, and is the new start', () => {
  const keeper = createFilledKeeper()
  expect(take(keeper, signChange(13, []), NOW)).toEqual({ ok: false, error: 'feed_gap' })
  expect(take(keeper, sign({ revision: 13, entries: [device('d-3')] }), NOW).ok).toBe(true)
  expect(take(keeper, signChange(14, []), NOW).ok).toBe(true)
  expect([...(keeper.current()?.devices.keys() ?? [])]).toEqual(['d-3'])
})
