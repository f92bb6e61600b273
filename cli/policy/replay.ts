// `latchkey policy replay`: which decisions of a log would be others under new rules.
import { Command } from 'commander'
import { replayRules } from '../../policies/tools/replay-rules.ts'
import { definePolicyCommand, type SharedOptions } from './define-command.ts'
import { POLICY_EXIT_CODES } from './exit-codes.ts'
import type { PolicyCommandPorts } from './policy-ports.ts'
import { readSources } from './read-source.ts'
import { visible } from './visible.ts'

interface ReplayOptions extends SharedOptions {
  readonly exitCode?: true
  readonly lenient?: true
}

export function buildReplayCommand(ports: PolicyCommandPorts): Command {
  const command = new Command('replay')
    .description('decide the requests of a log again, under the old and the new rules')
    .argument('<old>', 'the rules before')
    .argument('<new>', 'the rules after')
    .argument('<log>', 'a line of JSON for each decision: {"input": ..., "decision": ...}; - for standard input')
    .option('--exit-code', 'exit with 1 if any answer changes')
    .option('--lenient', 'exit with 0 even if lines of the log cannot be read')
  return definePolicyCommand<ReplayOptions>(command, ports, async ({ options, files, tools }) => {
    const [before, after, log] = await readSources(ports, files)
    if (before === undefined || after === undefined || log === undefined) throw new Error('three files were given')
    const result = await replayRules({ before, after }, linesOf(log.text), tools)
    const isIncomplete = options.lenient !== true && (result.malformed_count ?? 0) > 0
    const isWrong = isIncomplete || (options.exitCode && result.changed_any)
    const exitCode = isWrong ? POLICY_EXIT_CODES.wrong : POLICY_EXIT_CODES.fine
    return { result, sources: [before, after], text: (result.text ?? []).map((line) => `${visible(line)}\n`).join(''), exitCode }
  })
}

function* linesOf(text: string): Iterable<string> {
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from)
    yield text.slice(from, end < 0 ? text.length : end)
    from = end < 0 ? text.length : end + 1
  }
}
