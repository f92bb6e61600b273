// `hide: [$.location]`: places of a JSON answer that the party does not see.
import type { HideObligation } from '../contract/obligations.ts'
import { ok } from '../result.ts'
import { isOtherAnswers, isPaths, type ObligationKind, PATH } from './obligation-kind.ts'

export const hide: ObligationKind<HideObligation> = {
  kind: 'hide',
  schema: { type: 'array', description: 'places of the answer that stay hidden', items: PATH, minItems: 1, maxItems: 50 },
  read: (value, { otherAnswers }) => ok([{ kind: 'hide', paths: [...new Set(value as readonly string[])].sort(), other_answers: otherAnswers }]),
  write: (obligations) => obligations.flatMap(({ paths }) => paths),
  members: ['paths', 'other_answers'],
  check: ({ paths, other_answers }) => (isPaths(paths) && isOtherAnswers(other_answers) ? { kind: 'hide', paths, other_answers } : undefined),
  sentence: ({ paths }) => `without seeing ${paths.join(', ')}`,
}
