// The rules of `query` in a route: which conditions go together, and which names members may bind.
import type { OptionFault, OptionPath } from '../../system/config/option-fault.ts'
import { nameOf, type TemplateSegment } from '../resources/path-template.ts'
import type { QueryRule } from '../resources/query-rules.ts'
import { foldingsOf } from '../resources/read-query.ts'
import type { RouteConfig } from '../resources/route-table.ts'

export function checkQueryRules(route: RouteConfig, segments: readonly TemplateSegment[], at: OptionPath): readonly OptionFault[] {
  const rules = Object.entries(route.query ?? {})
  const names = rules.map(([name]) => name)
  return rules.flatMap(([name, rule]) => {
    const path = [...at, 'query', name]
    const message = faultOfName(name, names) ?? faultOfRule(rule) ?? faultOfBinding(rule, segments)
    return message === undefined ? [] : [{ path, message, remedy: REMEDY }]
  })
}

const REMEDY =
  'Conditions are { require: true }, { one_of: [a, b] }, { bind: name }, { forbid: true } or { optional: true }; `one_of` can be combined with `optional` or `bind`'

/** A name that no request could have, or that some upstreams take for another listed one. */
function faultOfName(name: string, names: readonly string[]): string | undefined {
  if (!/^[^%+;\p{Cc}\s][^%+;\p{Cc}]*$/u.test(name) || /\s$/.test(name)) return `"${name}" cannot be the name of a query parameter`
  const twin = names.find((other) => other !== name && foldingsOf(other).some((folding) => foldingsOf(name).includes(folding)))
  return twin === undefined ? undefined : `some servers treat "${name}" and "${twin}" as the same name`
}

function faultOfRule(rule: QueryRule): string | undefined {
  const { require, one_of, bind, optional, forbid } = rule
  const demands = [require === true, one_of !== undefined, bind !== undefined].filter(Boolean).length
  if (forbid === true) return demands > 0 || optional === true ? '`forbid` cannot be combined with other conditions' : undefined
  if (require === true && optional === true) return '`require` and `optional` cannot be combined'
  if (demands === 0 && optional !== true) return 'there is no condition'
  const unusable = one_of?.find((value) => /[%\\]|\p{Cc}|^\s|\s$/u.test(value))
  return unusable === undefined ? undefined : `no accepted query has the value ${JSON.stringify(unusable)}`
}

function faultOfBinding({ bind, optional }: QueryRule, segments: readonly TemplateSegment[]): string | undefined {
  if (bind === undefined) return undefined
  const segment = segments.find((one) => nameOf(one) === bind)
  if (segment !== undefined && 'rest' in segment) return `{${bind}+} is the rest of the path, which a query parameter cannot bind`
  return segment === undefined && optional === true ? `{${bind}} would have no value without this parameter, so it cannot be \`optional\`` : undefined
}
