// `latchkey policy diff`: who gains and who loses from one file to another.
import { Command } from 'commander'
import { diffRules } from '../../policies/tools/diff-rules.ts'
import { definePolicyCommand, type SharedOptions } from './define-command.ts'
import { POLICY_EXIT_CODES } from './exit-codes.ts'
import type { PolicyCommandPorts } from './policy-ports.ts'
import { readSources } from './read-source.ts'
import { visible } from './visible.ts'

interface DiffOptions extends SharedOptions {
  readonly exitCode?: true
}

export function buildDiffCommand(ports: PolicyCommandPorts): Command {
  const command = new Command('diff')
    .description('show who gains and who loses access between two files')
    .argument('<old>', 'the rules before; - for standard input')
    .argument('<new>', 'the rules after; - for standard input')
    .option('--exit-code', 'exit with 1 if anyone gains or loses access, or gets other limits')
  return definePolicyCommand<DiffOptions>(command, ports, async ({ options, files, tools }) => {
    const sources = await readSources(ports, files)
    const [before, after] = sources
    if (before === undefined || after === undefined) throw new Error('two files were given')
    const result = diffRules({ before, after }, tools)
    const exitCode = options.exitCode && result.changed ? POLICY_EXIT_CODES.wrong : POLICY_EXIT_CODES.fine
    return { result, sources, text: result.text.map((line) => `${visible(line)}\n`).join(''), exitCode }
  })
}
