// What an operator's guardrails say and may not do as meant: a warning with its line and remedy for each. It refuses nothing.
import type { Diagnostic } from '../diagnostic.ts'
import type { Guardrail, GuardrailSet } from './guardrail-set.ts'

/** In the order of the text. */
export function findGuardrailWarnings({ guardrails }: GuardrailSet, file: string): readonly Diagnostic[] {
  return guardrails.flatMap(({ name, line, require = [] }: Guardrail) => {
    const clients = require.flatMap((one) => (one.kind === 'client' ? one.clients : []))
    if (clients.length === 0) return []
    const message = `"${name}" lets only ${clients.join(', ')} pass, and an app counts only if it authenticates with a key, because any other app can claim its name. Give it a key in the authz server's configuration: authentication: private_key_jwt.`
    return [{ file, line, column: 1, code: 'public_client', message, severity: 'warning' } as const]
  })
}
