// The whole command line as one tree of commands. Runs nothing.
import { createRequire } from 'node:module'
import { Command } from 'commander'
import { buildAuthzServerCommand } from './authz-server.ts'
import { buildBackupCommand } from './backup.ts'
import { buildDevCommand } from './dev.ts'
import { buildDeviceCommand } from './device.ts'
import { buildDoctorCommand } from './doctor.ts'
import { buildInitCommand } from './init.ts'
import { buildKeyCommand } from './key.ts'
import { buildPairCommand } from './pair.ts'
import { buildPersonCommand } from './person.ts'
import { buildPolicyCommand } from './policy.ts'
import { buildRestoreCommand } from './restore.ts'
import { buildSchemaCommand } from './schema.ts'
import { buildSidecarCommand } from './sidecar.ts'

export function buildProgram(): Command {
  const program = new Command('latchkey').description("owners' control for the APIs of connected things").version(readVersion())
  const commands = [
    buildAuthzServerCommand(),
    buildSidecarCommand(),
    buildBackupCommand(),
    buildRestoreCommand(),
    buildDevCommand(),
    buildPolicyCommand(),
    buildInitCommand(),
    buildDeviceCommand(),
    buildPersonCommand(),
    buildPairCommand(),
    buildKeyCommand(),
    buildDoctorCommand(),
    buildSchemaCommand(),
  ]
  for (const command of commands) program.addCommand(command)
  throwInsteadOfExit(program)
  return program
}

/** So that a wrong command line and a refused operation can be told apart by their exit codes. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride().showHelpAfterError('(see --help)')
  for (const child of command.commands) throwInsteadOfExit(child)
}

/** The package finds itself by its own name, from the sources and from dist/ alike. */
function readVersion(): string {
  return (createRequire(import.meta.url)('latchkey/package.json') as { version: string }).version
}
