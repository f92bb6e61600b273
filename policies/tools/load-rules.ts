// Rules ready to be asked: parsed and compiled, whatever their expectations say, so that a wrong row can be explained. It saves nothing.
import type { Diagnostic } from '../diagnostic.ts'
import type { RuleSet } from '../model/rule-set.ts'
import { parsePolicy } from '../parse-policy.ts'
import { ok, type Result } from '../result.ts'
import { loadPolicyModule, type PolicyModule } from '../runtime/policy-module.ts'
import { compilePolicy } from '../wasm/compile-policy.ts'
import { readOptions, type ToolPorts, type ToolSource } from './tool-result.ts'

export interface LoadedRules {
  readonly ruleSet: RuleSet
  readonly module: PolicyModule
}

export async function loadRules(source: ToolSource, ports: ToolPorts): Promise<Result<LoadedRules, Diagnostic[]>> {
  const ruleSet = parsePolicy(readOptions(source, ports))
  if (!ruleSet.ok) return ruleSet
  const wasm = await compilePolicy(ruleSet.value, ports.compiler)
  return wasm.ok ? ok({ ruleSet: ruleSet.value, module: await loadPolicyModule(wasm.value) }) : wasm
}
