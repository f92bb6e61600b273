// A person typed a code: what waits behind it? Within limits per account, per network and in total. Shows nothing that is not theirs to answer.
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { LimitSeconds } from '../people/attempt-limit.ts'
import { SLOW_DOWN_RETRY_SECONDS } from '../people/slow-down.ts'
import { isWaiting } from './pairing.ts'
import { CODE_TRIES, OPENED_MAX_OF_PERSON } from './pairing-limits.ts'
import { buildPendingPairing, type PendingPairing } from './pending-pairing.ts'
import { type ImpossibleCharacter, readTypedCode } from './typed-code.ts'
import { hashUserCode } from './user-code.ts'

export interface TypedCode {
  /** As typed. */
  readonly userCode: string
  readonly personId: string
  /** Names the account for counting. */
  readonly sessionKey: string
  readonly address: string
}

/** Unknown, used and not-yours look the same (attack row V11). Only `code_wrong` costs a try. */
export type CodeRefusal =
  | { readonly reason: 'code_wrong'; readonly triesLeft: number }
  | { readonly reason: 'code_expired' }
  /** It has more or fewer letters than a code. */
  | { readonly reason: 'code_length' }
  | { readonly reason: 'code_impossible'; readonly characters: readonly ImpossibleCharacter[] }
  | { readonly reason: 'too_many_tries'; readonly waitSeconds: number }

export async function lookUpCode(context: Context, typed: TypedCode, now: EpochSeconds): Promise<Result<PendingPairing, CodeRefusal>> {
  const { triesOfSession } = context.pairingLimits
  const { sessionKey } = typed
  const at = context.ports.monotonic() / 1000
  if (triesOfSession.left(sessionKey, at) <= 0) return err({ reason: 'too_many_tries', waitSeconds: triesOfSession.waitSeconds(sessionKey, at) })
  const read = readTypedCode(typed.userCode)
  // What can be no code tells nothing about codes.
  if (read.kind === 'impossible') return err({ reason: 'code_impossible', characters: read.characters })
  if (read.kind === 'no_code') return err({ reason: 'code_length' })
  const tried = await takeTry(context, typed, at)
  if (!tried.ok) return tried
  const found = await find(context, { code: read.code, personId: typed.personId }, now)
  if (found === undefined) {
    context.ports.log.info('user_code_wrong', { address: typed.address })
    return err(tried.value.refusal ?? { reason: 'code_wrong', triesLeft: Math.max(0, triesOfSession.left(sessionKey, at)) })
  }
  tried.value.giveBack()
  if (found === 'expired') return err({ reason: 'code_expired' })
  await context.store.transaction(({ pairings }) => pairings.noteOpened(found.id, { personId: typed.personId, now, most: OPENED_MAX_OF_PERSON }))
  return ok(found)
}

interface Try {
  /** What a wrong code gets in place of the usual answer. */
  readonly refusal: CodeRefusal | undefined
  giveBack(): void
}

/**
 * Counted before the code is looked at, so that simultaneous tries cannot get past the limit. If others in the same network, or in all
 * networks, have used up the tries, a person who has not made a mistake still gets one, and only a correct code is answered.
 */
async function takeTry(context: Context, { sessionKey, address }: TypedCode, at: LimitSeconds): Promise<Result<Try, CodeRefusal>> {
  const { triesOfSession, triesOfAddress, triesOfAll, slowDown } = context.pairingLimits
  const madeNoMistake = triesOfSession.left(sessionKey, at) === CODE_TRIES
  const isOfAddress = triesOfAddress.take(address, at)
  const isOfAll = triesOfAll.take('all', at)
  const giveBack = () => {
    triesOfSession.giveBack(sessionKey, at)
    if (isOfAddress) triesOfAddress.giveBack(address, at)
    if (isOfAll) triesOfAll.giveBack('all', at)
  }
  triesOfSession.take(sessionKey, at)
  const waits = [...(isOfAddress ? [] : [triesOfAddress.waitSeconds(address, at)]), ...(isOfAll ? [] : [triesOfAll.waitSeconds('all', at)])]
  const refusal = waits.length === 0 ? undefined : ({ reason: 'too_many_tries', waitSeconds: Math.max(...waits) } as const)
  if (refusal !== undefined && !madeNoMistake) {
    giveBack()
    return err(refusal)
  }
  if (triesOfAddress.isSlow(address, at) && !(await slowDown.pause(sessionKey))) {
    giveBack()
    return err({ reason: 'too_many_tries', waitSeconds: SLOW_DOWN_RETRY_SECONDS })
  }
  return ok({ refusal, giveBack })
}

/** The same work for every kind of wrong code: one hash, one query each. */
async function find(
  context: Context,
  { code, personId }: { readonly code: string; readonly personId: string },
  now: EpochSeconds,
): Promise<PendingPairing | 'expired' | undefined> {
  const pairing = await context.store.read.pairings.findByUserCode(hashUserCode(code, context.codeKey))
  const device = await context.store.read.devices.find(pairing?.deviceId ?? '')
  if (pairing === undefined || pairing.status !== 'pending') return undefined
  if (device !== undefined && (device.status !== 'active' || (device.owner !== null && device.owner !== personId))) return undefined
  return isWaiting(pairing, now) ? buildPendingPairing(context, pairing, device) : 'expired'
}
