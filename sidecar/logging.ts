// The sidecar's log where it was given one; else its notices. What changes and changes back is logged once each way.
import { createStateLog, type Log, type StateLog } from '../system/log.ts'
import type { RequestRecord } from './audit/audit-log.ts'
import type { LineSink, SidecarPorts } from './ports.ts'

export function logOf({ log, notice }: Pick<SidecarPorts, 'log' | 'notice'>): Log {
  if (log !== undefined) return log
  const write: Log['info'] = (event, facts = {}) => notice([event, ...Object.values(facts).map(String)].join(': '))
  return { debug: () => undefined, info: write, warn: write, error: write }
}

export function createFeedState(log: Log): StateLog {
  return createStateLog(log, { lost: 'feed_lost', back: 'feed_back' })
}

export function createAuthzServerState(log: Log): StateLog {
  return createStateLog(log, { lost: 'authz_server_unreachable', back: 'authz_server_back' })
}

/** From what happened to requests: whether the API can be reached. */
export function createUpstreamState(log: Log): (record: RequestRecord) => void {
  const state = createStateLog(log, { lost: 'upstream_unreachable', back: 'upstream_back' })
  return ({ reason, forwarded, status }) => {
    if (reason === 'upstream_unreachable') state.lost({ reason })
    else if (forwarded && reason === undefined && status !== undefined && status > 0) state.back()
  }
}

/** A sink that says when lines are lost, and when they no longer are. */
export function watchSink(sink: LineSink, log: Log): LineSink {
  const state = createStateLog(log, { lost: 'audit_lines_lost', back: 'audit_lines_written_again' })
  return (line) => {
    const isTaken = sink(line)
    if (isTaken) state.back()
    else state.lost({ remedy: 'look at what reads standard output; latchkey_sidecar_audit_dropped_lines counts the lines' })
    return isTaken
  }
}
