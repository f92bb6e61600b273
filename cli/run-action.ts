// Runs a command's action: prints its answer as text or as one line of JSON, and turns what it throws into a message and an exit code.
import type { Command } from 'commander'
import { ClientError } from '../device/errors.ts'
import { CommandError, type CommandFault, EXIT_CODES, renderFault } from './command-error.ts'

export interface CommandAnswer {
  /** Printed with `--json`. */
  readonly json: unknown
  /** Printed otherwise. */
  readonly text: string
  readonly exitCode?: number
}

/** Undefined: the action printed what there was to print. */
export type Action<Options> = (options: Options, ...values: string[]) => Promise<CommandAnswer | undefined>

export interface JsonOption {
  readonly json?: boolean
}

/** Adds `--json` and the action to a command. */
export function defineAction<Options extends JsonOption>(command: Command, action: Action<Options>): Command {
  return command.option('--json', 'print one line of JSON').action(async (...given: unknown[]) => {
    const values = given.slice(0, -2).filter((value): value is string => typeof value === 'string')
    await runAction(() => action(command.opts<Options>(), ...values), command.opts<Options>().json === true)
  })
}

export async function runAction(action: () => Promise<CommandAnswer | undefined>, isJson: boolean): Promise<void> {
  try {
    const answer = await action()
    if (answer === undefined) return
    process.stdout.write(`${isJson ? JSON.stringify(answer.json) : answer.text}\n`)
    process.exitCode = answer.exitCode ?? EXIT_CODES.done
  } catch (error) {
    const fault = faultOf(error)
    process.stderr.write(isJson ? `${JSON.stringify({ error: fault })}\n` : `latchkey: ${renderFault(fault)}\n`)
    process.exitCode = fault.exitCode
  }
}

function faultOf(error: unknown): CommandFault {
  if (error instanceof CommandError) return error.fault
  if (error instanceof ClientError) {
    const exitCode = error.code === 'unreachable' ? EXIT_CODES.unreachable : error.code === 'issuer_unusable' ? EXIT_CODES.usage : EXIT_CODES.refused
    return { exitCode, message: error.message, code: error.code }
  }
  return { exitCode: EXIT_CODES.refused, message: error instanceof Error ? error.message : String(error) }
}
