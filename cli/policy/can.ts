// `latchkey policy can`: everything a person can do, everyone who can do something with a thing, or the whole table.
import { Command } from 'commander'
import { type ListedCell, type ListResult, listRules } from '../../policies/tools/list-rules.ts'
import { definePolicyCommand, type SharedOptions } from './define-command.ts'
import type { PolicyCommandPorts } from './policy-ports.ts'
import { readSource } from './read-source.ts'
import { UsageError } from './usage-error.ts'
import { visible } from './visible.ts'

interface CanOptions extends SharedOptions {
  readonly who?: string
  readonly what?: string
  readonly may?: string
}

export function buildCanCommand(ports: PolicyCommandPorts): Command {
  const command = new Command('can')
    .description('list who can do what: for a person, for a thing, or for everything')
    .argument('<file>', 'the rules; - for standard input')
    .option('--who <person>', 'an address, a name from "people", client:x, device:x ...')
    .option('--what <thing>', 'a key, a name from "things", type:x, tag:x ...')
    .option('--may <ability>', 'one ability')
  return definePolicyCommand<CanOptions>(command, ports, async ({ options: { who, what, may }, files: [file = ''], tools }) => {
    const source = await readSource(ports, file)
    const answer = listRules(source, { who, what, may }, tools)
    if ('unknown' in answer) throw new UsageError(`--${answer.unknown.option}`, answer.unknown.message)
    return { result: answer.result, sources: [source], text: answer.result.ok ? printTable(answer.result) : '' }
  })
}

const COLUMNS = ['who', 'what', 'may', 'answer'] as const

function printTable({ cells, people, things, coverage }: ListResult): string {
  if (cells.length === 0) return `Nothing is allowed: ${listSome(people)} with ${listSome(things)}.\n`
  const rows = [COLUMNS.map((column) => column.toUpperCase()), ...cells.map(rowOf)]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const lines = rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const end =
    coverage === 'complete'
      ? 'Complete: what is not listed is never allowed.'
      : 'Sampled: some rules combine in more ways than were tried, and those cells say "sometimes".'
  return `${visible(lines.join('\n'))}\n${end}\n`
}

function listSome(rows: readonly { readonly label: string }[]): string {
  const more = rows.length > SOME ? [`${rows.length - SOME} more`] : []
  return visible([...rows.slice(0, SOME).map(({ label }) => label), ...more].join(', '))
}

const SOME = 3

function rowOf({ who, what, may, text }: ListedCell): readonly string[] {
  return [who, what.replace(/^thing:/, ''), may, text]
}
