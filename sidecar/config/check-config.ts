// The rules of a configuration that its schema cannot say: origins, loopback, routes. Each fault names the option and the remedy.

import type { OptionFault } from '../../system/config-file.ts'
import { checkProxyConfig } from '../../system/http/proxy-config.ts'
import { checkListener, checkPrivateOrigin, isLoopbackHost } from '../../system/origins.ts'
import { checkRoutes } from './check-routes.ts'
import { checkUpstream } from './check-upstream.ts'
import type { SidecarConfig } from './sidecar-config.ts'

export function checkConfig(config: SidecarConfig): readonly OptionFault[] {
  return [
    ...checkListener(config.listen),
    ...checkProxyConfig(config),
    ...checkAdmin(config),
    ...checkPrivateOrigin(['public_origin'], config.public_origin, 'callers'),
    ...checkPrivateOrigin(['authz_server', 'issuer'], config.authz_server.issuer, 'the sidecar'),
    ...checkUpstream(config),
    ...(config.cors?.origins ?? []).flatMap((origin, index) => checkPrivateOrigin(['cors', 'origins', index], origin, 'pages')),
    ...checkRoutes(config.routes),
  ]
}

/** The admin listener has no TLS. */
function checkAdmin({ admin }: SidecarConfig): readonly OptionFault[] {
  if (isLoopbackHost(admin.host)) return []
  return [{ path: ['admin', 'host'], message: `"${admin.host}" is not loopback`, remedy: 'The admin listener has no TLS: use 127.0.0.1' }]
}
