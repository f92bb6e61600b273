// `hide: [location]`: members of a JSON answer that the party does not see, wherever they are; `hide: [$.owner.email]`: one exact place.
import type { HideObligation } from '../contract/obligations.ts'
import { ok } from '../result.ts'
import { isMust, isOtherAnswers, isPaths, mustMember, type ObligationKind, PLACE, readPlaces } from './obligation-kind.ts'
import { placeWords, writePlace } from './path.ts'

export const hide: ObligationKind<HideObligation> = {
  kind: 'hide',
  schema: { type: 'array', description: 'what is hidden in the response: names of members, or exact places', items: PLACE, minItems: 1, maxItems: 50 },
  read: (value, { otherAnswers, must }) =>
    ok([{ kind: 'hide', paths: readPlaces(value as readonly string[]), other_answers: otherAnswers, ...mustMember(must) }]),
  write: (obligations) => obligations.flatMap(({ paths }) => paths.map(writePlace)),
  members: ['paths', 'other_answers', 'must'],
  check: ({ paths, other_answers, must }) =>
    isPaths(paths) && isOtherAnswers(other_answers) && isMust(must) ? { kind: 'hide', paths, other_answers, ...mustMember(must) } : undefined,
  sentence: ({ paths }) => `without seeing ${paths.map(placeWords).join(', ')}`,
}
