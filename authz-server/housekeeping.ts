// Forgets what can no longer matter, every minute: ended tokens, codes, revocations and old feed changes. Nothing that is alive.
import type { Context } from './context.ts'
import { PAIRING_KEPT_SECONDS } from './pairing/pairing.ts'
import { RPT_LIFETIME_SECONDS } from './tokens/build-access-token.ts'

export const HOUSEKEEPING_INTERVAL_SECONDS = 60
/** A sidecar that was away for longer takes a snapshot. */
export const FEED_LOG_KEPT_SECONDS = 86_400

/** The timer alone keeps no process alive. */
export function startHousekeeping(context: Context): { readonly stop: () => void } {
  const timer = setInterval(() => {
    keepHouse(context).catch((fault: unknown) => context.ports.log.error('housekeeping_fault', { fault: String(fault) }))
  }, HOUSEKEEPING_INTERVAL_SECONDS * 1000)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

export async function keepHouse(context: Context): Promise<void> {
  const now = context.ports.clock()
  await context.store.transaction(async (repositories) => {
    const { pairings, refreshTokens, revocations, feedLog, rptGrants, tickets, usedAssertions, accessRequests, passwordResets } = repositories
    await pairings.prune(now - PAIRING_KEPT_SECONDS)
    await refreshTokens.prune(now)
    await revocations.prune(now)
    await feedLog.prune(now - FEED_LOG_KEPT_SECONDS)
    await rptGrants.prune(now - 2 * RPT_LIFETIME_SECONDS)
    await tickets.prune(now)
    await usedAssertions.prune(now)
    await accessRequests.closeStale(now)
    await passwordResets.prune(now)
  })
}
