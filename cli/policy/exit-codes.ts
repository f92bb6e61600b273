// How policy commands end. Scripts may rely on them: docs/rule-tools.md and --help say the same.
import type { DiagnosticCode } from '../../policies/diagnostic.ts'

export const POLICY_EXIT_CODES = { fine: 0, wrong: 1, usage: 2, fault: 3 } as const

export const EXIT_CODES_HELP = `
Exit codes:
  0  success, also with warnings (unless --strict)
  1  the rules have errors, or an answer differs from the expected one
  2  wrong usage: an option or a file
  3  a bug in latchkey; please report it`

/** Of YAML these can come only from a fault of ours. In Rego by hand they are its author's. */
const FAULTS: readonly DiagnosticCode[] = ['compiler_refused', 'compiler_failed', 'probe_failed']

export function isOurFault({ file, code }: { readonly file: string; readonly code: DiagnosticCode }): boolean {
  return FAULTS.includes(code) && !file.endsWith('.rego')
}
