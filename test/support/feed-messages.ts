// Feed messages of a made-up authz server, signed for real; every member can be made wrong.
import { FEED_MESSAGE_TYPE, type FeedEntry, type FeedKey } from '../../protocol/feed/messages.ts'
import { type SigningKey, signJws } from '../../protocol/jws.ts'
import { createFeedKeeper, type FeedKeeper } from '../../sidecar/feed/feed-keeper.ts'
import { buildKeys } from '../../sidecar/feed/feed-state.ts'
import { generateSigningKey } from '../../system/generate-key.ts'

export const ISSUER = 'https://authz.example.test'
export const AUDIENCE = 'https://guitars.example.test'
export const NOW = 1_800_000_000
export const DIGEST = 'A'.repeat(43)
export const NONCE = 'nonce-of-the-request'
export const INCARNATION = 'incarnation-1'

/** Of the log up to that revision. */
export function logDigest(revision: number): string {
  return `log-digest-${revision}`
}

export function generateKey(): SigningKey {
  return generateSigningKey()
}

export const KEY = generateKey()

export function feedKey(key: SigningKey): FeedKey {
  return { ...key.jwk, kid: key.kid, alg: key.alg }
}

/** A message that is right unless `wrong` says otherwise. */
export function sign(wrong: Readonly<Record<string, unknown>> = {}, how: { readonly key?: SigningKey; readonly typ?: string } = {}): string {
  const { revision = 10, kind = 'snapshot', previous = 0 } = wrong
  const log = { digest: logDigest(Number(revision)), previous_digest: kind === 'snapshot' ? '' : logDigest(Number(previous)) }
  const fresh = { nonce: NONCE, incarnation: INCARNATION }
  const payload = { iss: ISSUER, aud: AUDIENCE, iat: NOW, ...fresh, kind, revision, ...log, previous, entries: [], ...wrong }
  return signJws(how.key ?? KEY, { typ: how.typ ?? FEED_MESSAGE_TYPE, payload })
}

export function signChange(revision: number, entries: readonly FeedEntry[], wrong: Readonly<Record<string, unknown>> = {}): string {
  return sign({ kind: 'change', revision, previous: revision - 1, entries, ...wrong })
}

export function device(id: string, status: 'active' | 'revoked' = 'active'): FeedEntry {
  return { kind: 'device', id, status, owner: status === 'active' ? 'alice' : null, epoch: 1 }
}

export function owner(id: string, policy_revision: number, artifact: string | null = DIGEST): FeedEntry {
  return { kind: 'owner', owner: id, policy_revision, artifact }
}

/** Trusts KEY and has taken a snapshot of revision 10 with one active device. */
export function createFilledKeeper(onChange: Parameters<typeof createFeedKeeper>[0]['onChange'] = () => {}): FeedKeeper {
  const keeper = createFeedKeeper({ issuer: ISSUER, audience: AUDIENCE, monotonic: () => 0, onChange })
  keeper.trust(buildKeys([feedKey(KEY)]))
  const taken = keeper.take(sign({ entries: [{ kind: 'keys', keys: [feedKey(KEY)] }, device('d-1')] }), { now: NOW, answers: { of: 'snapshot', nonce: NONCE } })
  if (!taken.ok) throw new Error(taken.error)
  return keeper
}

/** The message comes at that time, in answer to the request that NONCE was sent with: for a snapshot if it is one, for a stream otherwise. */
export function take(keeper: FeedKeeper, text: string, now: number): ReturnType<FeedKeeper['take']> {
  const of = kindOf(text) === 'snapshot' ? 'snapshot' : 'stream'
  return keeper.take(text, { now, answers: { of, nonce: NONCE } })
}

function kindOf(text: string): unknown {
  try {
    return (JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString()) as { kind?: unknown }).kind
  } catch {
    return undefined
  }
}
