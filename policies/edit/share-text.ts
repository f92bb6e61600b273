// A share as one line of YAML, its words always in double quotes. It knows no document.

/** The conditions as they stand in a document's `only`, e.g. copied from another share. */
export interface OnlyText {
  readonly days?: readonly string[]
  readonly between?: string
  readonly timezone?: string
  readonly from?: readonly string[]
}

export interface NewShare {
  readonly name: string
  /** E-mail addresses, groups of the document, anyone-signed-in. */
  readonly who: readonly string[]
  /** Things (`thingWord(key)`), type:x, tag:x, everything. */
  readonly what: readonly string[]
  readonly may: readonly string[]
  readonly until?: string
  readonly only?: OnlyText
  readonly hide?: readonly string[]
}

/** Keys and their values, in the order in which owners write them. */
export function shareEntries(share: NewShare): readonly (readonly [key: string, value: string])[] {
  const { name, who, what, may, only, until, hide } = share
  const entries: [string, unknown][] = [
    ['name', name],
    ['who', who],
    ['what', what],
    ['may', may],
    ['only', only],
    ['until', until],
    ['hide', hide],
  ]
  return entries.flatMap(([key, value]) => (isGiven(value) ? [[key, flow(value)] as const] : []))
}

// An empty list or map says the same as none, and the schema knows neither.
function isGiven(value: unknown): boolean {
  return value !== undefined && !(typeof value === 'object' && value !== null && Object.values(value).every((inner) => inner === undefined))
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const inner = Object.entries(value).filter(([, one]) => one !== undefined)
    return `{ ${inner.map(([key, one]) => `${key}: ${flow(one)}`).join(', ')} }`
  }
  return quote(String(value))
}

/** A double-quoted scalar (YAML 1.2 section 7.3.1). Its escapes hold all of JSON's; what a line may not hold is escaped too. */
function quote(text: string): string {
  return JSON.stringify(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escapeUnits)
}

function escapeUnits(character: string): string {
  const point = character.codePointAt(0) ?? 0
  return point > 0xffff ? `\\U${point.toString(16).padStart(8, '0')}` : `\\u${point.toString(16).padStart(4, '0')}`
}
