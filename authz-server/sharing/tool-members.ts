// Reads the members of a request to the rule tools: which one is wrong, and what to write instead. It runs no tool.
import { parseInstant } from '../../policies/conditions/instant.ts'
import { BUILD_FORMS, type BuildForm } from '../../policies/tools/build-rules.ts'
import type { ListFilter } from '../../policies/tools/list-rules.ts'
import { err, ok, type Result } from '../../protocol/result.ts'

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
    ? err({ option: 'at', message: `${JSON.stringify(at)} is no instant. Write one with its offset, e.g. "2026-11-23T10:00:00+01:00".` })
    : ok(Date.parse(instant))
}

export function readFilter(members: Members): Result<ListFilter, ToolMistake> {
  const filter: { -readonly [name in keyof ListFilter]: ListFilter[name] } = {}
  for (const option of ['who', 'what', 'may'] as const) {
    const value = members[option]
    if (value !== undefined && typeof value !== 'string') return err({ option, message: 'is no text. Write a word as in a share, or leave it out for all.' })
    if (value !== undefined) filter[option] = value
  }
  return ok(filter)
}

export function readBuildForm({ form = 'module' }: Members): Result<BuildForm, ToolMistake> {
  const known = BUILD_FORMS.find((one) => one === form)
  return known === undefined ? err({ option: 'form', message: `${JSON.stringify(form)} is no form. Write one of ${BUILD_FORMS.join(', ')}.` }) : ok(known)
}
