// `only: {place: home}`: the request comes from one of the owner's own places, which `places` names as networks.
import { call, literal, test } from '../rego/ast.ts'
import { err, ok } from '../result.ts'
import { didYouMean } from '../suggest.ts'
import type { ConditionKind } from './condition-kind.ts'
import { isInNetworks, isOutside, networkMarks } from './from.ts'
import { asList, oneOrList, words } from './one-of.ts'

export interface PlaceCondition {
  readonly kind: 'place'
  readonly names: readonly string[]
  /** Of all these places together. */
  readonly networks: readonly string[]
}

export const place: ConditionKind<PlaceCondition> = {
  kind: 'place',
  key: 'place',
  place: 'only',
  schema: oneOrList('a name from "places" such as home, or a list of them', { maxLength: 64 }),
  read(value, { places }) {
    const names = asList(value)
    const unknown = names.find((name) => !places.has(name))
    if (unknown !== undefined) {
      const hint = didYouMean(unknown, [...places.keys()])
      return err({ code: 'unknown_place', message: `"${unknown}" is not a name under "places"; add it there with its networks.${hint}` })
    }
    return ok({ kind: 'place', names, networks: [...new Set(names.flatMap((name) => places.get(name) ?? []))] })
  },
  write: ({ names }) => words(names),
  toRego: ({ networks }) => test(call('from_network', literal(networks))),
  holds: ({ networks }, { request }) => isInNetworks(request.ip, networks),
  ruledOut: {
    toRego: ({ networks }) => test(call('outside_network', literal(networks))),
    holds: ({ networks }, { request }) => isOutside(request.ip, networks),
  },
  marks: ({ networks }) => networkMarks(networks),
  reason: 'not_at_this_place',
  sentence: ({ names }) => `from ${names.join(' or ')}`,
}
