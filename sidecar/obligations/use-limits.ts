// Counts how often a party uses a share (`limit`). All limits of a request are taken in one step, or none; uses in all are on disk before the request goes on.
import type { LimitObligation } from '../../policies/contract/obligations.ts'
import { isJsonObject, parseJsonObject } from '../../protocol/encoding.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import { LIMIT_COUNTERS_MAX } from '../limits.ts'
import type { DataFiles } from '../ports.ts'

export const USES_FILE = 'uses.json'

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
  /** One atomic step for all limits of a request; resolves when what must survive a restart is written. */
  take(use: LimitedUse, now: EpochSeconds): Promise<Result<void, LimitRefusal>>
  /** Reads what was used before the start. Throws for a file that cannot be read: what was used up must not come back. */
  load(): Promise<void>
}

/** `endsAt`: null for uses in all. */
interface Counter {
  used: number
  readonly endsAt: EpochSeconds | null
}

export function createUseLimits(files: Pick<DataFiles, 'read' | 'write'>): UseLimits {
  const windows = new Map<string, Counter>()
  const forever = new Map<string, Counter>()
  let writing: Promise<void> = Promise.resolve()
  let waiting: Promise<void> | undefined

  function find(key: string, limit: LimitObligation, now: EpochSeconds): Counter {
    const known = (limit.per_seconds === null ? forever : windows).get(key)
    if (known !== undefined && (known.endsAt === null || known.endsAt > now)) return known
    return { used: 0, endsAt: limit.per_seconds === null ? null : ((now + limit.per_seconds) as EpochSeconds) }
  }

  function hasRoom(now: EpochSeconds, needed: number): boolean {
    if (windows.size + forever.size + needed <= LIMIT_COUNTERS_MAX) return true
    for (const [key, { endsAt }] of windows) if (endsAt !== null && endsAt <= now) windows.delete(key)
    return windows.size + forever.size + needed <= LIMIT_COUNTERS_MAX
  }

  /** One write for all that came while the last one was under way. */
  function save(): Promise<void> {
    waiting ??= writing
      .catch(() => undefined)
      .then(() => {
        waiting = undefined
        writing = files.write(USES_FILE, JSON.stringify({ version: 1, uses: Object.fromEntries([...forever].map(([key, { used }]) => [key, used])) }))
        return writing
      })
    return waiting
  }

  /** All of them, or none and why. */
  function count({ owner, party, limits }: LimitedUse, now: EpochSeconds): Result<readonly Counter[], LimitRefusal> {
    const keyed = new Map(limits.map((limit) => [JSON.stringify([owner, limit.rule, party, limit.uses, limit.per_seconds]), limit] as const))
    const taken = [...keyed].map(([key, limit]) => ({ key, limit, counter: find(key, limit, now) }))
    const over = taken.find(({ limit, counter }) => counter.used >= limit.uses)
    if (over !== undefined) return err(overRefusal(over.counter, now))
    if (!hasRoom(now, taken.length)) return err({ reason: 'limits_unavailable' })
    for (const { key, counter } of taken) {
      counter.used += 1
      if (counter.endsAt === null) forever.set(key, counter)
      else windows.set(key, counter)
    }
    return ok(taken.map(({ counter }) => counter))
  }

  return {
    async take(use, now) {
      const counted = count(use, now)
      if (!counted.ok) return counted
      if (counted.value.every(({ endsAt }) => endsAt !== null)) return ok()
      try {
        await save()
        return ok()
      } catch {
        // Counted but not written: the use is lost rather than given twice.
        return err({ reason: 'limits_unavailable' })
      }
    },
    async load() {
      const bytes = await files.read(USES_FILE)
      if (bytes === undefined) return
      for (const [key, used] of Object.entries(parseUses(bytes))) forever.set(key, { used, endsAt: null })
    },
  }
}

function overRefusal({ endsAt }: Counter, now: EpochSeconds): LimitRefusal {
  return endsAt === null ? { reason: 'limit_used_up' } : { reason: 'limit_reached', retryAfterSeconds: Math.max(1, endsAt - now) }
}

function parseUses(bytes: Uint8Array): Readonly<Record<string, number>> {
  const value = parseJsonObject(bytes)
  const uses = value?.['uses']
  if (value?.['version'] !== 1 || !isJsonObject(uses) || !Object.values(uses).every((used) => Number.isSafeInteger(used) && (used as number) >= 0))
    throw new Error(
      `${USES_FILE} in the data directory cannot be read; it holds how often shares with a limit in all were used. Restore it, or remove it to begin anew.`,
    )
  return uses as Readonly<Record<string, number>>
}
