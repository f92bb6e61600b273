// `latchkey policy explain`: why one request is answered as it is, with the lines that decide, and when it would be answered otherwise.
import { Command } from 'commander'
import { type ExplainResult, explainRules } from '../../policies/tools/explain-rules.ts'
import { definePolicyCommand } from './define-command.ts'
import type { PolicyCommandPorts } from './policy-ports.ts'
import { addQuestionOptions, type QuestionOptions, questionOf } from './question-options.ts'
import { readSource } from './read-source.ts'
import { UsageError } from './usage-error.ts'
import { visible } from './visible.ts'

export function buildExplainCommand(ports: PolicyCommandPorts): Command {
  const command = new Command('explain').description('say what one request is answered, and why').argument('<file>', 'the rules; - for standard input')
  return definePolicyCommand<QuestionOptions>(addQuestionOptions(command), ports, async ({ options, files: [file = ''], tools }) => {
    const source = await readSource(ports, file)
    const answer = await explainRules(source, questionOf(options), tools)
    if ('mistake' in answer) throw new UsageError(`--${OPTION_NAMES[answer.mistake.option] ?? answer.mistake.option}`, answer.mistake.message)
    return { result: answer.result, sources: [source], text: print(source.file, answer.result) }
  })
}

const OPTION_NAMES: Readonly<Record<string, string>> = { attributes: 'attribute', tags: 'tag' }

function print(file: string, { ok, text = [], deciding = [], near_misses: misses = [] }: ExplainResult): string {
  if (!ok) return ''
  const places = [...deciding, ...misses].flatMap(({ line, text: words }) => (line === undefined ? [] : [[words, `${file}:${line}`] as const]))
  const placeOf = new Map(places)
  return text.map((line) => `${visible(placeOf.has(line) ? `${placeOf.get(line)} ${line}` : line)}\n`).join('')
}
