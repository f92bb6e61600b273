// The conditions of a share, a block, a pause or a guardrail: each is read by its own file in `conditions`.
import type { ReadContext } from '../conditions/condition-kind.ts'
import { checkTimezone } from '../conditions/local-time.ts'
import { CONDITION_KINDS, type Condition } from '../conditions/registry.ts'
import type { PolicyDocument } from './document.ts'

export interface RawConditions {
  /** The entry itself, with `from` and `until`. */
  readonly entry: Readonly<Record<string, unknown>>
  /** Pointer to it. */
  readonly at: string
  /** `only` or `require`: the key of the conditions of the request. */
  readonly key: 'only' | 'require'
}

export interface ConditionDefaults extends Pick<ReadContext, 'places' | 'calendars'> {
  readonly timezone: string | undefined
}

export function readConditions({ entry, at, key }: RawConditions, defaults: ConditionDefaults, document: PolicyDocument): readonly Condition[] {
  const only = (entry[key] ?? {}) as Readonly<Record<string, unknown>>
  const own = only['timezone'] as string | undefined
  if (own !== undefined) checkZone(own, `${at}/${key}/timezone`, document)
  const context = { timezone: own ?? defaults.timezone, only, places: defaults.places, calendars: defaults.calendars, entry }
  return CONDITION_KINDS.flatMap((kind) => {
    const [holder, pointer] = kind.place === 'only' ? [only, `${at}/${key}`] : [entry, at]
    return Object.hasOwn(holder, kind.key) ? document.keep(kind.read(holder[kind.key], context), `${pointer}/${kind.key}`) : []
  })
}

export function checkZone(name: string, at: string, document: PolicyDocument): void {
  const mistake = checkTimezone(name)
  if (mistake !== undefined) document.complain(at, mistake)
}
