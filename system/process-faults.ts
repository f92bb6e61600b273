// What happens to faults that nothing caught: a rejection is logged and the program goes on; an exception ends it, after the requests under way.
import type { Log } from './log.ts'

export interface FaultSource {
  on(event: 'unhandledRejection' | 'uncaughtException', listener: (cause: unknown) => void): unknown
  off(event: 'unhandledRejection' | 'uncaughtException', listener: (cause: unknown) => void): unknown
}

export interface FaultHandling {
  readonly log: Log
  /** The state of the program is unknown: let requests finish, and end with a code other than 0. Called once. */
  readonly end: () => void
}

/** Gives a function that removes the listeners. */
export function watchFaults(source: FaultSource, { log, end }: FaultHandling): () => void {
  let isEnding = false
  // A request whose work rejects is answered or cut by its own handler; the others must not pay for it.
  const onRejection = (cause: unknown): void => log.error('unhandled_rejection', describeFault(cause))
  const onException = (cause: unknown): void => {
    log.error('uncaught_exception', describeFault(cause))
    if (!isEnding) end()
    isEnding = true
  }
  source.on('unhandledRejection', onRejection)
  source.on('uncaughtException', onException)
  return () => {
    source.off('unhandledRejection', onRejection)
    source.off('uncaughtException', onException)
  }
}

const FRAMES_LOGGED_MAX = 10

/** Name, code and places. The message is left out: it may repeat what came from outside, such as a token. */
export function describeFault(cause: unknown): { readonly name: string; readonly code?: string; readonly at: readonly string[] } {
  if (!(cause instanceof Error)) return { name: typeof cause, at: [] }
  const { code } = cause as NodeJS.ErrnoException
  const lines = (cause.stack ?? '').split('\n').map((line) => line.trim())
  const at = lines.filter((line) => /^at .*:\d+:\d+\)?$/.test(line)).slice(0, FRAMES_LOGGED_MAX)
  return { name: cause.constructor.name, ...(typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? { code } : {}), at }
}

/** Where nobody reads the output any more (EPIPE), a write fails with an event that would end the process. */
export function ignoreBrokenOutput(...streams: readonly NodeJS.EventEmitter[]): void {
  for (const stream of streams) stream.on('error', () => undefined)
}
