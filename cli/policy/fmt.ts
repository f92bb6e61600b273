// `latchkey policy fmt`: lays files of rules out in the usual way; on standard output, in place, or only looking.
import { Command } from 'commander'
import { type FormattedFile, formatRules } from '../../policies/tools/format-rules.ts'
import { definePolicyCommand, type SharedOptions } from './define-command.ts'
import { POLICY_EXIT_CODES } from './exit-codes.ts'
import type { PolicyCommandPorts } from './policy-ports.ts'
import { readSources, STANDARD_INPUT_NAME, writeOutput } from './read-source.ts'
import { UsageError } from './usage-error.ts'

interface FmtOptions extends SharedOptions {
  readonly check?: true
  readonly write?: true
}

export function buildFmtCommand(ports: PolicyCommandPorts): Command {
  const command = new Command('fmt')
    .description('format rules in the standard layout; comments are kept')
    .argument('<file...>', 'the rules; - for standard input')
    .option('--check', 'write nothing; exit with 1 if a file is not in the standard layout')
    .option('--write', 'write the files in place')
  return definePolicyCommand<FmtOptions>(command, ports, async ({ options, files, tools }) => {
    checkUse(options, files)
    const sources = await readSources(ports, files)
    const result = formatRules(sources, tools)
    const others = result.files.filter(({ changed }) => changed)
    if (options.write && result.ok) for (const { file, text } of others) await writeOutput(ports, { file, option: '--write' }, text)
    const exitCode = options.check && others.length > 0 ? POLICY_EXIT_CODES.wrong : POLICY_EXIT_CODES.fine
    return { result, sources, text: describe(options, result.files, others), exitCode }
  })
}

function checkUse({ check, write }: FmtOptions, files: readonly string[]): void {
  if (check && write) throw new UsageError('--check', 'cannot be combined with --write. Remove one of them.')
  if (write && files.includes('-')) throw new UsageError('--write', 'cannot write to standard input. Without --write, the result goes to standard output.')
  if (!check && !write && files.length > 1) throw new UsageError('<file>', 'is given more than once. Give one file, or add --write or --check.')
}

function describe({ check, write }: FmtOptions, files: readonly FormattedFile[], others: readonly FormattedFile[]): string {
  if (check)
    return others.map(({ file }) => `${file}: laid out otherwise. Run latchkey policy fmt ${file === STANDARD_INPUT_NAME ? '-' : `--write ${file}`}\n`).join('')
  if (write) return others.map(({ file }) => `${file}: written\n`).join('')
  return files.map(({ text }) => text).join('')
}
