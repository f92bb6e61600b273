// How often owners may put the tools to work: a compile takes a second of a machine that all share. Counts live in the memory of the process.
import type { EpochSeconds } from '../../protocol/time.ts'
import { type AttemptLimit, createAttemptLimit } from '../people/attempt-limit.ts'

export interface ToolLimits {
  readonly byOwner: AttemptLimit
  /** Owners whose request is being worked on: one at a time. */
  readonly busy: Set<string>
}

/** Somebody who edits rules by hand checks them every few seconds, which counts for five. */
export const TOOL_POINTS = 120
const WINDOW_SECONDS = 60
/** The compiler takes texts one after the other; more would only wait until they are too late. */
export const TOOLS_MAX_AT_ONCE = 8

export function createToolLimits(): ToolLimits {
  return { byOwner: createAttemptLimit({ most: TOOL_POINTS, windowSeconds: WINDOW_SECONDS, maxKeys: 50_000 }), busy: new Set() }
}

export type ToolRefusal =
  | { readonly reason: 'too_many'; readonly waitSeconds: number }
  /** Of this owner. */
  | { readonly reason: 'one_at_a_time' }
  /** Of all. */
  | { readonly reason: 'all_busy' }

/** Undefined: go on, and call `endTool` when it is done. */
export function beginTool(
  { byOwner, busy }: ToolLimits,
  { owner, cost }: { readonly owner: string; readonly cost: number },
  now: EpochSeconds,
): ToolRefusal | undefined {
  if (busy.has(owner)) return { reason: 'one_at_a_time' }
  if (busy.size >= TOOLS_MAX_AT_ONCE) return { reason: 'all_busy' }
  if (!takeAll(byOwner, { owner, cost }, now)) return { reason: 'too_many', waitSeconds: byOwner.waitSeconds(owner, now) }
  busy.add(owner)
  return undefined
}

function takeAll(byOwner: AttemptLimit, { owner, cost }: { readonly owner: string; readonly cost: number }, now: EpochSeconds): boolean {
  for (let taken = 0; taken < cost; taken += 1) if (!byOwner.take(owner, now)) return false
  return true
}

export function endTool({ busy }: ToolLimits, owner: string): void {
  busy.delete(owner)
}
