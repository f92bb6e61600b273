// A person typed a code: what waits behind it? Within limits per session, per network address and in total. Shows nothing that is not theirs to answer.
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { buildAddressKey } from '../people/address-key.ts'
import type { AttemptLimit } from '../people/attempt-limit.ts'
import { isWaiting } from './pairing.ts'
import { buildPendingPairing, type PendingPairing } from './pending-pairing.ts'
import { hashUserCode, normalizeUserCode } from './user-code.ts'

export interface TypedCode {
  /** As typed. */
  readonly userCode: string
  readonly personId: string
  /** Names the session for counting, e.g. its hash. */
  readonly sessionKey: string
  readonly address: string
}

/** Unknown, expired, used and not-yours look the same (attack row V11). */
export type CodeRefusal = { readonly reason: 'code_wrong'; readonly triesLeft: number } | { readonly reason: 'too_many_tries'; readonly waitSeconds: number }

export async function lookUpCode(context: Context, typed: TypedCode, now: EpochSeconds): Promise<Result<PendingPairing, CodeRefusal>> {
  const counts = listCounts(context, typed)
  for (const [limit, key] of counts) {
    if (limit.left(key, now) <= 0) return err({ reason: 'too_many_tries', waitSeconds: limit.waitSeconds(key, now) })
  }
  // Counted before it is looked at: tries at the same moment cannot slip past the limit.
  for (const [limit, key] of counts) limit.take(key, now)
  const found = await find(context, typed, now)
  if (found === undefined) {
    context.ports.log.info('user_code_wrong', { address: typed.address })
    return err({ reason: 'code_wrong', triesLeft: Math.max(0, Math.min(...counts.map(([limit, key]) => limit.left(key, now)))) })
  }
  for (const [limit, key] of counts) limit.giveBack(key, now)
  return ok(found)
}

function listCounts(context: Context, { sessionKey, address }: TypedCode): readonly (readonly [AttemptLimit, string])[] {
  const { triesOfSession, triesOfAddress, triesOfAll } = context.pairingLimits
  return [
    [triesOfSession, sessionKey],
    [triesOfAddress, buildAddressKey(address)],
    [triesOfAll, 'all'],
  ]
}

/** The same work for every kind of wrong code: one hash, one query each. */
async function find(context: Context, typed: TypedCode, now: EpochSeconds): Promise<PendingPairing | undefined> {
  const hash = hashUserCode(normalizeUserCode(typed.userCode) ?? 'unusable', context.codeKey)
  const pairing = await context.store.read.pairings.findByUserCode(hash)
  const device = await context.store.read.devices.find(pairing?.deviceId ?? '')
  if (pairing === undefined || !isWaiting(pairing, now)) return undefined
  if (device !== undefined && (device.status !== 'active' || (device.owner !== null && device.owner !== typed.personId))) return undefined
  return buildPendingPairing(context, pairing, device)
}
