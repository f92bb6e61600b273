// The next signing key takes over, and a new next one is announced to sidecars long before it signs.
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { KeyRotation } from '../tokens/keyring.ts'

/** Sidecars learn of the new key by the feed; other APIs already have the one that signs now from `/jwks`, where it was published as the next one. */
export async function rotateKeys(context: Context, now: EpochSeconds): Promise<KeyRotation> {
  const rotation = context.keyring.rotate(now)
  await announceKeys(context, now)
  context.ports.log.info('keys_rotated', { kid: rotation.signing, retired: rotation.retired, next: rotation.next })
  return rotation
}

/** Also said at each start: a stop between rotating and telling must not leave a key that sidecars never heard of. */
export async function announceKeys(context: Context, now: EpochSeconds): Promise<void> {
  await context.store.transaction(({ feedLog }) => feedLog.append([{ kind: 'keys', keys: context.keyring.published() }], now))
}
