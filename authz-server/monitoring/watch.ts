// Puts the monitor around the parts that it measures: the log, the store and the compiler. What they do stays the same.
import type { Log, StateLog } from '../../system/log.ts'
import type { PolicyEngine } from '../sharing/policy-engine.ts'
import type { Store } from '../store/store.ts'
import { StoreBusy } from '../store/store-busy.ts'
import type { Monitor } from './monitor.ts'

const REASON = /^[a-z][a-z0-9_]{0,60}$/

/** Events with a reason are counted, also those below the level that is written. */
export function watchLog(log: Log, monitor: Monitor): Log {
  const watched =
    (level: keyof Log): Log[keyof Log] =>
    (event, facts) => {
      const reason = facts?.['reason']
      if (typeof reason === 'string' && REASON.test(reason)) monitor.noted(event, reason)
      log[level](event, facts)
    }
  return { debug: watched('debug'), info: watched('info'), warn: watched('warn'), error: watched('error') }
}

/** `busy` says once that the database is locked by another process, and once that it is free again. */
export function watchStore(store: Store, monitor: Monitor, busy: StateLog): Store {
  return {
    ...store,
    async transaction(work) {
      const end = monitor.transactionStarted()
      try {
        const outcome = await store.transaction(work)
        end('committed')
        busy.back()
        return outcome
      } catch (fault) {
        end(fault instanceof StoreBusy ? 'busy' : 'failed')
        if (fault instanceof StoreBusy) busy.lost({ remedy: 'stop the other program that has the database locked, such as a backup or a shell' })
        throw fault
      }
    },
  }
}

export function watchPolicyEngine(engine: PolicyEngine, monitor: Monitor): PolicyEngine {
  return {
    ...engine,
    // Decisions about tickets and sentences for pages compile nothing.
    run: (job) => (job.kind === 'assess' || job.kind === 'describe' ? engine.run(job) : counted(monitor, engine.run(job))),
  }
}

function counted<Outcome>(monitor: Monitor, work: Promise<Outcome>): Promise<Outcome> {
  return work.finally(monitor.compileStarted())
}
