// `latchkey policy check`: what is wrong with files of rules, and what to look at twice.
import { Command } from 'commander'
import { type CheckedFile, checkRules } from '../../policies/tools/check-rules.ts'
import { definePolicyCommand } from './define-command.ts'
import type { PolicyCommandPorts } from './policy-ports.ts'
import { readSources } from './read-source.ts'

export function buildCheckCommand(ports: PolicyCommandPorts): Command {
  const command = new Command('check')
    .description('read files of rules and say what is wrong with them')
    .argument('<file...>', 'YAML, or Rego by hand; - for standard input')
  return definePolicyCommand(command, ports, async ({ files, tools }) => {
    const sources = await readSources(ports, files)
    const result = await checkRules(sources, tools)
    return { result, sources, text: result.files.map((file) => `${describe(file)}\n`).join('') }
  })
}

function describe({ file, kind, shares, block, pause, guardrails, expect }: CheckedFile): string {
  const parts =
    kind === 'hand_written'
      ? ['Rego by hand']
      : kind === 'guardrails'
        ? [`${guardrails} guardrails`]
        : [`${shares} shares`, `${block} blocks`, `${pause} pauses`]
  const rows = kind === 'hand_written' ? [] : [`${expect} expectations`]
  return `${file}: ${[...parts, ...rows].join(', ')}; no errors.`
}
