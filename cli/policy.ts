// `latchkey policy ...`: rules from the command line, one file for each command in policy/. None talks to a server.
import { Command } from 'commander'
import { addCommands, type LazyCommand, type Words } from './lazy-commands.ts'
import { EXIT_CODES_HELP } from './policy/exit-codes.ts'
import { type PolicyCommandPorts, PROCESS_PORTS } from './policy/policy-ports.ts'

const listCommands = (ports: PolicyCommandPorts): readonly LazyCommand[] => [
  {
    name: 'check',
    description: 'read files of rules and say what is wrong with them',
    load: async () => (await import('./policy/check.ts')).buildCheckCommand(ports),
  },
  {
    name: 'test',
    description: 'ask the questions under "expect" and compare the answers',
    load: async () => (await import('./policy/test.ts')).buildTestCommand(ports),
  },
  {
    name: 'explain',
    description: 'say what one request is answered, and why',
    load: async () => (await import('./policy/explain.ts')).buildExplainCommand(ports),
  },
  {
    name: 'can',
    description: 'list who can do what: of a person, of a thing, or all of it',
    load: async () => (await import('./policy/can.ts')).buildCanCommand(ports),
  },
  {
    name: 'diff',
    description: 'say who gains and who loses from one file to another',
    load: async () => (await import('./policy/diff.ts')).buildDiffCommand(ports),
  },
  {
    name: 'replay',
    description: 'ask the decisions of a log again, of the rules before and after',
    load: async () => (await import('./policy/replay.ts')).buildReplayCommand(ports),
  },
  {
    name: 'fmt',
    description: 'lay rules out in the usual way; comments stay',
    load: async () => (await import('./policy/fmt.ts')).buildFmtCommand(ports),
  },
  {
    name: 'rego',
    description: 'print the Rego that the rules become',
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
