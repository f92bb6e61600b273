// `test`: asks the questions under `expect` of the compiled file, each at its instant, and says which are answered otherwise. It saves nothing.
import { buildPolicyFile, kindOfPolicyFile } from '../build-policy-file.ts'
import { parseGuardrails } from '../guardrails/parse-guardrails.ts'
import { parsePolicy } from '../parse-policy.ts'
import { buildOptions, readOptions, refused, type ToolPorts, type ToolResult, type ToolSource } from './tool-result.ts'
import { warnAbout } from './warn-about.ts'

export interface TestResult extends ToolResult {
  /** Rows under `expect`; 0 where the text has errors. */
  readonly expect: number
  /** Rows that are answered otherwise. */
  readonly failed: number
}

export async function testRules(source: ToolSource, ports: ToolPorts): Promise<TestResult> {
  const read = readExpectations(source, ports)
  if (!read.ok) return { ...read, expect: 0, failed: 0 }
  const built = await buildPolicyFile(buildOptions(source, ports))
  if (built.ok) return read
  const failed = built.error.filter(({ code }) => code === 'expectation_failed').length
  return { ...read, ok: false, failed, diagnostics: built.error }
}

function readExpectations(source: ToolSource, ports: ToolPorts): TestResult {
  const nothing = { ok: true, diagnostics: [], warnings: [], failed: 0 }
  switch (kindOfPolicyFile(source)) {
    case 'hand_written':
      return { ...nothing, expect: 0 }
    case 'guardrails': {
      const set = parseGuardrails(source)
      return set.ok ? { ...nothing, expect: set.value.expect.length } : { ...refused(set.error), expect: 0, failed: 0 }
    }
    case 'shares': {
      const rules = parsePolicy(readOptions(source, ports))
      if (!rules.ok) return { ...refused(rules.error), expect: 0, failed: 0 }
      return { ...nothing, expect: rules.value.expect.length, warnings: warnAbout(source, rules.value, ports) }
    }
  }
}
