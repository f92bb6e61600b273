// Is this text an access token of ours that still counts: for this audience, not expired, not revoked, its device still its owner's? Looks at no proof.
import type { AccessTokenClaims } from '../../protocol/claims.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import { verifyAccessToken } from '../../protocol/verify-access-token.ts'
import type { Context } from '../context.ts'

export async function findLiveToken(
  context: Context,
  { text, audience }: { readonly text: string; readonly audience: string },
  now: EpochSeconds,
): Promise<AccessTokenClaims | undefined> {
  const verified = verifyAccessToken(text, { issuer: context.config.issuer, audience, findKey: context.keyring.find }, now)
  if (!verified.ok || (await context.store.read.revocations.isRevoked(verified.value))) return undefined
  const { device_id: deviceId, epoch, sub } = verified.value
  if (deviceId === undefined) return verified.value
  const device = await context.store.read.devices.find(deviceId)
  const isTheirs = device !== undefined && device.status === 'active' && device.owner === sub && device.epoch === epoch
  return isTheirs ? verified.value : undefined
}
