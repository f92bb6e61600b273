// Finds addresses that lead back to the sidecar itself: as the API that it forwards to, or as the authz server that it asks.
import type { OptionFault, OptionPath } from '../../system/config/option-fault.ts'
import { isLoopbackHost, isOrigin } from '../../system/origins.ts'
import { type SidecarConfig, upstreamOf } from './sidecar-config.ts'

interface Address {
  readonly host: string
  readonly port: number
}

const ALL_INTERFACES: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

export function checkLoops(config: SidecarConfig): readonly OptionFault[] {
  const upstreamAt: OptionPath = typeof config.upstream === 'string' ? ['upstream'] : ['upstream', 'origin']
  const issuerAt: OptionPath = ['authz_server', 'issuer']
  const { issuer } = config.authz_server
  return [
    ...checkLoop(config, { path: upstreamAt, origin: upstreamOf(config).origin, remedy: "Name the API's own address" }),
    ...checkLoop(config, { path: issuerAt, origin: issuer, remedy: 'Name the issuer as the authz server is configured' }),
    ...(issuer === config.public_origin
      ? [{ path: issuerAt, message: `"${issuer}" is also the public_origin`, remedy: 'The authz server and the sidecar need an origin each' }]
      : []),
  ]
}

function checkLoop(
  { listen, admin }: SidecarConfig,
  to: { readonly path: OptionPath; readonly origin: string; readonly remedy: string },
): readonly OptionFault[] {
  if (!isOrigin(to.origin)) return []
  const found = Object.entries({ listen, admin }).find(([, address]) => leadsTo(new URL(to.origin), address))
  if (found === undefined) return []
  const [option, { host, port }] = found
  return [{ path: to.path, message: `"${to.origin}" leads to the sidecar itself (${option}: ${host}, port ${port})`, remedy: to.remedy }]
}

function leadsTo({ hostname, port, protocol }: URL, to: Address): boolean {
  const named = Number(port === '' ? (protocol === 'https:' ? 443 : 80) : port)
  if (to.port === 0 || named !== to.port) return false
  const host = hostname.replace(/^\[|\]$/g, '')
  return host === to.host || isSameLoopback(host, to.host) || (ALL_INTERFACES.has(to.host) && isLoopbackHost(host))
}

/** `localhost` is either of the two; 127.0.0.2 is another address than 127.0.0.1. */
function isSameLoopback(one: string, other: string): boolean {
  const isEither = (host: string) => host === '127.0.0.1' || host === '::1'
  return (one === 'localhost' && isEither(other)) || (other === 'localhost' && isEither(one))
}
