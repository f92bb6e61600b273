// When to come back to an authz server that is away. Knows nothing of what is asked there.
import { FEED_RETRY_FIRST_MILLISECONDS, FEED_RETRY_MAX_MILLISECONDS } from '../limits.ts'

/** Doubles up to a limit; half of it by chance, so that many sidecars do not come back at one instant. */
export function retryMilliseconds(failures: number, chance: Uint8Array): number {
  const full = Math.min(FEED_RETRY_MAX_MILLISECONDS, FEED_RETRY_FIRST_MILLISECONDS * 2 ** Math.min(failures - 1, 20))
  return full * (0.5 + (chance[0] ?? 0) / 512)
}

/** Ends early when the signal is aborted. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done, { once: true })
  })
}
