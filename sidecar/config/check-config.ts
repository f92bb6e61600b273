// The rules of a configuration that its schema cannot say: origins, listeners, routes. Each fault names the option and the remedy.
import { checkListeners } from '../../system/config/check-listeners.ts'
import type { OptionFault } from '../../system/config/option-fault.ts'
import { checkProxyConfig } from '../../system/http/proxy-config.ts'
import { checkPrivateOrigin } from '../../system/origins.ts'
import { checkLoops } from './check-loops.ts'
import { checkRoutes } from './check-routes.ts'
import { checkUpstream } from './check-upstream.ts'
import type { SidecarConfig } from './sidecar-config.ts'

export function checkConfig(config: SidecarConfig): readonly OptionFault[] {
  return [
    ...checkListeners(config),
    ...checkProxyConfig(config),
    ...checkPrivateOrigin(['public_origin'], config.public_origin, 'callers'),
    ...checkScheme(config),
    ...checkPrivateOrigin(['authz_server', 'issuer'], config.authz_server.issuer, 'the sidecar'),
    ...checkUpstream(config),
    ...checkLoops(config),
    ...(config.cors?.origins ?? []).flatMap((origin, index) => checkPrivateOrigin(['cors', 'origins', index], origin, 'pages')),
    ...checkRoutes(config.routes),
  ]
}

/** Proofs name the URI with its scheme: with the wrong one, each of them would be refused. */
function checkScheme({ listen, public_origin: origin }: SidecarConfig): readonly OptionFault[] {
  if (listen.tls === undefined || !origin.startsWith('http:')) return []
  return [
    { path: ['public_origin'], message: `"${origin}" is http, and listen.tls serves https`, remedy: 'Write the origin with https://, or remove listen.tls' },
  ]
}
