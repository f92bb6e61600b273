// How much owners may have the server do with rules: one budget for each person, for pages and API together. Counts live in the memory of the process.
import type { MonotonicSeconds } from '../../protocol/time.ts'
import { type AttemptLimit, createAttemptLimit } from '../people/attempt-limit.ts'
import { RulesUnavailable } from './rules-outcome.ts'

export interface ToolLimits {
  readonly byOwner: AttemptLimit
  /** Owners whose request is being worked on: one at a time. */
  readonly busy: Set<string>
  /** Pages of an owner that wait for that owner's other work. */
  readonly waiting: Map<string, (() => void)[]>
}

/** Somebody who writes rules checks them every few seconds, which counts for five. */
export const TOOL_POINTS = 120
const WINDOW_SECONDS = 60
/** What is beyond the cost of a request: its processor time is known only afterwards. */
const POINT_CPU_MILLISECONDS = 100
/** More would only wait until they are too late. */
export const TOOLS_MAX_AT_ONCE = 8
/** Open tabs of one person that load at the same time. */
const PAGES_WAITING_MAX = 5
const BUSY_RETRY_SECONDS = 2

export function createToolLimits(): ToolLimits {
  return { byOwner: createAttemptLimit({ most: TOOL_POINTS, windowSeconds: WINDOW_SECONDS, maxKeys: 50_000 }), busy: new Set(), waiting: new Map() }
}

export type ToolRefusal =
  | { readonly reason: 'too_many'; readonly waitSeconds: number }
  /** Of this owner. */
  | { readonly reason: 'one_at_a_time' }
  /** Of all. */
  | { readonly reason: 'all_busy' }

interface Asked {
  readonly owner: string
  readonly cost: number
}

/** Undefined: go on, and call `endTool` when it is done. */
export function beginTool({ byOwner, busy }: ToolLimits, { owner, cost }: Asked, now: MonotonicSeconds): ToolRefusal | undefined {
  if (busy.has(owner)) return { reason: 'one_at_a_time' }
  if (busy.size >= TOOLS_MAX_AT_ONCE) return { reason: 'all_busy' }
  if (!takeAll(byOwner, { owner, cost }, now)) return { reason: 'too_many', waitSeconds: byOwner.waitSeconds(owner, now) }
  busy.add(owner)
  return undefined
}

function takeAll(byOwner: AttemptLimit, { owner, cost }: Asked, now: MonotonicSeconds): boolean {
  for (let taken = 0; taken < cost; taken += 1) if (!byOwner.take(owner, now)) return false
  return true
}

/** Hands the turn to the next page of this owner, if one waits. */
export function endTool({ busy, waiting }: ToolLimits, owner: string): void {
  busy.delete(owner)
  const next = waiting.get(owner)?.shift()
  if (waiting.get(owner)?.length === 0) waiting.delete(owner)
  next?.()
}

/** Work that took long counts for more than its cost. */
export function chargeTool(
  { byOwner }: ToolLimits,
  { owner, cpuMilliseconds }: { readonly owner: string; readonly cpuMilliseconds: number },
  now: MonotonicSeconds,
): void {
  takeAll(byOwner, { owner, cost: Math.floor(cpuMilliseconds / POINT_CPU_MILLISECONDS) }, now)
}

/** Does the work of a page in the owner's turn. Throws RulesUnavailable if the owner asked too often, or too many pages wait. */
export async function inTurn<Value>(
  limits: ToolLimits,
  asked: Asked,
  work: { readonly now: MonotonicSeconds; readonly run: () => Promise<Value> },
): Promise<Value> {
  const { owner } = asked
  while (limits.busy.has(owner)) await waitForTurn(limits, owner)
  const refusal = beginTool(limits, asked, work.now)
  if (refusal !== undefined) throw describeToolRefusal(refusal)
  try {
    return await work.run()
  } finally {
    endTool(limits, owner)
  }
}

function waitForTurn({ waiting }: ToolLimits, owner: string): Promise<void> {
  const queue = waiting.get(owner) ?? []
  if (queue.length >= PAGES_WAITING_MAX) throw describeToolRefusal({ reason: 'one_at_a_time' })
  waiting.set(owner, queue)
  return new Promise((resolve) => queue.push(resolve))
}

export function describeToolRefusal(refusal: ToolRefusal): RulesUnavailable {
  const { reason } = refusal
  switch (refusal.reason) {
    case 'too_many': {
      const { waitSeconds } = refusal
      return new RulesUnavailable({
        status: 429,
        waitSeconds,
        reason,
        description: `You have made many requests about your rules. Try again in ${waitSeconds} seconds.`,
      })
    }
    case 'one_at_a_time':
      return new RulesUnavailable({
        status: 429,
        waitSeconds: BUSY_RETRY_SECONDS,
        reason,
        description: 'Your other requests are still being processed. Wait until they are done, then try again.',
      })
    case 'all_busy':
      return new RulesUnavailable({
        status: 503,
        waitSeconds: BUSY_RETRY_SECONDS,
        reason,
        description: 'Many people are working on their rules right now. Try again in a moment.',
      })
  }
}
