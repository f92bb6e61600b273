// Reads the members of a request to the rule tools: which one is wrong, and what to write instead. It runs no tool.
import { parseInstant } from '../../../policies/conditions/instant.ts'
import { BUILD_FORMS, type BuildForm } from '../../../policies/tools/build-rules.ts'
import type { ListFilter } from '../../../policies/tools/list-rules.ts'
import type { Question } from '../../../policies/tools/question.ts'
import { err, ok, type Result } from '../../../protocol/result.ts'

export type Members = Readonly<Record<string, unknown>>

/** Which member, and a sentence with the remedy. */
export interface ToolMistake {
  readonly option: string
  readonly message: string
}

/** Milliseconds since 1970; undefined: now. */
export function readInstant({ at }: Members): Result<number | undefined, ToolMistake> {
  if (at === undefined) return ok(undefined)
  const instant = typeof at === 'string' ? parseInstant(at) : undefined
  return instant === undefined
    ? err({ option: 'at', message: `${JSON.stringify(at)} is not an instant. Write one with its offset, e.g. "2026-11-23T10:00:00+01:00".` })
    : ok(Date.parse(instant))
}

export function readFilter(members: Members): Result<ListFilter, ToolMistake> {
  const filter: { -readonly [name in keyof ListFilter]: ListFilter[name] } = {}
  for (const option of ['who', 'what', 'may'] as const) {
    const value = members[option]
    if (value !== undefined && typeof value !== 'string') return err({ option, message: 'is not a string. Write a value as in a share, or omit it for all.' })
    if (value !== undefined) filter[option] = value
  }
  return ok(filter)
}

export function readBuildForm({ form = 'module' }: Members): Result<BuildForm, ToolMistake> {
  const known = BUILD_FORMS.find((one) => one === form)
  return known === undefined ? err({ option: 'form', message: `${JSON.stringify(form)} is not a form. Write one of ${BUILD_FORMS.join(', ')}.` }) : ok(known)
}

const TEXTS = ['what', 'may', 'at', 'from', 'purpose', 'client', 'proof', 'acr', 'link', 'state', 'type'] as const
export const QUESTION_MEMBERS: readonly string[] = ['who', ...TEXTS, 'attributes', 'tags']

/** The form of each member; what the words mean is read with the rules. */
export function readQuestionMembers(members: Members): Result<Question, ToolMistake> {
  const missing = ['who', 'what', 'may'].find((option) => members[option] === undefined)
  if (missing !== undefined) return err({ option: missing, message: 'is missing. A request needs who, what and may.' })
  const noText = TEXTS.find((option) => members[option] !== undefined && typeof members[option] !== 'string')
  if (noText !== undefined) return err({ option: noText, message: 'is not a string. Write a value as in a row of "expect".' })
  const { who, attributes, tags } = members
  if (typeof who !== 'string' && !isSubject(who))
    return err({ option: 'who', message: 'is not a person. Write a value as in a share, or {"issuer": "...", "subject": "..."}.' })
  if (attributes !== undefined && !isAttributes(attributes))
    return err({ option: 'attributes', message: 'must be an object of strings, numbers and booleans.' })
  if (tags !== undefined && !isTexts(tags)) return err({ option: 'tags', message: 'must be a list of strings.' })
  return ok(members as unknown as Question)
}

function isSubject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { issuer, subject, ...more } = value as Members
  return typeof issuer === 'string' && typeof subject === 'string' && Object.keys(more).length === 0
}

const ATTRIBUTE_TYPES = ['string', 'number', 'boolean']

function isAttributes(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every((one) => ATTRIBUTE_TYPES.includes(typeof one))
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
