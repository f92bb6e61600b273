// `only: {from: [192.0.2.0/24]}`: the networks the request may come from, IPv4 and IPv6.

import { ipNetworkEdges, isInIpNetwork, parseIpAddress, parseIpNetwork } from '../../protocol/address.ts'
import { call, literal, test } from '../rego/ast.ts'
import { err, ok, type Result } from '../result.ts'
import type { JsonSchema } from '../schema/json-schema.ts'
import type { ConditionKind, Mark, Mistake } from './condition-kind.ts'

export interface FromCondition {
  readonly kind: 'from'
  /** CIDR, IPv4 or IPv6. */
  readonly networks: readonly string[]
}

export const NETWORKS_SCHEMA: JsonSchema = {
  type: 'array',
  description: 'networks such as 192.0.2.0/24 or 2001:db8::/32, or single addresses',
  items: { type: 'string', description: 'a network such as 192.0.2.0/24, or an address', minLength: 1, maxLength: 50 },
  minItems: 1,
  maxItems: 50,
}

export const from: ConditionKind<FromCondition> = {
  kind: 'from',
  key: 'from',
  place: 'only',
  schema: NETWORKS_SCHEMA,
  read(value): Result<FromCondition, Mistake> {
    const networks = readNetworks(value as readonly string[])
    return networks.ok ? ok({ kind: 'from', networks: networks.value }) : networks
  },
  write: ({ networks }) => networks,
  toRego: ({ networks }) => test(call('from_network', literal(networks))),
  holds: ({ networks }, { request }) => isInNetworks(request.ip, networks),
  ruledOut: {
    toRego: ({ networks }) => test(call('outside_network', literal(networks))),
    holds: ({ networks }, { request }) => isOutside(request.ip, networks),
  },
  marks: ({ networks }) => networkMarks(networks),
  reason: 'not_from_this_network',
  sentence: ({ networks }) => `from the network ${networks.join(', ')}`,
}

export function readNetworks(texts: readonly string[]): Result<readonly string[], Mistake> {
  const networks: string[] = []
  for (const text of texts) {
    const network = parseIpNetwork(text)
    if (!network.ok) return err({ code: 'bad_network', message: network.error })
    networks.push(network.value)
  }
  return ok(networks)
}

export function isInNetworks(ip: string | null, networks: readonly string[]): boolean {
  return ip !== null && networks.some((network) => isInIpNetwork(ip, network))
}

/** An address that cannot be read may be anywhere. */
export function isOutside(ip: string | null, networks: readonly string[]): boolean {
  return ip !== null && parseIpAddress(ip) !== undefined && !isInNetworks(ip, networks)
}

export function networkMarks(networks: readonly string[]): readonly Mark[] {
  return networks.flatMap(ipNetworkEdges).map((value) => ({ fact: 'ip', value }))
}
