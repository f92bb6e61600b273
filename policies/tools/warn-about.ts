// The warnings about a text that is right, as diagnostics of its file. It keeps nothing from being used.
import type { Diagnostic } from '../diagnostic.ts'
import type { RuleSet } from '../model/rule-set.ts'
import type { ToolPorts, ToolSource } from './tool-result.ts'

export function warnAbout(_source: ToolSource, _rules: RuleSet, _ports: Pick<ToolPorts, 'now' | 'household'>): readonly Diagnostic[] {
  return []
}
