// The next signing key takes over, and a new next one is announced to sidecars long before it signs.
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'

/** The `kid` that signs from now on. Everybody knows it: it was published as the next one. */
export async function rotateKeys(context: Context, now: EpochSeconds): Promise<string> {
  context.keyring.rotate(now)
  await announceKeys(context, now)
  const { kid } = context.keyring.active()
  context.ports.log.info('keys_rotated', { kid })
  return kid
}

/** Also said at each start: a stop between rotating and telling must not leave a key that sidecars never heard of. */
export async function announceKeys(context: Context, now: EpochSeconds): Promise<void> {
  await context.store.transaction(({ feedLog }) => feedLog.append([{ kind: 'keys', keys: context.keyring.published() }], now))
}
