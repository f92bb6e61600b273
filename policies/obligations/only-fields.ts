// `only_fields: [temperature]`: all that the party sees of a JSON answer.
import type { OnlyFieldsObligation } from '../contract/obligations.ts'
import { ok } from '../result.ts'
import { isMust, isOtherAnswers, isPaths, mustMember, type ObligationKind, PLACE, readPlaces } from './obligation-kind.ts'
import { placeWords, writePlace } from './path.ts'

export const onlyFields: ObligationKind<OnlyFieldsObligation> = {
  kind: 'only_fields',
  schema: {
    type: 'array',
    description: 'the only parts of the response that are shown: names of members, or exact places',
    items: PLACE,
    minItems: 1,
    maxItems: 50,
  },
  read: (value, { otherAnswers, must }) =>
    ok([{ kind: 'only_fields', paths: readPlaces(value as readonly string[]), other_answers: otherAnswers, ...mustMember(must) }]),
  write: (obligations) => obligations.flatMap(({ paths }) => paths.map(writePlace)),
  members: ['paths', 'other_answers', 'must'],
  check: ({ paths, other_answers, must }) =>
    isPaths(paths) && isOtherAnswers(other_answers) && isMust(must) ? { kind: 'only_fields', paths, other_answers, ...mustMember(must) } : undefined,
  sentence: ({ paths }) => `seeing only ${paths.map(placeWords).join(', ')}`,
}
