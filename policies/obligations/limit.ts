// `limit: 100 per hour`, `limit: 5 uses`: how often one party may use a share.
import type { LimitObligation } from '../contract/obligations.ts'
import { formatDuration, parseDuration } from '../duration.ts'
import { err, ok } from '../result.ts'
import { isPositive, type ObligationKind } from './obligation-kind.ts'

const WORDS = 'a limit such as 100 per hour, 3 per 10 min or 5 uses'
/** What one party could do in a year at a thousand requests a second is no limit any more. */
const USES_MAX = 1_000_000_000

export const limit: ObligationKind<LimitObligation> = {
  kind: 'limit',
  schema: {
    type: ['string', 'array'],
    description: `${WORDS}, or a list of them`,
    minLength: 1,
    maxLength: 60,
    items: { type: 'string', description: WORDS, minLength: 1, maxLength: 60 },
    minItems: 1,
    maxItems: 5,
  },
  read(value, { rule }) {
    const found: LimitObligation[] = []
    for (const text of typeof value === 'string' ? [value] : (value as readonly string[])) {
      const one = readLimit(text)
      if (one === undefined) return err({ code: 'bad_limit', message: `"${text}" is not ${WORDS}.` })
      found.push({ kind: 'limit', rule, ...one })
    }
    return ok(found)
  },
  write: (obligations) => {
    const [first, ...others] = obligations.map(writeLimit)
    return first !== undefined && others.length === 0 ? first : obligations.map(writeLimit)
  },
  members: ['rule', 'uses', 'per_seconds'],
  check: ({ rule, uses, per_seconds: per }) =>
    typeof rule === 'string' && isPositive(uses) && (per === null || isPositive(per)) ? { kind: 'limit', rule, uses, per_seconds: per } : undefined,
  sentence: (one) => `at most ${writeLimit(one)}`,
}

function readLimit(text: string): Pick<LimitObligation, 'uses' | 'per_seconds'> | undefined {
  const [, count, span] = /^([1-9]\d{0,9}) (?:uses?|per (.+))$/.exec(text) ?? []
  const uses = Number(count)
  if (count === undefined || uses > USES_MAX) return undefined
  if (span === undefined) return { uses, per_seconds: null }
  const seconds = parseDuration(span)
  return seconds === undefined ? undefined : { uses, per_seconds: seconds }
}

function writeLimit({ uses, per_seconds: per }: LimitObligation): string {
  if (per === null) return uses === 1 ? '1 use' : `${uses} uses`
  return `${uses} per ${formatDuration(per)
    .replace(/^1 h$/, 'hour')
    .replace(/^1 min$/, 'minute')
    .replace(/^1 s$/, 'second')
    .replace(/^1 /, '')}`
}
