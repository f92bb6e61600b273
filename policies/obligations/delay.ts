// `delay: {by: 15 min, at: "$.samples[*].time"}`: the party sees only what is older than this.
import type { DelayObligation } from '../contract/obligations.ts'
import { DURATION_WORDS, formatDuration, parseDuration } from '../duration.ts'
import { err, ok } from '../result.ts'
import type { JsonSchema } from '../schema/json-schema.ts'
import { isPath, isPositive, type ObligationKind } from './obligation-kind.ts'
import { EXACT_PATTERN, PATH_MAX_CHARS } from './path.ts'

// Its wildcards say which items are left out, so a name that is meant anywhere would not do.
const EXACT_PLACE: JsonSchema = {
  type: 'string',
  description: 'the exact place of the time of each item, such as $.samples[*].time',
  pattern: EXACT_PATTERN,
  maxLength: PATH_MAX_CHARS,
}

export const delay: ObligationKind<DelayObligation> = {
  kind: 'delay',
  schema: {
    type: 'object',
    description: 'by: how old, and at: the place of the time of each item',
    required: ['by', 'at'],
    additionalProperties: false,
    properties: { by: { type: 'string', description: `a time ${DURATION_WORDS}`, maxLength: 40 }, at: EXACT_PLACE },
  },
  read(value) {
    const { by, at } = value as { readonly by: string; readonly at: string }
    const seconds = parseDuration(by)
    if (seconds === undefined) return err({ code: 'bad_duration', message: `"${by}" is not a duration ${DURATION_WORDS}.` })
    return ok([{ kind: 'delay', seconds, path: at }])
  },
  write: (obligations) => Object.fromEntries(obligations.flatMap(({ seconds, path }) => [['by', formatDuration(seconds)] as const, ['at', path] as const])),
  members: ['seconds', 'path'],
  check: ({ seconds, path }) => (isPositive(seconds) && isPath(path) ? { kind: 'delay', seconds, path } : undefined),
  sentence: ({ seconds }) => `only what is older than ${formatDuration(seconds)}`,
}
