// What a condition of a share is to the rest: its part of the schema, its reading, its Rego and its sentence. One file for each, one line in the registry.
import type { ReasonCode } from '../contract/reasons.ts'
import type { Complaint } from '../diagnostic.ts'
import type { Condition } from '../model/rule-set.ts'
import type { Expression, Term } from '../rego/ast.ts'
import type { Result } from '../result.ts'
import type { JsonSchema } from '../schema/json-schema.ts'

/** A mistake in a value; the caller knows where the value stands. */
export type Mistake = Pick<Complaint, 'code' | 'message'>

export interface ReadContext {
  /** The share's zone, else the document's. */
  readonly timezone: string | undefined
  /** The other members of `only`, as the schema let them through. */
  readonly only: Readonly<Record<string, unknown>>
}

export interface RegoContext {
  /** A rule of the module that holds this part of the local time in a zone, worked out once for each decision. */
  local(part: 'weekday' | 'minute' | 'date', timezone: string): Term
}

export interface ConditionKind<C extends Condition> {
  readonly kind: C['kind']
  /** Where its key stands: in the share itself or in its `only`. */
  readonly place: 'share' | 'only'
  readonly schema: JsonSchema
  /** From a value that passed the schema. */
  read(value: unknown, context: ReadContext): Result<C, Mistake>
  toRego(condition: C, context: RegoContext): Expression
  /** Given where all else fits and this does not. */
  readonly reason: ReasonCode
  /** A part of a sentence after "Allowed", e.g. "from 08:00 to 22:00 (Europe/Paris)". */
  sentence(condition: C): string
}

export function timezoneMissing(key: string): Mistake {
  return {
    code: 'timezone_missing',
    message: `"${key}" needs a time zone: add "timezone: Europe/Paris" (or yours) beside it, or once at the top of the document.`,
  }
}
