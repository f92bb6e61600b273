// Starts a pairing for a client that has proven its key: two codes out, their hashes kept (RFC 8628 section 3.2).
import { randomUUID } from 'node:crypto'
import type { Proof } from '../../protocol/dpop/verify-proof.ts'
import { buildBase64url, sha256Base64url } from '../../protocol/encoding.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { PAIRING_LIFETIME_SECONDS, POLL_INTERVAL_SECONDS } from './pairing.ts'
import { generateUserCode, hashUserCode } from './user-code.ts'

const DEVICE_CODE_BYTES = 32
/** Two live codes are alike once in 20^8 times the number alive. */
const CODE_TRIES_MAX = 5

export interface PairingStart {
  readonly clientId: string
  readonly deviceId: string | null
  readonly proof: Proof
  readonly scope: readonly string[]
  readonly address: string
}

export interface StartedPairing {
  readonly deviceCode: string
  /** Eight letters without the dash. */
  readonly userCode: string
}

export async function startPairing(context: Context, start: PairingStart, now: EpochSeconds): Promise<StartedPairing> {
  const { randomBytes } = context.ports
  return context.store.transaction(async ({ pairings }) => {
    if (start.deviceId !== null) await pairings.dropPendingOfDevice(start.deviceId)
    for (let tries = 0; tries < CODE_TRIES_MAX; tries += 1) {
      const deviceCode = buildBase64url(randomBytes(DEVICE_CODE_BYTES))
      const userCode = generateUserCode(randomBytes)
      const isAdded = await pairings.add({
        id: randomUUID(),
        deviceCodeHash: sha256Base64url(deviceCode),
        userCodeHash: hashUserCode(userCode, context.codeSecret),
        clientId: start.clientId,
        deviceId: start.deviceId,
        jkt: start.proof.jkt,
        jwk: start.proof.jwk,
        scope: start.scope,
        status: 'pending',
        personId: null,
        pollIntervalSeconds: POLL_INTERVAL_SECONDS,
        lastPollAt: null,
        address: start.address,
        createdAt: now,
        expiresAt: now + PAIRING_LIFETIME_SECONDS,
      })
      if (isAdded) return { deviceCode, userCode }
    }
    throw new Error('no free user code was found')
  })
}
