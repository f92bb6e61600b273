// Hears the signals that end a command. Cleans nothing up itself.
import { EXIT_CODES } from './command-error.ts'

/** npm and shells pass on what the terminal has sent to everybody already: the same wish may come twice. */
const SAME_WISH_MILLISECONDS = 1000

/** Resolves at the first SIGINT or SIGTERM. One that comes later than its echo does not wait for the cleaning up. */
export function waitForStopSignal(): Promise<void> {
  let first: number | undefined
  return new Promise((resolve) => {
    const hear = () => {
      const now = performance.now()
      first ??= now
      if (now - first > SAME_WISH_MILLISECONDS) process.exit(EXIT_CODES.refused)
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, hear)
  })
}
