// Wakes the feed's streams once a change is committed, in this process alone. Carries nothing: woken streams read the log.
import type { Store } from '../store/store.ts'

export interface ChangeSignal {
  readonly wake: () => void
  /** Resolves at the next wake or when `signal` aborts. */
  readonly next: (signal: AbortSignal) => Promise<void>
}

export function createChangeSignal(): ChangeSignal {
  const waiting = new Set<() => void>()
  return {
    wake() {
      for (const resolve of [...waiting]) resolve()
    },
    next: (signal) =>
      new Promise((resolve) => {
        const done = () => {
          waiting.delete(done)
          signal.removeEventListener('abort', done)
          resolve()
        }
        waiting.add(done)
        if (signal.aborted) done()
        else signal.addEventListener('abort', done)
      }),
  }
}

/** The same store, waking the streams after each transaction that put something into the feed's log. */
export function wakeOnChange(store: Store, changes: ChangeSignal): Store {
  return {
    ...store,
    async transaction(work) {
      let hasChange = false
      const outcome = await store.transaction((repositories) => {
        const { feedLog } = repositories
        const noting: typeof feedLog = {
          ...feedLog,
          append(entries, now) {
            hasChange = true
            return feedLog.append(entries, now)
          },
        }
        return work({ ...repositories, feedLog: noting })
      })
      if (hasChange) changes.wake()
      return outcome
    },
  }
}
