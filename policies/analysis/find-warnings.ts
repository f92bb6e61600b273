// What is allowed to stand in a document and is likely not meant: a warning with its place and remedy for each. It refuses nothing.
import type { Diagnostic } from '../diagnostic.ts'
import type { RuleSet } from '../model/rule-set.ts'
import { findExactPlaces } from './warnings/exact-places.ts'
import { findHidden } from './warnings/hidden.ts'
import { findUnknownAbilities, findUnknownThings, findUnusedNames } from './warnings/names.ts'
import { findNeverFitting } from './warnings/never-fits.ts'
import { findUnclearAsks } from './warnings/old-words.ts'
import { findTooOpen } from './warnings/too-open.ts'
import { createContext, type WarningOptions } from './warnings/warning-context.ts'

const SEARCHES = [findNeverFitting, findHidden, findTooOpen, findUnknownThings, findUnknownAbilities, findUnusedNames, findUnclearAsks, findExactPlaces]

/** In the order of the text. */
export function findWarnings(ruleSet: RuleSet, options: WarningOptions): readonly Diagnostic[] {
  const context = createContext(ruleSet, options)
  const file = options.file ?? 'policy.yaml'
  return SEARCHES.flatMap((search) => search(context))
    .map((warning): Diagnostic => ({ file, ...warning, severity: 'warning' }))
    .sort((a, b) => a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : 1))
}
