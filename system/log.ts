// The log of both programs: one JSON object a line, with an ISO time in milliseconds and the name of the level. Facts never hold a secret.
import { EventEmitter } from 'node:events'
import { type DestinationStream, pino } from 'pino'
import { messageOf } from './message-of.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export type LogFacts = Readonly<Record<string, unknown>>

export interface Log {
  /** What is of interest only while something is looked into, such as each nonce challenge. */
  debug(event: string, facts?: LogFacts): void
  info(event: string, facts?: LogFacts): void
  /** Something an operator should look at. Facts never hold tokens, codes, proofs or passwords. */
  warn(event: string, facts?: LogFacts): void
  error(event: string, facts?: LogFacts): void
}

export interface LeveledLog extends Log {
  setLevel(level: LogLevel): void
}

/** Should a secret ever be among the facts by mistake, its value is left out. */
const HIDDEN = ['password', 'token', 'access_token', 'refresh_token', 'device_code', 'user_code', 'ticket', 'authorization', 'dpop', 'cookie']

export interface LogOptions {
  /** Stands in each line, so that lines of several programs can be told apart. */
  readonly program: string
  readonly level?: LogLevel
  readonly destination: DestinationStream
}

/** `{"level":"info","time":"2026-11-26T09:00:00.123Z","program":"sidecar","event":"listening", ...}` */
export function createLog({ program, level = 'info', destination }: LogOptions): LeveledLog {
  const logger = pino(
    {
      level,
      base: { program },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: HIDDEN, censor: '[hidden]' },
    },
    destination,
  )
  // Where nobody reads the log any more, such as a terminal that was closed, the program goes on.
  if (destination instanceof EventEmitter) destination.on('error', () => undefined)
  const write = (name: LogLevel) => (event: string, facts?: LogFacts) => logger[name]({ event, ...facts })
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    setLevel(next) {
      logger.level = next
    },
  }
}

/** Logs a state once when it is lost and once when it is back, however often either is noticed. */
export interface StateLog {
  lost(facts?: LogFacts): void
  back(facts?: LogFacts): void
}

export function createStateLog(log: Log, events: { readonly lost: string; readonly back: string }): StateLog {
  let isLost = false
  return {
    lost(facts) {
      if (isLost) return
      isLost = true
      log.warn(events.lost, facts)
    },
    back(facts) {
      if (!isLost) return
      isLost = false
      log.info(events.back, facts)
    },
  }
}

/** A reload that never throws: says in the log what came of it. */
export function loggedReload(reload: () => Promise<void>, log: Log): () => Promise<void> {
  return async () => {
    try {
      await reload()
      log.info('reloaded')
    } catch (cause) {
      log.error('reload_refused', { cause: messageOf(cause), kept: 'the configuration in use' })
    }
  }
}
