// A device or an app asks to speak for a person (RFC 8628 section 3.1, 3.2). Makes the two codes; what it may do is decided by a person later.
import type { Proof } from '../../protocol/dpop/verify-proof.ts'
import { buildBase64url, sha256Base64url } from '../../protocol/encoding.ts'
import type { DeviceAuthorizationResponse } from '../../protocol/oauth/messages.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { findDeviceType, listAbilities } from '../registry/device-type.ts'
import type { AuthenticatedClient } from '../steps/authenticated-client.ts'
import type { Pairing, PairingsRepository, WaitingCodes } from '../store/pairings-repository.ts'
import { PAIRING_KEPT_SECONDS, PAIRING_LIFETIME_SECONDS, POLL_INTERVAL_SECONDS } from './pairing.ts'
import { WAITING_MAX, WAITING_MAX_OF_DEVICE } from './pairing-limits.ts'
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
  const limited = takeStart(context, start)
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

function takeStart(context: Context, { client, address }: PairingStart): StartRefusal | undefined {
  const { startsOfDevice, startsOfAddress } = context.pairingLimits
  const at = context.ports.monotonic() / 1000
  const [limit, key] = client.device === undefined ? [startsOfAddress, address] : [startsOfDevice, client.device.jkt]
  return limit.take(key, at) ? undefined : { reason: 'too_many_pairings', waitSeconds: limit.waitSeconds(key, at) }
}

/** Whose places for waiting codes it takes. A registered device and a client that signs its requests are known; anyone can call as a public client. */
function findAsker({ client }: PairingStart): WaitingCodes['askedBy'] {
  if (client.device !== undefined) return 'device'
  return client.authentication === 'none' ? 'public' : 'client'
}

/** Ends the oldest waiting codes of the same kind that no person has open. False if there is no place even so. */
async function makePlace(pairings: PairingsRepository, start: PairingStart, now: EpochSeconds): Promise<boolean> {
  const askedBy = findAsker(start)
  const openedSince = now - PAIRING_LIFETIME_SECONDS
  const deviceId = start.client.device?.id
  const places = [
    ...(deviceId === undefined ? [] : [{ of: { askedBy, deviceId }, most: WAITING_MAX_OF_DEVICE }]),
    { of: { askedBy }, most: WAITING_MAX[askedBy] },
  ]
  for (const { of, most } of places) {
    if ((await pairings.countPending(now, of)) < most) continue
    if (!(await pairings.endOldestWaiting(of, { now, openedSince }))) return false
  }
  return true
}

/** The user code; undefined when every place is taken by a code that a person has open. */
async function addPairing(
  context: Context,
  { start, deviceCode }: { readonly start: PairingStart; readonly deviceCode: string },
  now: EpochSeconds,
): Promise<string | undefined> {
  const id = buildBase64url(context.ports.randomBytes(PAIRING_ID_BYTES))
  return context.store.transaction(async ({ pairings }) => {
    await pairings.prune(now - PAIRING_KEPT_SECONDS)
    if (!(await makePlace(pairings, start, now))) return undefined
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

function describeStart(start: PairingStart): Pick<Pairing, 'clientId' | 'deviceId' | 'jkt' | 'jwk' | 'scope' | 'address' | 'askedBy'> {
  const { client, proof, scope, address } = start
  const askedBy = findAsker(start)
  return {
    clientId: client.client_id,
    deviceId: client.device?.id ?? null,
    ...(askedBy === 'public' ? {} : { askedBy }),
    jkt: client.device?.jkt ?? proof?.jkt ?? null,
    jwk: proof?.jwk ?? null,
    scope,
    address,
  }
}
