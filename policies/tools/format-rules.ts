// `fmt`: the text laid out in the one usual way, with its comments, meaning the same. It writes no file.
import { kindOfPolicyFile } from '../build-policy-file.ts'
import { formatPolicy } from '../edit/format-policy.ts'
import { type ReadPorts, refused, type ToolResult, type ToolSource } from './tool-result.ts'

export interface FormattedFile {
  readonly file: string
  /** Whether the text was laid out otherwise. */
  readonly changed: boolean
  readonly text: string
}

export interface FormatResult extends ToolResult {
  /** Those without errors. */
  readonly files: readonly FormattedFile[]
}

const ONLY_SHARES = 'Only sharing policies can be formatted; remove guardrails and hand-written Rego from the list.'

export function formatRules(sources: readonly ToolSource[], ports: ReadPorts): FormatResult {
  const outcomes = sources.map((source) => formatFile(source, ports))
  const diagnostics = outcomes.flatMap((one) => one.diagnostics)
  return { ok: diagnostics.length === 0, diagnostics, warnings: [], files: outcomes.flatMap((one) => one.files) }
}

function formatFile(source: ToolSource, { now }: ReadPorts): Pick<FormatResult, 'files' | 'diagnostics'> {
  const { file, text } = source
  if (kindOfPolicyFile(source) !== 'shares') return refusedFile([{ file, line: 1, column: 1, code: 'edit_refused', message: ONLY_SHARES }])
  const formatted = formatPolicy({ text, file, now })
  if (!formatted.ok) return refusedFile(formatted.error)
  return { diagnostics: [], files: [{ file, changed: formatted.value !== text, text: formatted.value }] }
}

function refusedFile(diagnostics: FormatResult['diagnostics']): Pick<FormatResult, 'files' | 'diagnostics'> {
  return { ...refused(diagnostics), files: [] }
}
