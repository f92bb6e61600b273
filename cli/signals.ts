// Hears the signals that end a command or ask it to read its configuration again, from the first moment on. Cleans nothing up itself.
import { EXIT_CODES } from './command-error.ts'

/** npm, shells and supervisors pass on what the terminal has sent to everybody already: one intent may arrive as several signals. */
const SAME_INTENT_MILLISECONDS = 1000

export interface Signals {
  /** Resolves at the first SIGINT or SIGTERM. */
  readonly stopped: Promise<void>
  readonly isStopped: () => boolean
  /** Calls back for each SIGHUP, and at once for one that came before. */
  onHangup(callback: () => void): void
}

/** Output that nobody takes must not keep a command that is done. */
const FLUSH_MILLISECONDS = 500

/**
 * Ends a command that was stopped, with the exit code that is set. Node stops hearing signals some milliseconds before a natural end,
 * so that a second signal of the same intent would kill the process there.
 */
export function endStopped(): void {
  setTimeout(() => process.exit(), FLUSH_MILLISECONDS).unref()
  process.stdout.write('', () => process.exit())
}

let heard: Signals | undefined

/** The first call begins to listen; until then a signal ends the process as usual. */
export function hearSignals(): Signals {
  heard ??= listen()
  return heard
}

function listen(): Signals {
  let first: number | undefined
  let hangup: (() => void) | undefined
  let isHangupWaiting = false
  const stopped = new Promise<void>((resolve) => {
    const hear = () => {
      const now = performance.now()
      first ??= now
      // Somebody asks again: that one does not want to wait for requests under way.
      if (now - first > SAME_INTENT_MILLISECONDS) process.exit(EXIT_CODES.refused)
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, hear)
  })
  process.on('SIGHUP', () => {
    if (hangup === undefined) isHangupWaiting = true
    else hangup()
  })
  return {
    stopped,
    isStopped: () => first !== undefined,
    onHangup(callback) {
      hangup = callback
      if (isHangupWaiting) callback()
      isHangupWaiting = false
    },
  }
}
