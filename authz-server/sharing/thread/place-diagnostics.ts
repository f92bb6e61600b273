// Diagnostics with the line that each speaks of, as many as a person reads. It finds nothing itself.
import type { Diagnostic } from '../../../policies/diagnostic.ts'
import type { PlacedDiagnostic } from './job-types.ts'

const DIAGNOSTICS_MAX = 200
const EXCERPT_MAX_CHARS = 200
const MESSAGE_MAX_CHARS = 1000

export function placeDiagnostics(text: string, diagnostics: readonly Diagnostic[]): readonly PlacedDiagnostic[] {
  const lines = text.split(/\r\n|\n|\r/)
  return diagnostics.slice(0, DIAGNOSTICS_MAX).map((one) => ({
    ...one,
    message: one.message.slice(0, MESSAGE_MAX_CHARS),
    excerpt: (lines[one.line - 1] ?? '').slice(0, EXCERPT_MAX_CHARS),
  }))
}
