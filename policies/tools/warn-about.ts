// The warnings about a text that is right, as diagnostics of its file. It keeps nothing from being used.
import { findWarnings } from '../analysis/find-warnings.ts'
import type { Diagnostic } from '../diagnostic.ts'
import type { RuleSet } from '../model/rule-set.ts'
import { boundedBy, type TablePorts, type ToolSource, tooLong } from './tool-result.ts'

export function warnAbout(source: ToolSource, rules: RuleSet, ports: Omit<TablePorts, 'limits'>): readonly Diagnostic[] {
  const { now, household } = ports
  const found = boundedBy(ports, () => findWarnings(rules, { ...source, now, ...(household === undefined ? {} : { household }) }))
  return found ?? [{ ...tooLong(source), severity: 'warning' }]
}
