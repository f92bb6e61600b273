// What an obligation of a share is to the rest: its part of the schema, its reading and writing, its check, its sentence. One file for each, one line in the registry.
import type { Mistake, Written } from '../conditions/condition-kind.ts'
import type { Must, Obligation, OtherAnswers } from '../contract/obligations.ts'
import type { Result } from '../result.ts'
import type { JsonSchema } from '../schema/json-schema.ts'
import { PATH_MAX_CHARS, PLACE_PATTERN, readPlace } from './path.ts'

export interface ObligationContext {
  /** The name of the share. */
  readonly rule: string
  /** The share's `other_answers`. */
  readonly otherAnswers: OtherAnswers
  /** The share's `must`. */
  readonly must: Must | undefined
  /** The share's zone, else the document's. */
  readonly timezone: string | undefined
  /** See `PolicyDocument`. */
  readonly isSaved: boolean
}

export type Members = Readonly<Record<string, unknown>>

export interface ObligationKind<O extends Obligation> {
  /** Also its key in the owner's text. */
  readonly kind: O['kind']
  readonly schema: JsonSchema
  /** From a value that passed the schema. */
  read(value: unknown, context: ObligationContext): Result<readonly O[], Mistake>
  /** The value that reads as these, which are all of one share of this kind, at least one. */
  write(obligations: readonly O[]): Written
  /** The members that one of them has in a module's answer, beside `kind`; the obligation, or undefined where a member is wrong. */
  readonly members: readonly Exclude<keyof O & string, 'kind'>[]
  check(members: Members): O | undefined
  /** A part of a sentence, e.g. "without seeing $.owner.email". */
  sentence(obligation: O): string
}

export const PLACE_WORDS = 'a name such as location (that member anywhere in the response), or an exact place such as $.items[*].location'

export const PLACE: JsonSchema = { type: 'string', description: PLACE_WORDS, pattern: PLACE_PATTERN, maxLength: PATH_MAX_CHARS }

/** Sorted, and each once. */
export function readPlaces(words: readonly string[]): readonly string[] {
  return [...new Set(words.map(readPlace))].sort()
}

export function isMust(value: unknown): value is Must | undefined {
  return value === undefined || value === 'found'
}

export function mustMember(must: Must | undefined): { readonly must?: Must } {
  return must === undefined ? {} : { must }
}

export function isPath(value: unknown): value is string {
  return typeof value === 'string'
}

export function isPaths(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isPath)
}

export function isOtherAnswers(value: unknown): value is OtherAnswers {
  return value === 'refuse' || value === 'allow'
}

export function isPositive(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
}
