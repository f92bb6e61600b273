// When to poll next (RFC 8628 section 3.5). Pure: counts the waiting it orders, so that a device without a right clock ends in time too.

export const DEFAULT_INTERVAL_SECONDS = 5
/** `slow_down` adds this much, for this and all later polls. */
export const SLOW_DOWN_SECONDS = 5
/** Doubling stops here, so that a device notices within a minute that the server is back. */
export const BACK_OFF_MAX_SECONDS = 60

export interface PollSchedule {
  readonly intervalSeconds: number
  /** Failed tries in a row. */
  readonly failures: number
  readonly waitedSeconds: number
  readonly expiresInSeconds: number
}

export type PollEvent = 'pending' | 'slow_down' | 'unreachable'

export function startSchedule(expiresInSeconds: number, intervalSeconds: number = DEFAULT_INTERVAL_SECONDS): PollSchedule {
  return { intervalSeconds, failures: 0, waitedSeconds: 0, expiresInSeconds }
}

/** How long to wait before the next poll; undefined when the code will be dead by then. */
export function nextWait(schedule: PollSchedule): number | undefined {
  const wait = Math.max(schedule.intervalSeconds, Math.min(BACK_OFF_MAX_SECONDS, schedule.intervalSeconds * 2 ** schedule.failures))
  return schedule.waitedSeconds + wait > schedule.expiresInSeconds ? undefined : wait
}

export function afterWait(schedule: PollSchedule, waited: number): PollSchedule {
  return { ...schedule, waitedSeconds: schedule.waitedSeconds + waited }
}

export function afterPoll(schedule: PollSchedule, event: PollEvent): PollSchedule {
  switch (event) {
    case 'pending':
      return { ...schedule, failures: 0 }
    case 'slow_down':
      return { ...schedule, failures: 0, intervalSeconds: schedule.intervalSeconds + SLOW_DOWN_SECONDS }
    case 'unreachable':
      return { ...schedule, failures: schedule.failures + 1 }
  }
}
