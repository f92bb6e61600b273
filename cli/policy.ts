// `latchkey policy ...`: rules from the command line, one file for each command in policy/. None talks to a server.
import { Command } from 'commander'
import { addCommands, type LazyCommand, type Words } from './lazy-commands.ts'
import { EXIT_CODES_HELP } from './policy/exit-codes.ts'
import { type PolicyCommandPorts, PROCESS_PORTS } from './policy/policy-ports.ts'

const listCommands = (ports: PolicyCommandPorts): readonly LazyCommand[] => [
  {
    name: 'check',
    description: 'check files of rules and report errors and warnings',
    load: async () => (await import('./policy/check.ts')).buildCheckCommand(ports),
  },
  {
    name: 'test',
    description: 'decide the requests under "expect" and compare the answers',
    load: async () => (await import('./policy/test.ts')).buildTestCommand(ports),
  },
  {
    name: 'explain',
    description: 'show how one request is decided, and why',
    load: async () => (await import('./policy/explain.ts')).buildExplainCommand(ports),
  },
  {
    name: 'can',
    description: 'list who can do what: for a person, for a thing, or for everything',
    load: async () => (await import('./policy/can.ts')).buildCanCommand(ports),
  },
  {
    name: 'diff',
    description: 'show who gains and who loses access between two files',
    load: async () => (await import('./policy/diff.ts')).buildDiffCommand(ports),
  },
  {
    name: 'replay',
    description: 'decide the requests of a log again, under the old and the new rules',
    load: async () => (await import('./policy/replay.ts')).buildReplayCommand(ports),
  },
  {
    name: 'fmt',
    description: 'format rules in the standard layout; comments are kept',
    load: async () => (await import('./policy/fmt.ts')).buildFmtCommand(ports),
  },
  {
    name: 'rego',
    description: 'print the Rego that the rules compile to',
    load: async () => (await import('./policy/rego.ts')).buildRegoCommand(ports),
  },
  {
    name: 'build',
    description: 'compile the rules to a WASM module (.wasm) or to a bundle that OPA loads (.tar.gz)',
    load: async () => (await import('./policy/build.ts')).buildBuildCommand(ports),
  },
  {
    name: 'schema',
    description: 'print the JSON Schema of the language, for editors',
    load: async () => (await import('./policy/schema.ts')).buildSchemaCommand(ports),
  },
]

export function buildPolicyCommand(words: Words, ports: PolicyCommandPorts = PROCESS_PORTS): Promise<Command> {
  const command = new Command('policy').description('check, test, explain, compare and build sharing rules').addHelpText('after', EXIT_CODES_HELP)
  return addCommands(command, listCommands(ports), words)
}
