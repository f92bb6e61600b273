// Runs a server command until a signal ends it: lets requests finish, and reads the configuration again on SIGHUP.
import type { Log } from '../system/log.ts'
import { watchFaults } from '../system/process-faults.ts'
import { StartError } from '../system/start-error.ts'
import { CommandError, EXIT_CODES } from './command-error.ts'
import { endStopped, hearSignals, type Signals } from './signals.ts'

export interface RunningServer {
  /** Printed on standard output with `--json`, once it listens. */
  readonly ready: object
  readonly log: Log
  /** Logs what came of it. Never throws. */
  reload(): Promise<void>
  close(): Promise<void>
}

/** Resolves when the server has closed. What keeps it from starting is a wrong use of the command: exit code 2. */
export async function runServer(start: () => Promise<RunningServer>, isJson: boolean): Promise<undefined> {
  const signals = hearSignals()
  if (signals.isStopped()) {
    endStopped()
    return undefined
  }
  const server = await endWithin(START_AFTER_STOP_MILLISECONDS, signals, start).catch(explainStart)
  let endByFault: () => void = () => undefined
  const broken = new Promise<void>((resolve) => {
    endByFault = resolve
  })
  watchFaults(process, {
    log: server.log,
    end() {
      process.exitCode = EXIT_CODES.refused
      // Closing may hang in the state that the fault left.
      setTimeout(() => process.exit(), END_AFTER_FAULT_MILLISECONDS).unref()
      endByFault()
    },
  })
  let reloading = Promise.resolve()
  signals.onHangup(() => {
    // One after the other, so that the last one read the files last.
    reloading = reloading.then(() => (signals.isStopped() ? undefined : server.reload()))
  })
  if (isJson) process.stdout.write(`${JSON.stringify(server.ready)}\n`)
  await Promise.race([signals.stopped, broken])
  await server.close()
  endStopped()
  return undefined
}

/** Longer than the longest drain_seconds that a supervisor waits for by default. */
const END_AFTER_FAULT_MILLISECONDS = 30_000

/** How long a start may go on that somebody has asked to stop already. */
const START_AFTER_STOP_MILLISECONDS = 7_000

async function endWithin<Server>(milliseconds: number, signals: Signals, start: () => Promise<Server>): Promise<Server> {
  let timer: NodeJS.Timeout | undefined
  let isStarting = true
  const limit = signals.stopped.then(() => {
    if (isStarting) timer = setTimeout(endStopped, milliseconds)
  })
  try {
    return await start()
  } finally {
    isStarting = false
    if (signals.isStopped()) await limit
    clearTimeout(timer)
  }
}

export function explainStart(cause: unknown): never {
  if (cause instanceof StartError) throw new CommandError({ exitCode: EXIT_CODES.usage, message: cause.message }, { cause })
  throw cause
}
