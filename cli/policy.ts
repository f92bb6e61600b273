// `latchkey policy ...`: rules from the command line, one file for each command in policy/. None talks to a server.
import { Command } from 'commander'
import { buildBuildCommand } from './policy/build.ts'
import { buildCanCommand } from './policy/can.ts'
import { buildCheckCommand } from './policy/check.ts'
import { buildDiffCommand } from './policy/diff.ts'
import { EXIT_CODES_HELP } from './policy/exit-codes.ts'
import { buildExplainCommand } from './policy/explain.ts'
import { buildFmtCommand } from './policy/fmt.ts'
import { type PolicyCommandPorts, PROCESS_PORTS } from './policy/policy-ports.ts'
import { buildRegoCommand } from './policy/rego.ts'
import { buildReplayCommand } from './policy/replay.ts'
import { buildSchemaCommand } from './policy/schema.ts'
import { buildTestCommand } from './policy/test.ts'

const BUILDERS = [
  buildCheckCommand,
  buildTestCommand,
  buildExplainCommand,
  buildCanCommand,
  buildDiffCommand,
  buildReplayCommand,
  buildFmtCommand,
  buildRegoCommand,
  buildBuildCommand,
  buildSchemaCommand,
]

export function buildPolicyCommand(ports: PolicyCommandPorts = PROCESS_PORTS): Command {
  const command = new Command('policy').description('check, test, explain, compare and build sharing rules').addHelpText('after', EXIT_CODES_HELP)
  for (const build of BUILDERS) command.addCommand(build(ports))
  return command
}
