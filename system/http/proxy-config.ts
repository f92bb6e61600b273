// The options by which a program learns of the proxies in front of it, the same in both configurations, and what is wrong with them.
import { type IpNetwork, parseIpNetwork } from '../../protocol/address.ts'
import type { OptionFault } from '../config/option-fault.ts'
import type { ClientAddressHeader, ProxyTrust } from './peer.ts'

export interface ProxyConfig {
  /** Networks in CIDR form, or single addresses. None if left out. */
  readonly trusted_proxies?: readonly string[]
  readonly client_address_header?: ClientAddressHeader
  readonly listen: {
    /** Every connection begins with a header of the PROXY protocol. */
    readonly proxy_protocol?: boolean
  }
}

export const NO_TRUST: ProxyTrust = { networks: [] }

export function checkProxyConfig(config: ProxyConfig): readonly OptionFault[] {
  const proxies = config.trusted_proxies ?? []
  const faults = proxies.flatMap((text, index) => checkNetwork(text, ['trusted_proxies', index]))
  if (proxies.length > 0) return faults
  if (config.listen.proxy_protocol === true) {
    const path = ['listen', 'proxy_protocol']
    return [{ path, message: 'no proxy is trusted to use the PROXY protocol', remedy: "List the proxy's address in trusted_proxies, e.g. [127.0.0.1]" }]
  }
  if (config.client_address_header === undefined) return []
  const remedy = "List the proxy's address in trusted_proxies, or remove this option"
  return [{ path: ['client_address_header'], message: 'this header is read only from trusted proxies, and there are none', remedy }]
}

/** Of a checked configuration. */
export function buildTrust({ trusted_proxies: proxies = [], client_address_header: header }: ProxyConfig): ProxyTrust {
  const networks = proxies.flatMap((text): IpNetwork[] => {
    const network = parseIpNetwork(text)
    return network.ok ? [network.value] : []
  })
  return header === undefined ? { networks } : { networks, header }
}

function checkNetwork(text: string, path: OptionFault['path']): readonly OptionFault[] {
  const network = parseIpNetwork(text)
  if (!network.ok) return [{ path, message: network.error.replace(/\.$/, ''), remedy: 'Write an address or a network, e.g. 127.0.0.1 or 10.0.0.0/8' }]
  if (!network.value.endsWith('/0')) return []
  return [{ path, message: `"${text}" would trust every client to state its own address`, remedy: 'List only the addresses of your proxies' }]
}
