// A device or an app asks to speak for a person (RFC 8628 section 3.1, 3.2). Makes the two codes; what it may do is decided by a person later.
import type { Proof } from '../../protocol/dpop/verify-proof.ts'
import { buildBase64url, sha256Base64url } from '../../protocol/encoding.ts'
import type { DeviceAuthorizationResponse } from '../../protocol/oauth/messages.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { buildAddressKey } from '../people/address-key.ts'
import { findDeviceType, listAbilities } from '../registry/device-type.ts'
import type { AuthenticatedClient } from '../steps/authenticated-client.ts'
import type { Pairing } from '../store/pairings-repository.ts'
import { PAIRING_KEPT_SECONDS, PAIRING_LIFETIME_SECONDS, POLL_INTERVAL_SECONDS } from './pairing.ts'
import { PAIRINGS_MAX_PENDING } from './pairing-limits.ts'
import { generateUserCode, hashUserCode } from './user-code.ts'

const DEVICE_CODE_BYTES = 32
const PAIRING_ID_BYTES = 16
/** Says what kind of one-time secret it is, so that no other kind can be taken for it. */
const DEVICE_CODE_PREFIX = 'device_code_'
const CODE_TRIES_MAX = 5

/** The one scope of apps: to say who their person is. What they reach is asked for with tickets. */
const APP_SCOPES = ['openid']

export interface PairingStart {
  readonly client: AuthenticatedClient
  /** Undefined if the client may prove its key later. */
  readonly proof: Proof | undefined
  /** Empty: all that it can have. */
  readonly scope: readonly string[]
  readonly address: string
}

export type StartRefusal = { readonly reason: 'unauthorized_client' | 'invalid_scope' } | { readonly reason: 'too_many_pairings'; readonly waitSeconds: number }

export function hashDeviceCode(text: string): string {
  return sha256Base64url(text)
}

export async function startPairing(context: Context, start: PairingStart, now: EpochSeconds): Promise<Result<DeviceAuthorizationResponse, StartRefusal>> {
  const offered = listOfferedScopes(context, start.client)
  if (offered.length === 0) return err({ reason: 'unauthorized_client' })
  if (!start.scope.every((scope) => offered.includes(scope))) return err({ reason: 'invalid_scope' })
  const limited = takeStart(context, start, now)
  if (limited !== undefined) return err(limited)
  const deviceCode = DEVICE_CODE_PREFIX + buildBase64url(context.ports.randomBytes(DEVICE_CODE_BYTES))
  const scope = start.scope.length === 0 ? offered : start.scope
  const userCode = await addPairing(context, { start: { ...start, scope }, deviceCode }, now)
  if (userCode === undefined) return err({ reason: 'too_many_pairings', waitSeconds: POLL_INTERVAL_SECONDS })
  const verificationUri = `${context.config.issuer}/device`
  return ok({
    device_code: deviceCode,
    user_code: userCode,
    verification_uri: verificationUri,
    verification_uri_complete: `${verificationUri}?user_code=${userCode}`,
    expires_in: PAIRING_LIFETIME_SECONDS,
    interval: POLL_INTERVAL_SECONDS,
  })
}

function listOfferedScopes(context: Context, client: AuthenticatedClient): readonly string[] {
  if (client.device === undefined) return APP_SCOPES.filter((scope) => client.scopes.includes(scope))
  const type = findDeviceType(context.config, client.device.kind)
  return type === undefined ? [] : listAbilities(type)
}

function takeStart(context: Context, { client, address }: PairingStart, now: EpochSeconds): StartRefusal | undefined {
  const { startsOfDevice, startsOfAddress } = context.pairingLimits
  const [limit, key] = client.device === undefined ? [startsOfAddress, buildAddressKey(address)] : [startsOfDevice, client.device.jkt]
  return limit.take(key, now) ? undefined : { reason: 'too_many_pairings', waitSeconds: limit.waitSeconds(key, now) }
}

/** The user code; undefined when too many codes wait for a person already. */
async function addPairing(
  context: Context,
  { start, deviceCode }: { readonly start: PairingStart; readonly deviceCode: string },
  now: EpochSeconds,
): Promise<string | undefined> {
  const id = buildBase64url(context.ports.randomBytes(PAIRING_ID_BYTES))
  return context.store.transaction(async ({ pairings }) => {
    await pairings.prune(now - PAIRING_KEPT_SECONDS)
    if ((await pairings.countPending(now)) >= PAIRINGS_MAX_PENDING) return undefined
    for (let tries = 0; tries < CODE_TRIES_MAX; tries += 1) {
      const userCode = generateUserCode(context.ports.randomBytes)
      const hashes = { deviceCodeHash: hashDeviceCode(deviceCode), userCodeHash: hashUserCode(userCode, context.codeKey) }
      if (await pairings.add({ id, ...hashes, ...describeStart(start), ...LIFE_START, createdAt: now, expiresAt: now + PAIRING_LIFETIME_SECONDS }))
        return userCode
    }
    throw new Error('no free user code was found: the source of randomness repeats itself')
  })
}

const LIFE_START = { status: 'pending', personId: null, pollIntervalSeconds: POLL_INTERVAL_SECONDS, lastPollAt: null } as const

function describeStart({ client, proof, scope, address }: PairingStart): Pick<Pairing, 'clientId' | 'deviceId' | 'jkt' | 'jwk' | 'scope' | 'address'> {
  return {
    clientId: client.client_id,
    deviceId: client.device?.id ?? null,
    jkt: client.device?.jkt ?? proof?.jkt ?? null,
    jwk: proof?.jwk ?? null,
    scope,
    address,
  }
}
