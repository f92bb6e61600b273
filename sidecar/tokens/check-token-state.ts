// Is a verified token still good by what the feed says: not expired, not revoked, its device active and of the same owner? Reads no signature.
import type { AccessTokenClaims } from '../../protocol/claims.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { FeedState } from '../feed/feed-state.ts'

export type TokenStateRefusal = 'token_expired' | 'token_revoked' | 'device_unknown' | 'device_revoked' | 'device_changed_owner'

export function checkTokenState(claims: AccessTokenClaims, state: FeedState, now: EpochSeconds): Result<void, TokenStateRefusal> {
  if (claims.exp <= now) return err('token_expired')
  if (state.revokedTokens.has(claims.jti) || state.revokedGrants.has(claims.grant_id)) return err('token_revoked')
  if (claims.device_id === undefined) {
    // A token that only a device gets, without the device: nobody could revoke it by the device.
    return claims.epoch === undefined ? ok() : err('device_unknown')
  }
  const device = state.devices.get(claims.device_id)
  if (device === undefined) return err('device_unknown')
  if (device.status !== 'active') return err('device_revoked')
  if (device.owner !== claims.sub || device.epoch !== claims.epoch) return err('device_changed_owner')
  return ok()
}
