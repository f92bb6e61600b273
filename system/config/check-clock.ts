// A clock that was never set: machines without a battery start in 1970 or at the date of their image. Says so before anything is signed by it.

/** 2025-01-01, before the first release: no right clock shows less. */
export const CLOCK_EARLIEST_SECONDS = 1_735_689_600

/** Undefined for a clock that may be right. */
export function checkClock(nowSeconds: number): string | undefined {
  if (nowSeconds >= CLOCK_EARLIEST_SECONDS) return undefined
  return `the clock of this machine says ${new Date(nowSeconds * 1000).toISOString()}, which is before Latchkey was made. Set it, e.g. by NTP`
}
