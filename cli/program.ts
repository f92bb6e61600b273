// The whole command line as one tree of commands. Runs nothing.
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { buildDeviceCommand } from './device.ts'
import { buildDoctorCommand } from './doctor.ts'
import { buildKeyCommand } from './key.ts'
import { buildPairCommand } from './pair.ts'
import { buildPersonCommand } from './person.ts'
import { buildPolicyCommand } from './policy.ts'
import { buildSchemaCommand } from './schema.ts'

export function buildProgram(): Command {
  const program = new Command('latchkey').description("owners' control for the APIs of connected things").version(readVersion())
  const commands = [buildPolicyCommand(), buildDeviceCommand(), buildPairCommand(), buildKeyCommand(), buildDoctorCommand(), buildSchemaCommand()]
  for (const command of commands) program.addCommand(command)
  throwInsteadOfExit(program)
  return program
}

/** So that a wrong command line and a refused operation can be told apart by their exit codes. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride().showHelpAfterError('(see --help)')
  for (const child of command.commands) throwInsteadOfExit(child)
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
