#!/usr/bin/env node
// The command `latchkey`: puts the commands together, each of which is a file of its own, and decides the exit code of a wrong command line.
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { EXIT_CODES } from './command-error.ts'
import { buildDeviceCommand } from './device.ts'
import { buildDoctorCommand } from './doctor.ts'
import { buildKeyCommand } from './key.ts'
import { buildPairCommand } from './pair.ts'

async function main(): Promise<void> {
  const program = new Command('latchkey')
    .description("owners' control for the APIs of connected things")
    .version(readVersion())
    .showHelpAfterError('(see --help)')
  for (const command of [buildDeviceCommand(), buildPairCommand(), buildKeyCommand(), buildDoctorCommand()]) {
    program.addCommand(command)
  }
  exitByException(program)
  try {
    await program.parseAsync()
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    process.exitCode = error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage
  }
}

/** So that a wrong command line and a refused operation can be told apart by their exit codes. */
function exitByException(command: Command): void {
  command.exitOverride()
  for (const child of command.commands) exitByException(child)
}

/** package.json is one folder up from the sources and two from dist/cli. */
function readVersion(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string }).version
    } catch {
      // Not this one.
    }
  }
  return 'unknown'
}

await main()
