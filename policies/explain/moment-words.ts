// A moment as the wall of a zone shows it. It reads no clock.
import { formatDate } from '../conditions/instant.ts'
import { formatClock } from '../conditions/local-time.ts'
import { minuteOf, readWallClock } from '../conditions/wall-clock.ts'

const DAY_NAMES = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** `08:00 (Monday 2026-11-23, Europe/Paris)`; with seconds where it is not a whole minute. `moment` in milliseconds since 1970. */
export function momentWords(moment: number, timezone: string): string {
  const local = readWallClock(moment, timezone)
  const { year, month, day, second } = local
  const name = DAY_NAMES[new Date(Date.UTC(year, month - 1, day)).getUTCDay()]
  const seconds = second === 0 ? '' : `:${String(second).padStart(2, '0')}`
  return `${formatClock(minuteOf(local))}${seconds} (${name} ${formatDate([year, month, day])}, ${timezone})`
}
