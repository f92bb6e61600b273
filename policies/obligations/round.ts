// `round: {$.tuning.hz: 1, $.position: 1 km, $.at: 15 min}`: numbers, positions and times of a JSON answer made coarser.

import type { Mistake } from '../conditions/condition-kind.ts'
import type { RoundObligation } from '../contract/obligations.ts'
import { formatDuration, parseDuration } from '../duration.ts'
import { err, ok, type Result } from '../result.ts'
import { isMust, isPath, isPositive, mustMember, type ObligationKind, PLACE_WORDS } from './obligation-kind.ts'
import { PLACE_PATTERN, placeWords, readPlace, writePlace } from './path.ts'
import { valueKindOf } from './value-names.ts'

const COARSENESS = 'a step: a number such as 0.5, a distance such as 1 km, or a time such as 15 min'
const METRES_IN: Readonly<Record<string, number>> = { m: 1, km: 1000 }
/** Half around the earth; more would be no place at all. */
const DISTANCE_MAX_METRES = 20_000_000

export const round: ObligationKind<RoundObligation> = {
  kind: 'round',
  schema: {
    type: 'object',
    description: `what is rounded in the response, each with its step: ${PLACE_WORDS}`,
    minProperties: 1,
    maxProperties: 50,
    additionalProperties: false,
    patternProperties: { [PLACE_PATTERN]: { type: ['number', 'string'], description: COARSENESS, exclusiveMinimum: 0, minLength: 1, maxLength: 40 } },
  },
  read(value, { must, isSaved }) {
    const found: RoundObligation[] = []
    for (const [word, text] of Object.entries(value as Readonly<Record<string, number | string>>)) {
      const step = readStep(text)
      if (!step.ok) return step
      const mistake = isSaved ? undefined : explainUnit(readPlace(word), step.value.of, text)
      if (mistake !== undefined) return err(mistake)
      found.push({ kind: 'round', path: readPlace(word), ...step.value, ...mustMember(must) })
    }
    return ok(found)
  },
  write: (obligations) => Object.fromEntries(obligations.map((one) => [writePlace(one.path), writeStep(one)])),
  members: ['path', 'of', 'step', 'must'],
  check: ({ path, of, step, must }) =>
    isPath(path) && isKindOfValue(of) && isPositive(step) && isMust(must) ? { kind: 'round', path, of, step, ...mustMember(must) } : undefined,
  sentence: (one) => `with ${placeWords(one.path)} rounded to ${writeStep(one)}`,
}

function isKindOfValue(value: unknown): value is RoundObligation['of'] {
  return value === 'number' || value === 'position' || value === 'time'
}

function readStep(text: number | string): Result<Pick<RoundObligation, 'of' | 'step'>, Mistake> {
  if (typeof text === 'number') return ok({ of: 'number', step: text })
  const distance = /^(\d{1,8}(?:\.\d{1,3})?) ?(m|km)$/.exec(text)
  // In whole millimetres, so that 1.001 km is 1001 m and no fraction beside it.
  const metres = Math.round(Number(distance?.[1]) * (METRES_IN[distance?.[2] ?? ''] ?? Number.NaN) * 1000) / 1000
  if (metres > 0 && metres <= DISTANCE_MAX_METRES) return ok({ of: 'position', step: metres })
  const seconds = parseDuration(text)
  if (seconds !== undefined) return ok({ of: 'time', step: seconds })
  return err({ code: 'bad_value', message: `"${text}" is not ${COARSENESS}.` })
}

/** What the name of the member shows to be of another kind. */
function explainUnit(path: string, of: RoundObligation['of'], text: number | string): Mistake | undefined {
  const kind = valueKindOf(path)
  if (kind === undefined || kind === of) return undefined
  const place = writePlace(path)
  if (kind === 'position') return { code: 'bad_value', message: `"${text}" does not fit ${place}, which is a position. Write a distance such as 1 km.` }
  const what = of === 'position' ? 'km and m are for positions (latitude and longitude)' : 'durations such as 15 min are for times'
  return {
    code: 'bad_value',
    message: `"${text}" does not fit ${place}, which is a number: ${what}. Write a number such as ${Number.parseFloat(String(text))}.`,
  }
}

function writeStep({ of, step }: RoundObligation): string | number {
  if (of === 'number') return step
  if (of === 'time') return formatDuration(step)
  return step % 1000 === 0 ? `${step / 1000} km` : `${step} m`
}
