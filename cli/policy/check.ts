// `latchkey policy check`: what is wrong with files of rules, and what to look at twice.
import { Command } from 'commander'
import { type CheckedFile, checkRules } from '../../policies/tools/check-rules.ts'
import { definePolicyCommand, type SharedOptions } from './define-command.ts'
import type { PolicyCommandPorts } from './policy-ports.ts'
import { readSources, readText } from './read-source.ts'
import { visible } from './visible.ts'

export function buildCheckCommand(ports: PolicyCommandPorts): Command {
  const command = new Command('check')
    .description('check rules files and report errors and warnings')
    .argument('<file...>', 'YAML, or hand-written Rego; - for standard input')
    .option('--sample <file>', 'a JSON response of your API: each share is applied to it, and the result is printed')
  return definePolicyCommand<CheckOptions>(command, ports, async ({ options, files, tools }) => {
    const sources = await readSources(ports, files)
    const checked = await checkRules(sources, tools)
    const sample = options.sample === undefined ? undefined : await readText(ports, options.sample, '--sample')
    // Loaded only when it is asked for: it brings a part of the sidecar.
    const samples = sample === undefined ? undefined : { sample, try: (await import('./try-sample.ts')).trySampleOnShares }
    const tried = samples === undefined ? [] : sources.map((source) => samples.try(source, { sample: samples.sample, now: tools.now }))
    const diagnostics = [...checked.diagnostics, ...tried.flatMap((one) => one.diagnostics)]
    const lines = [...checked.files.map(describe), ...tried.flatMap((one) => one.lines.map(visible))]
    return { result: { ...checked, ok: diagnostics.length === 0, diagnostics }, sources, text: lines.map((line) => `${line}\n`).join('') }
  })
}

interface CheckOptions extends SharedOptions {
  readonly sample?: string
}

function describe({ file, kind, shares, block, pause, guardrails, expect }: CheckedFile): string {
  const parts =
    kind === 'hand_written'
      ? ['hand-written Rego']
      : kind === 'guardrails'
        ? [`${guardrails} guardrails`]
        : [`${shares} shares`, `${block} blocks`, `${pause} pauses`]
  const rows = kind === 'hand_written' ? [] : [`${expect} expectations`]
  return `${file}: ${[...parts, ...rows].join(', ')}; no errors.`
}
