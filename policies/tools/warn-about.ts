// The warnings about a text that is right, as diagnostics of its file. It keeps nothing from being used.
import { findWarnings } from '../analysis/find-warnings.ts'
import type { Diagnostic } from '../diagnostic.ts'
import type { RuleSet } from '../model/rule-set.ts'
import type { ToolPorts, ToolSource } from './tool-result.ts'

export function warnAbout({ file, text }: ToolSource, rules: RuleSet, { now, household }: Pick<ToolPorts, 'now' | 'household'>): readonly Diagnostic[] {
  return findWarnings(rules, { text, file, now, ...(household === undefined ? {} : { household }) })
}
