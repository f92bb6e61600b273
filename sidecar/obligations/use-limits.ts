// Counts how often a party uses a share (`limit`). All limits of a request are taken in one step, or none; uses in all, of calendar periods and of spans of a day or more are on disk before the request goes on.
import type { LimitObligation } from '../../policies/contract/obligations.ts'
import { endOfCalendarPeriod } from '../../policies/obligations/calendar-period.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { MonotonicSeconds } from '../../protocol/time.ts'
import { LIMIT_COUNTERS_MAX, LIMIT_COUNTERS_PER_OWNER_MAX } from '../limits.ts'
import type { DataFiles } from '../ports.ts'
import { createUsesFile, loadUses, type Uses, type UsesFile } from './uses-file.ts'

export interface LimitedUse {
  readonly owner: string
  /** `sub` of the token: one person or service, whatever device or app it comes through. */
  readonly party: string
  readonly limits: readonly LimitObligation[]
}

export type LimitRefusal =
  | { readonly reason: 'limit_reached'; readonly retryAfterSeconds: number }
  | { readonly reason: 'limit_used_up' }
  | { readonly reason: 'limits_unavailable' }

export interface UseLimits {
  /** One atomic step for all limits of a request. `now` never goes back, so that a span neither ends early nor lasts forever. A promise only where it has to wait until uses are written. */
  take(use: LimitedUse, now: MonotonicSeconds): Result<void, LimitRefusal> | Promise<Result<void, LimitRefusal>>
  /** Reads what was used before the start. Throws for a file that cannot be read: what was used up must not come back. */
  load(): Promise<void>
  /** Counters kept. */
  readonly size: () => number
}

/** `endsAt`: null for uses in all. */
interface Counter {
  used: number
  readonly endsAt: MonotonicSeconds | null
  /** It is on disk before a request goes on, so that a restart gives nothing back. */
  readonly lasts: boolean
}

/** Shorter spans are over soon after a restart, and writing at each of their many requests would slow all of them down. */
const LASTING_SPAN_MIN_SECONDS = 86_400

interface OwnerCounters {
  readonly counters: Map<string, Counter>
  readonly file: UsesFile
}

interface Taken {
  readonly key: string
  readonly uses: number
  readonly counter: Counter
  readonly isNew: boolean
}

/**
 * `epochOffset`: seconds by which the wall clock is ahead of the monotonic one. Ends of spans are kept on disk as wall-clock times,
 * since the monotonic clock starts again with the process.
 */
export function createUseLimits(files: Pick<DataFiles, 'read' | 'write' | 'list'>, epochOffset: () => number = () => 0): UseLimits {
  const owners = new Map<string, OwnerCounters>()
  let size = 0
  /** No span ends before. */
  let nextEnd = Number.POSITIVE_INFINITY

  function countersOf(owner: string): OwnerCounters {
    const known = owners.get(owner)
    if (known !== undefined) return known
    const counters = new Map<string, Counter>()
    const made: OwnerCounters = { counters, file: createUsesFile({ files, owner, read: () => lastingUses(counters, epochOffset()) }) }
    owners.set(owner, made)
    return made
  }

  /** Makes room of spans that are over; looks for them only when one of them can be. */
  function sweep(now: MonotonicSeconds): void {
    if (now < nextEnd) return
    nextEnd = Number.POSITIVE_INFINITY
    for (const { counters } of owners.values()) {
      for (const [key, { endsAt }] of counters) {
        if (!isOver(endsAt, now)) nextEnd = Math.min(nextEnd, endsAt ?? nextEnd)
        else drop(counters, key)
      }
    }
  }

  function drop(counters: Map<string, Counter>, key: string): void {
    if (counters.delete(key)) size -= 1
  }

  function hasRoom(counters: ReadonlyMap<string, Counter>, needed: number, now: MonotonicSeconds): boolean {
    const fits = () => size + needed <= LIMIT_COUNTERS_MAX && counters.size + needed <= LIMIT_COUNTERS_PER_OWNER_MAX
    if (needed === 0 || fits()) return true
    sweep(now)
    return fits()
  }

  function count(counters: Map<string, Counter>, { party, limits }: LimitedUse, now: MonotonicSeconds): Result<readonly Taken[], LimitRefusal> {
    const taken = findCounters(counters, { party, limits, now, epochOffset: epochOffset() })
    const over = taken.find(({ counter, uses }) => counter.used >= uses)
    if (over !== undefined) return err(overRefusal(over.counter, now))
    if (!hasRoom(counters, taken.filter(({ isNew }) => isNew).length, now)) return err({ reason: 'limits_unavailable' })
    for (const { key, counter } of taken) {
      counter.used += 1
      if (!counters.has(key)) size += 1
      counters.set(key, counter)
      nextEnd = Math.min(nextEnd, counter.endsAt ?? nextEnd)
    }
    return ok(taken)
  }

  /** Nothing was let through, so nothing was used. */
  function giveBack(counters: Map<string, Counter>, taken: readonly Taken[]): void {
    for (const { key, counter } of taken) {
      counter.used -= 1
      if (counter.used === 0 && counters.get(key) === counter) drop(counters, key)
    }
  }

  return {
    size: () => size,
    take(use, now) {
      const { counters, file } = countersOf(use.owner)
      const taken = count(counters, use, now)
      if (!taken.ok) return taken
      if (taken.value.every(({ counter }) => !counter.lasts)) return ok()
      return file.save().then(
        () => ok(),
        () => {
          giveBack(counters, taken.value)
          return err({ reason: 'limits_unavailable' })
        },
      )
    },
    async load() {
      for (const { owner, uses } of await loadUses(files)) {
        const { counters } = countersOf(owner)
        for (const [key, used, endsAtEpoch] of uses) {
          const endsAt = endsAtEpoch === null ? null : endsAtEpoch - epochOffset()
          counters.set(key, { used, endsAt, lasts: true })
          nextEnd = Math.min(nextEnd, endsAt ?? nextEnd)
        }
        size += uses.length
      }
    },
  }
}

interface Clocks {
  readonly now: MonotonicSeconds
  readonly epochOffset: number
}

/** One counter for each rule, party and span; of two limits on one of them, the smaller holds. */
function findCounters(counters: ReadonlyMap<string, Counter>, { party, limits, ...clocks }: Omit<LimitedUse, 'owner'> & Clocks): Taken[] {
  const found = new Map<string, Taken>()
  const { now } = clocks
  for (const limit of limits) {
    const { rule, uses } = limit
    const key = JSON.stringify([rule, party, ...(limit.calendar === undefined ? [limit.per_seconds] : [limit.calendar, limit.timezone])])
    const known = counters.get(key)
    const isLive = known !== undefined && !isOver(known.endsAt, now)
    const counter = found.get(key)?.counter ?? (isLive ? known : beginCounter(limit, clocks))
    found.set(key, { key, counter, uses: Math.min(uses, found.get(key)?.uses ?? uses), isNew: known === undefined })
  }
  return [...found.values()]
}

function beginCounter({ per_seconds: span, calendar, timezone }: LimitObligation, { now, epochOffset }: Clocks): Counter {
  if (calendar !== undefined && timezone !== undefined) {
    const epochSeconds = now + epochOffset
    return { used: 0, endsAt: now + endOfCalendarPeriod(epochSeconds, calendar, timezone) - epochSeconds, lasts: true }
  }
  return { used: 0, endsAt: span === null ? null : now + span, lasts: span === null || span >= LASTING_SPAN_MIN_SECONDS }
}

function isOver(endsAt: Counter['endsAt'], now: MonotonicSeconds): boolean {
  return endsAt !== null && endsAt <= now
}

function overRefusal({ endsAt }: Counter, now: MonotonicSeconds): LimitRefusal {
  return endsAt === null ? { reason: 'limit_used_up' } : { reason: 'limit_reached', retryAfterSeconds: Math.max(1, Math.ceil(endsAt - now)) }
}

function lastingUses(counters: ReadonlyMap<string, Counter>, epochOffset: number): Uses {
  const atWallClock = (endsAt: MonotonicSeconds | null) => (endsAt === null ? null : Math.max(0, Math.ceil(endsAt + epochOffset)))
  return [...counters].flatMap(([key, { used, endsAt, lasts }]) => (lasts ? [[key, used, atWallClock(endsAt)] as const] : []))
}
