// A share as one line of YAML, its words always in double quotes. It knows no document.
import type { Written } from '../conditions/condition-kind.ts'
import type { AskMode } from '../contract/decision.ts'
import type { WhoWord } from '../model/names.ts'

/** As it stands under `shares`, key by key; what is undefined or empty is left out. */
export interface NewShare {
  readonly name: string
  readonly who: readonly WhoWord[]
  /** `thingWord(key)`, type:x, tag:x, device:x, names of `things`, everything. */
  readonly what: readonly string[]
  readonly may: readonly string[]
  readonly only?: Readonly<Record<string, Written>> | undefined
  readonly from?: string | undefined
  readonly until?: string | undefined
  /** With `until: done`. */
  readonly remind?: string | undefined
  /** `hide`, `limit` and the others, by their keys. */
  readonly obligations?: Readonly<Record<string, Written>> | undefined
  readonly ask?: 'once' | 'each time' | false | undefined
}

/** Keys and their values on one line, in the order in which owners write them. */
export function shareEntries(share: NewShare): readonly (readonly [key: string, value: string])[] {
  return shareValues(share).map(([key, value]) => [key, flowText(value)] as const)
}

export function shareValues({ obligations = {}, ask = false, ...share }: NewShare): readonly (readonly [key: string, value: Written])[] {
  const { name, who, what, may, only, from, until, remind } = share
  const entries: readonly (readonly [string, Written | undefined])[] = [
    ['name', name],
    ['who', who],
    ['what', what],
    ['may', may],
    ['only', only],
    ['from', from],
    ['until', until],
    ['remind', remind],
    ...Object.entries(obligations),
    ['ask', ask || undefined],
  ]
  return entries.flatMap(([key, value]) => (value !== undefined && !isEmpty(value) ? [[key, value] as const] : []))
}

// An empty list or map says the same as none, and the schema knows neither.
function isEmpty(value: Written): boolean {
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** As owners write it. */
export function writeAsk(ask: AskMode): 'once' | 'each time' {
  return ask === 'each_time' ? 'each time' : 'once'
}

/** In the flow style, on one line; keys that are more than a plain word are quoted too. */
export function flowText(value: Written): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value !== 'object') return String(value)
  if (isList(value)) return `[${value.map(flowText).join(', ')}]`
  return `{ ${Object.entries(value)
    .map(([key, one]) => `${/^[a-z_]+$/.test(key) ? key : quote(key)}: ${flowText(one)}`)
    .join(', ')} }`
}

function isList(value: Written): value is readonly Written[] {
  return Array.isArray(value)
}

/** A double-quoted scalar (YAML 1.2 section 7.3.1). Its escapes hold all of JSON's; what a line may not hold is escaped too. */
function quote(text: string): string {
  return JSON.stringify(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escapeUnits)
}

function escapeUnits(character: string): string {
  const point = character.codePointAt(0) ?? 0
  return point > 0xffff ? `\\U${point.toString(16).padStart(8, '0')}` : `\\u${point.toString(16).padStart(4, '0')}`
}
