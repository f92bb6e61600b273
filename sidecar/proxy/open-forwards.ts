// What is being forwarded now, so that a revocation, an expiry or a change of rules ends it: looked at when the feed changes, and regularly.
import type { ServerResponse } from 'node:http'
import { err, type Result } from '../../protocol/result.ts'
import { noteDecision, type RequestRecord } from '../audit/audit-log.ts'
import type { Permit } from '../enforcement/verdict.ts'
import { RECHECK_MILLISECONDS } from '../limits.ts'
import type { Refusal } from '../refuse/refusal.ts'
import { cutResponse } from './cut-response.ts'

export interface OpenForward {
  readonly permit: Permit
  readonly record: RequestRecord
  readonly response: ServerResponse
  /** Lets go of the upstream. */
  readonly abandon: () => void
}

export interface OpenForwards {
  add(forward: OpenForward): void
  remove(forward: OpenForward): void
  /** Judges all of them again, soon. */
  recheck(): void
  /** Asks clients not to send more on these connections. */
  announceEnd(): void
  /** The connections are about to be closed because the sidecar stops. */
  noteStop(): void
  readonly size: () => number
  stop(): void
}

export type JudgeAgain = (permit: Permit) => Promise<Result<Permit, Refusal>>

export function createOpenForwards(judgeAgain: JudgeAgain): OpenForwards {
  const open = new Set<OpenForward>()
  let isChecking = false
  let isDue = false

  async function check(forward: OpenForward): Promise<void> {
    // A judgement that fails is a no (docs/decisions/0006), and must not end the others.
    const verdict = await judgeAgain(forward.permit).catch(() => err<Refusal>({ reason: 'internal_fault' }))
    if (!verdict.ok && open.has(forward)) cut(forward, verdict.error)
  }

  async function checkAll(): Promise<void> {
    if (isChecking) {
      isDue = true
      return
    }
    isChecking = true
    try {
      do {
        isDue = false
        await Promise.all([...open].map(check))
      } while (isDue)
    } finally {
      isChecking = false
    }
  }

  function recheck(): void {
    if (open.size === 0) return
    checkAll().catch(() => {
      for (const forward of open) cut(forward, { reason: 'internal_fault' })
    })
  }

  const timer = setInterval(recheck, RECHECK_MILLISECONDS)
  timer.unref()

  return {
    add: (forward) => open.add(forward),
    remove: (forward) => open.delete(forward),
    recheck,
    announceEnd() {
      for (const { response } of open) if (!response.headersSent) response.shouldKeepAlive = false
    },
    noteStop() {
      for (const { record } of open) {
        record.cut = true
        record.reason ??= 'server_stopping'
      }
    },
    size: () => open.size,
    stop: () => clearInterval(timer),
  }
}

/** Destroys both connections: a regular end would look like the end of the response. */
function cut(forward: OpenForward, refusal: Refusal): void {
  forward.record.cut = true
  forward.record.reason = refusal.reason
  noteDecision(forward.record, refusal)
  forward.abandon()
  cutResponse(forward.response)
}
