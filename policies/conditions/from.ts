// `only: {from: [192.0.2.0/24]}`: the networks the request may come from, IPv4 and IPv6.

import type { FromCondition } from '../model/rule-set.ts'
import { call, literal, test } from '../rego/ast.ts'
import { err, ok, type Result } from '../result.ts'
import type { ConditionKind, Mistake } from './condition-kind.ts'
import { parseNetwork } from './network.ts'

export const from: ConditionKind<FromCondition> = {
  kind: 'from',
  place: 'only',
  schema: {
    type: 'array',
    description: 'networks such as 192.0.2.0/24 or 2001:db8::/32, or single addresses',
    items: { type: 'string', minLength: 1, maxLength: 50 },
    minItems: 1,
    maxItems: 50,
  },
  read(value): Result<FromCondition, Mistake> {
    const networks: string[] = []
    for (const text of value as readonly string[]) {
      const network = parseNetwork(text)
      if (!network.ok) return err({ code: 'bad_network', message: network.error })
      networks.push(network.value)
    }
    return ok({ kind: 'from', networks })
  },
  toRego: ({ networks }) => test(call('from_network', literal(networks))),
  reason: 'not_from_this_network',
  sentence: ({ networks }) => `from the network ${networks.join(', ')}`,
}
