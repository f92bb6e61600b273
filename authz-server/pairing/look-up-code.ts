// A person typed a code: what asks? Within limits, and without telling whether a wrong code never was, was used, or is over.
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { buildAddressKey } from '../people/address-key.ts'
import { renderTemplate } from '../registry/render-template.ts'
import { isDecidable, type Pairing } from './pairing.ts'
import { formatUserCode, hashUserCode, parseUserCode } from './user-code.ts'

export interface CodeAttempt {
  readonly userCode: string
  /** Names the signed-in session, for its limit. */
  readonly sessionKey: string
  readonly address: string
}

/** What the person has to see before they decide (RFC 8628 sections 3.3 and 5.4). */
export interface PendingPairing {
  readonly id: string
  /** As shown, with the dash. */
  readonly userCode: string
  readonly asking:
    | { readonly kind: 'device'; readonly deviceId: string; readonly deviceKind: string; readonly model: string; readonly things: readonly string[] }
    | { readonly kind: 'app'; readonly name: string }
  readonly scope: readonly string[]
  readonly jkt: string
  readonly address: string
  readonly createdAt: EpochSeconds
  readonly expiresAt: EpochSeconds
}

export type LookUpRefusal = { readonly reason: 'code_wrong'; readonly triesLeft: number } | { readonly reason: 'too_many_tries'; readonly waitSeconds: number }

export async function lookUpCode(context: Context, attempt: CodeAttempt, now: EpochSeconds): Promise<Result<PendingPairing, LookUpRefusal>> {
  const { guessesBySession, guessesByAddress, guessesByAll } = context.pairingLimits
  const counts = [
    { limit: guessesBySession, key: attempt.sessionKey },
    { limit: guessesByAddress, key: buildAddressKey(attempt.address) },
    { limit: guessesByAll, key: 'all' },
  ]
  for (const { limit, key } of counts) {
    if (!limit.take(key, now)) return err({ reason: 'too_many_tries', waitSeconds: limit.waitSeconds(key, now) })
  }
  const found = await findPending(context, attempt.userCode, now)
  if (found === undefined) {
    context.ports.log.info('user_code_wrong', { address: attempt.address })
    return err({ reason: 'code_wrong', triesLeft: guessesBySession.left(attempt.sessionKey, now) })
  }
  for (const { limit, key } of counts) limit.giveBack(key, now)
  return ok(found)
}

async function findPending(context: Context, typed: string, now: EpochSeconds): Promise<PendingPairing | undefined> {
  // A text that cannot be a code is looked up all the same: an answer tells nothing by its time.
  const code = parseUserCode(typed) ?? ''
  const pairing = await context.store.read.pairings.findByUserCode(hashUserCode(code, context.codeSecret))
  return pairing && isDecidable(pairing, now) ? describe(context, pairing, code) : undefined
}

async function describe(context: Context, pairing: Pairing, code: string): Promise<PendingPairing | undefined> {
  const asking = pairing.deviceId === null ? describeApp(context, pairing) : await describeDevice(context, pairing.deviceId)
  if (asking === undefined) return undefined
  const { id, scope, jkt, address, createdAt, expiresAt } = pairing
  return { id, userCode: formatUserCode(code), asking, scope, jkt, address, createdAt, expiresAt }
}

function describeApp(context: Context, pairing: Pairing): PendingPairing['asking'] | undefined {
  const client = context.config.clients.find(({ client_id }) => client_id === pairing.clientId)
  return client && { kind: 'app', name: client.name }
}

async function describeDevice(context: Context, deviceId: string): Promise<PendingPairing['asking'] | undefined> {
  const device = await context.store.read.devices.find(deviceId)
  if (device === undefined) return undefined
  const templates = context.config.device_types.filter(({ kind }) => kind === device.kind).flatMap(({ resources }) => resources)
  return {
    kind: 'device',
    deviceId,
    deviceKind: device.kind,
    model: device.model,
    things: templates.map(({ name }) => renderTemplate(name, deviceId)),
  }
}
