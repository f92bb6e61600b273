// `only_fields: [$.temperature]`: all that the party sees of a JSON answer.
import type { OnlyFieldsObligation } from '../contract/obligations.ts'
import { ok } from '../result.ts'
import { isOtherAnswers, isPaths, type ObligationKind, PATH } from './obligation-kind.ts'

export const onlyFields: ObligationKind<OnlyFieldsObligation> = {
  kind: 'only_fields',
  schema: { type: 'array', description: 'the only places of the answer that are shown', items: PATH, minItems: 1, maxItems: 50 },
  read: (value, { otherAnswers }) => ok([{ kind: 'only_fields', paths: [...new Set(value as readonly string[])].sort(), other_answers: otherAnswers }]),
  write: (obligations) => obligations.flatMap(({ paths }) => paths),
  members: ['paths', 'other_answers'],
  check: ({ paths, other_answers }) => (isPaths(paths) && isOtherAnswers(other_answers) ? { kind: 'only_fields', paths, other_answers } : undefined),
  sentence: ({ paths }) => `seeing only ${paths.join(', ')}`,
}
