// `latchkey policy explain`: why one request is answered as it is, with the lines that decide, and when it would be answered otherwise.
import { Command } from 'commander'
import { type ExplainResult, explainRules } from '../../policies/tools/explain-rules.ts'
import { definePolicyCommand } from './define-command.ts'
import type { PolicyCommandPorts } from './policy-ports.ts'
import { addQuestionOptions, type QuestionOptions, questionOf } from './question-options.ts'
import { readSource, readText } from './read-source.ts'
import type { SampleOptions } from './try-sample.ts'
import { UsageError } from './usage-error.ts'
import { visible } from './visible.ts'

export function buildExplainCommand(ports: PolicyCommandPorts): Command {
  const command = new Command('explain').description('explain the decision for one request').argument('<file>', 'the rules; - for standard input')
  return definePolicyCommand<ExplainOptions>(
    addQuestionOptions(command).option('--sample <file>', 'a JSON response of your API: show what the caller would see of it'),
    ports,
    async ({ options, files: [file = ''], tools }) => {
      const source = await readSource(ports, file)
      const answer = await explainRules(source, questionOf(options), tools)
      if ('mistake' in answer) throw new UsageError(`--${OPTION_NAMES[answer.mistake.option] ?? answer.mistake.option}`, answer.mistake.message)
      const sample = options.sample === undefined ? undefined : await readText(ports, options.sample, '--sample')
      const result = sample === undefined ? answer.result : await withSample(source.file, answer.result, { sample, now: tools.now })
      return { result, sources: [source], text: print(source.file, result) }
    },
  )
}

interface ExplainOptions extends QuestionOptions {
  readonly sample?: string
}

/** What the caller sees of the sample, or an error where the rules refuse it. */
async function withSample(file: string, result: ExplainResult, options: SampleOptions): Promise<ExplainResult & { readonly sample?: string }> {
  // Loaded only when it is asked for: it brings a part of the sidecar.
  const { trySample } = await import('./try-sample.ts')
  if (!result.ok || result.answer === 'deny' || result.answer === undefined) return result
  const outcome = trySample(result.decided ?? [], options)
  if ('shown' in outcome) return { ...result, sample: outcome.shown, text: [...(result.text ?? []), `The sample response is shown as: ${outcome.shown}`] }
  const line = result.deciding?.[0]?.line ?? 1
  return {
    ...result,
    ok: false,
    diagnostics: [{ file, line, column: 1, code: 'sample_refused', message: `The sample response is refused: ${outcome.refused}` }],
  }
}

const OPTION_NAMES: Readonly<Record<string, string>> = { attributes: 'attribute', tags: 'tag' }

function print(file: string, { ok, text = [], deciding = [], near_misses: misses = [] }: ExplainResult): string {
  if (!ok) return ''
  const places = [...deciding, ...misses].flatMap(({ line, text: words }) => (line === undefined ? [] : [[words, `${file}:${line}`] as const]))
  const placeOf = new Map(places)
  return text.map((line) => `${visible(placeOf.has(line) ? `${placeOf.get(line)} ${line}` : line)}\n`).join('')
}
