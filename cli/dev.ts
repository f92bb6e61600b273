// `latchkey dev`: the dev world in one process, on loopback only; with --demo it plays the whole story and judges it.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { ALL_DAY, buildRules } from '../examples/dev-world/household.ts'
import { type DevWorld, startDevWorld } from '../examples/dev-world/start-dev-world.ts'
import { CommandError, EXIT_CODES } from './command-error.ts'
import { playDemo } from './dev-demo.ts'
import { runDevWorld } from './dev-run.ts'
import { defineAction, type JsonOption } from './run-action.ts'
import { endStopped, hearSignals, type Signals } from './signals.ts'

/** The authz server takes the base, then come sidecar, its admin listener, and the API. */
const PORTS_USED = 4
const PORT_MAX = 65_535
const LINGER_MILLISECONDS = 500

export interface DevOptions extends JsonOption {
  readonly portBase?: number
  readonly data?: string
  readonly demo?: boolean
  readonly rules?: string
}

export function buildDevCommand(): Command {
  const command = new Command('dev')
    .description('run authz server, sidecar, an example API and a simulated guitar (for development only)')
    .option('--port-base <number>', 'first port to use; defaults to free ports', parsePortBase)
    .option('--data <directory>', 'directory for the state; defaults to a temporary directory')
    .option('--demo', 'play the whole story over real HTTP and exit, with 0 only if every step has the expected outcome')
    .option('--rules <file>', 'sharing rules for Alice, instead of the built-in ones')
  return defineAction<DevOptions>(command, async (options) => {
    if (options.demo === true && options.data !== undefined) {
      throw new CommandError({
        exitCode: EXIT_CODES.usage,
        option: '--data',
        message: 'the story always starts with empty state',
        remedy: 'do not combine --data with --demo',
      })
    }
    const rules = options.rules === undefined ? buildRules(ALL_DAY) : readRules(options.rules)
    const signals = hearSignals()
    await withDataDirectory(options.data, async (dataDirectory) => {
      if (signals.isStopped()) return
      const stopped = Promise.race([signals.stopped, waitForClosedTerminal(signals)])
      const play = { world: await start(options, dataDirectory), rules, isJson: options.json === true, stopped }
      await (options.demo === true ? playDemo(play) : runDevWorld(play))
    })
    if (signals.isStopped()) endStopped()
    return undefined
  })
}

/** There is no file to read again. With a terminal, SIGHUP says that it was closed. */
function waitForClosedTerminal(signals: Signals): Promise<void> {
  const { isTTY } = process.stderr
  return new Promise((resolve) => {
    signals.onHangup(() => {
      if (isTTY) resolve()
      else process.stderr.write('latchkey dev: SIGHUP: there is no configuration file to reload; nothing changes\n')
    })
  })
}

async function start(options: DevOptions, dataDirectory: string): Promise<DevWorld> {
  const ports = options.portBase === undefined ? {} : { portBase: options.portBase }
  try {
    return await startDevWorld({ dataDirectory, ...ports })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    const option = options.portBase === undefined ? {} : { option: '--port-base' }
    throw new CommandError({
      exitCode: EXIT_CODES.usage,
      ...option,
      message: (error as Error).message,
      remedy: 'use another --port-base, or omit it to use free ports',
    })
  }
}

/** A temporary directory is removed whatever happens. */
async function withDataDirectory(given: string | undefined, work: (directory: string) => Promise<void>): Promise<void> {
  if (given !== undefined) return work(resolve(given))
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-dev-'))
  try {
    await work(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
    // A story that was cut short may still wait for something that never comes.
    setTimeout(() => process.exit(), LINGER_MILLISECONDS).unref()
  }
}

function readRules(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8')
  throw new CommandError({ exitCode: EXIT_CODES.usage, option: '--rules', file, message: 'the file does not exist' })
}

function parsePortBase(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port + PORTS_USED - 1 <= PORT_MAX) return port
  throw new InvalidArgumentError(`a port from 1 to ${PORT_MAX - PORTS_USED + 1}`)
}
