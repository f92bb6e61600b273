// What a condition of a share is to the rest: its part of the schema, its reading and writing, its Rego, its sentence. One file for each, one line in the registry.
import type { DecisionInput } from '../contract/decision-input.ts'
import type { ReasonCode } from '../contract/reasons.ts'
import type { Complaint } from '../diagnostic.ts'
import type { Expression, Term } from '../rego/ast.ts'
import type { Result } from '../result.ts'
import type { JsonSchema } from '../schema/json-schema.ts'
import type { DateRange } from './date-range.ts'
import type { Condition } from './registry.ts'

/** A mistake in a value; the caller knows where the value stands. */
export type Mistake = Pick<Complaint, 'code' | 'message'>

export interface ReadContext {
  /** The share's zone, else the document's. */
  readonly timezone: string | undefined
  /** The other members of `only`, as the schema let them through. */
  readonly only: Readonly<Record<string, unknown>>
  /** Networks by name, as the document's `places` say. */
  readonly places: ReadonlyMap<string, readonly string[]>
  /** Days by name, as the document's `calendars` say. */
  readonly calendars: ReadonlyMap<string, readonly DateRange[]>
  /** The share, block or pause itself, as the schema let it through. */
  readonly entry: Readonly<Record<string, unknown>>
}

export interface RegoContext {
  /** A rule of the module that holds this part of the local time in a zone, worked out once for each decision. */
  local(part: 'weekday' | 'minute' | 'date', timezone: string): Term
}

/** As owners write it in YAML. */
export type Written = string | number | boolean | readonly Written[] | { readonly [key: string]: Written }

/**
 * A value of one fact at which the answer of a condition may change. Times: the first moment of a new answer (`clock` comes back each day).
 * Other facts: a value with an answer of its own.
 */
export type Mark =
  | { readonly fact: 'instant'; readonly at: string }
  | { readonly fact: 'clock'; readonly minute: number; readonly timezone: string }
  | { readonly fact: 'date'; readonly date: readonly [year: number, month: number, day: number]; readonly timezone: string }
  | { readonly fact: 'ip' | 'purpose' | 'client' | 'acr' | 'state'; readonly value: string }
  | { readonly fact: 'proof'; readonly value: NonNullable<DecisionInput['proof']['method']> }
  | { readonly fact: 'attribute'; readonly name: string; readonly value: string | number | boolean }

export interface ConditionKind<C extends Condition> {
  readonly kind: C['kind']
  /** Its key in the owner's text. */
  readonly key: string
  /** Where its key stands: in the share itself or in its `only`. */
  readonly place: 'share' | 'only'
  readonly schema: JsonSchema
  /** From a value that passed the schema. */
  read(value: unknown, context: ReadContext): Result<C, Mistake>
  /** The value that reads as this condition; a zone that it needs stands beside it. */
  write(condition: C): Written
  toRego(condition: C, context: RegoContext): Expression
  /** What the Rego says, in TypeScript, for tables of many questions. `now` and all facts as in a decision. */
  holds(condition: C, input: DecisionInput): boolean
  /**
   * Is it ruled out by what is known of the request? Blocks and pauses hold until it is, so that a missing fact never lifts them. Left out where the facts
   * are always known.
   */
  readonly ruledOut?: { toRego(condition: C, context: RegoContext): Expression; holds(condition: C, input: DecisionInput): boolean }
  /** Between neighbouring marks of one fact the answer stays the same. */
  marks(condition: C): readonly Mark[]
  /** Given where all else fits and this does not. */
  readonly reason: ReasonCode
  /** A part of a sentence after "Allowed", e.g. "from 08:00 to 22:00 (Europe/Paris)". */
  sentence(condition: C): string
}

export function timezoneMissing(key: string): Mistake {
  return {
    code: 'timezone_missing',
    message: `"${key}" needs a time zone: add "timezone: Europe/Paris" (or yours) beside it, or once under "defaults".`,
  }
}
