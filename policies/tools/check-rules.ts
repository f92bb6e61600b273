// `check`: reads files of rules, says what is wrong with them and what to look at twice. Rego by hand is compiled, since nothing less can judge it; nothing is asked.
import { buildPolicyFile, kindOfPolicyFile, type PolicyFileKind } from '../build-policy-file.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { findGuardrailWarnings } from '../guardrails/find-guardrail-warnings.ts'
import { parseGuardrails } from '../guardrails/parse-guardrails.ts'
import { parsePolicy } from '../parse-policy.ts'
import { buildOptions, readOptions, type ToolPorts, type ToolResult, type ToolSource } from './tool-result.ts'
import { warnAbout } from './warn-about.ts'

export interface CheckedFile {
  readonly file: string
  readonly kind: PolicyFileKind
  readonly shares: number
  readonly block: number
  readonly pause: number
  readonly guardrails: number
  readonly expect: number
}

export interface CheckResult extends ToolResult {
  /** Those without errors. */
  readonly files: readonly CheckedFile[]
}

export async function checkRules(sources: readonly ToolSource[], ports: ToolPorts): Promise<CheckResult> {
  const outcomes: FileOutcome[] = []
  for (const source of sources) outcomes.push(await checkFile(source, ports))
  const diagnostics = outcomes.flatMap((one) => one.diagnostics)
  return {
    ok: diagnostics.length === 0,
    files: outcomes.flatMap(({ checked }) => (checked === undefined ? [] : [checked])),
    diagnostics,
    warnings: outcomes.flatMap((one) => one.warnings),
  }
}

interface FileOutcome {
  readonly checked?: CheckedFile
  readonly diagnostics: readonly Diagnostic[]
  readonly warnings: readonly Diagnostic[]
}

const NONE = { shares: 0, block: 0, pause: 0, guardrails: 0, expect: 0 }

async function checkFile(source: ToolSource, ports: ToolPorts): Promise<FileOutcome> {
  const { file } = source
  const kind = kindOfPolicyFile(source)
  switch (kind) {
    case 'hand_written': {
      const built = await buildPolicyFile(buildOptions(source, ports))
      return built.ok ? fine({ ...NONE, file, kind }) : wrong(built.error)
    }
    case 'guardrails': {
      const set = parseGuardrails(source)
      if (!set.ok) return wrong(set.error)
      const { guardrails, expect } = set.value
      const checked = fine({ ...NONE, file, kind, guardrails: guardrails.length, expect: expect.length })
      return { ...checked, warnings: findGuardrailWarnings(set.value, file) }
    }
    case 'shares': {
      const rules = parsePolicy(readOptions(source, ports))
      if (!rules.ok) return wrong(rules.error)
      const { shares, block, pause, expect } = rules.value
      const counts = { shares: shares.length, block: block.length, pause: pause.length, expect: expect.length }
      return { ...fine({ ...NONE, file, kind, ...counts }), warnings: warnAbout(source, rules.value, ports) }
    }
  }
}

function fine(checked: CheckedFile): FileOutcome {
  return { checked, diagnostics: [], warnings: [] }
}

function wrong(diagnostics: readonly Diagnostic[]): FileOutcome {
  return { diagnostics, warnings: [] }
}
