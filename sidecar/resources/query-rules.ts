// What a route demands of the query: members that must be there, must not be, or give a name its value. Judges what `read-query.ts` has read.

/** The conditions on one member. Without `optional` or `forbid` it has to be there exactly once. */
export interface QueryRule {
  /** There, with any value but an empty one. */
  readonly require?: boolean
  /** There, with one of these values. */
  readonly one_of?: readonly string[]
  /** There; its value is that name's value in `resource`, and equals the path's where the path has the name. */
  readonly bind?: string
  /** May be left out. */
  readonly optional?: boolean
  readonly forbid?: boolean
}

export interface QueryConditions {
  readonly query?: Readonly<Record<string, QueryRule>>
  /** Members that `query` does not list; `allow` unless set. */
  readonly other_query?: 'allow' | 'forbid'
}

export function hasQueryConditions(route: QueryConditions): boolean {
  return route.query !== undefined || route.other_query === 'forbid'
}

/** `members`: of the listed ones, each at most once. `names`: all that are there. */
export interface ReadQuery {
  readonly members: ReadonlyMap<string, string>
  readonly names: ReadonlySet<string>
}

/** Adds to `values` what members bind; false where a condition does not hold. */
export function meetsConditions(route: QueryConditions, read: ReadQuery, values: Map<string, string>): boolean {
  const rules = route.query ?? {}
  if (route.other_query === 'forbid') for (const name of read.names) if (!Object.hasOwn(rules, name)) return false
  return Object.entries(rules).every(([name, rule]) => meetsRule(rule, read.members.get(name), values))
}

function meetsRule(rule: QueryRule, value: string | undefined, values: Map<string, string>): boolean {
  if (value === undefined) return rule.forbid === true || rule.optional === true
  if (rule.forbid === true) return false
  if (rule.one_of !== undefined) {
    if (!rule.one_of.includes(value)) return false
  } else if (value === '' && rule.optional !== true) return false
  return rule.bind === undefined || bind(rule.bind, value, values)
}

/** As in a path, a slash in a value is `%2F`. */
function bind(name: string, value: string, values: Map<string, string>): boolean {
  const text = value.replaceAll('/', '%2F')
  const known = values.get(name)
  if (known !== undefined) return known === text
  if (text === '') return false
  values.set(name, text)
  return true
}

/** True where no query can meet both: some member must be there for one and must not be for the other, or needs different values. */
export function excludeEachOther(a: QueryConditions, b: QueryConditions): boolean {
  const names = new Set([...Object.keys(a.query ?? {}), ...Object.keys(b.query ?? {})])
  return [...names].some((name) => {
    const [one, other] = [demandOf(a, name), demandOf(b, name)]
    if (one.presence === 'never') return other.presence === 'always'
    if (other.presence === 'never') return one.presence === 'always'
    if (one.presence !== 'always' && other.presence !== 'always') return false
    return one.values !== undefined && other.values !== undefined && !one.values.some((value) => other.values?.includes(value))
  })
}

interface Demand {
  readonly presence: 'always' | 'maybe' | 'never'
  readonly values?: readonly string[] | undefined
}

function demandOf(route: QueryConditions, name: string): Demand {
  const rule = Object.hasOwn(route.query ?? {}, name) ? route.query?.[name] : undefined
  if (rule === undefined) return { presence: route.other_query === 'forbid' ? 'never' : 'maybe' }
  if (rule.forbid === true) return { presence: 'never' }
  return { presence: rule.optional === true ? 'maybe' : 'always', values: rule.one_of }
}

/** `?cmd=lock|close&device={id}&!debug`: how names of routes show their conditions; empty without any. */
export function describeConditions(route: QueryConditions): string {
  const parts = Object.entries(route.query ?? {}).flatMap(([name, rule]) => describeRule(name, rule))
  if (route.other_query === 'forbid') parts.push('!*')
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}

function describeRule(name: string, rule: QueryRule): readonly string[] {
  if (rule.forbid === true) return [`!${name}`]
  const value = rule.one_of?.join('|') ?? (rule.bind === undefined ? '*' : `{${rule.bind}}`)
  return [`${name}${rule.optional === true ? '?' : ''}=${value}`]
}
