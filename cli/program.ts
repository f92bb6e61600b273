// The whole command line as one tree of commands. Runs nothing, and loads only what the words of the command line call.
import { createRequire } from 'node:module'
import { Command } from 'commander'
import { addCommands, type LazyCommand, type Words } from './lazy-commands.ts'

const COMMANDS: readonly LazyCommand[] = [
  {
    name: 'authz-server',
    description: 'run the authz server: registry, pairing, tokens, rules, pages',
    load: async () => (await import('./authz-server.ts')).buildAuthzServerCommand(),
  },
  {
    name: 'sidecar',
    description: 'run the sidecar: put an API under its owners’ control',
    load: async () => (await import('./sidecar.ts')).buildSidecarCommand(),
  },
  {
    name: 'backup',
    description: 'copy the database and keys of an authz server into one file; the server may be running',
    load: async () => (await import('./backup.ts')).buildBackupCommand(),
  },
  {
    name: 'restore',
    description: 'restore a backup of an authz server; the server must be stopped',
    load: async () => (await import('./restore.ts')).buildRestoreCommand(),
  },
  {
    name: 'dev',
    description: 'run authz server, sidecar, an example API and a simulated guitar (for development only)',
    load: async () => (await import('./dev.ts')).buildDevCommand(),
  },
  {
    name: 'policy',
    description: 'check, test, explain, compare and build sharing rules',
    load: async (words) => (await import('./policy.ts')).buildPolicyCommand(words),
  },
  {
    name: 'init',
    description: 'write a rules file to start from, with expectations and a schema for editors',
    load: async () => (await import('./init.ts')).buildInitCommand(),
  },
  {
    name: 'device',
    description: 'manage the registry of devices (operator)',
    load: async () => (await import('./device.ts')).buildDeviceCommand(),
  },
  {
    name: 'person',
    description: 'manage accounts of people (operator)',
    load: async () => (await import('./person.ts')).buildPersonCommand(),
  },
  {
    name: 'pair',
    description: 'pair this machine with a person (RFC 8628)',
    load: async () => (await import('./pair.ts')).buildPairCommand(),
  },
  {
    name: 'key',
    description: 'manage private key files, and the signing keys of an authz server',
    load: async () => (await import('./key.ts')).buildKeyCommand(),
  },
  {
    name: 'doctor',
    description: 'check Node, the database driver, the clock, and that other programs are reachable',
    load: async () => (await import('./doctor.ts')).buildDoctorCommand(),
  },
  {
    name: 'schema',
    description: 'print a published JSON Schema',
    load: async () => (await import('./schema.ts')).buildSchemaCommand(),
  },
  {
    name: 'completion',
    description: 'print a completion script for a shell: bash, zsh or fish',
    load: async () => (await import('./completion.ts')).buildCompletionCommand(),
  },
]

/** `words`: the command line without node and the program; it is parsed by the caller. */
export async function buildProgram(words: Words): Promise<Command> {
  const program = new Command('latchkey').description("owners' control for the APIs of connected things").version(readVersion())
  await addCommands(program, COMMANDS, words)
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
