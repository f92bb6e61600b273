// The rules of a configuration that its schema cannot say: origins, loopback, routes. Each fault names the option and the remedy.

import type { OptionFault } from '../../system/config-file.ts'
import { checkProxyConfig } from '../../system/http/proxy-config.ts'
import { checkListener, checkPrivateOrigin, isLoopbackHost, isOrigin } from '../../system/origins.ts'
import { namesIn, parsePathTemplate } from '../resources/path-template.ts'
import { createRouteTable } from '../resources/route-table.ts'
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
    ...checkRoutes(config),
  ]
}

/** The admin listener has no TLS. */
function checkAdmin({ admin }: SidecarConfig): readonly OptionFault[] {
  if (isLoopbackHost(admin.host)) return []
  return [{ path: ['admin', 'host'], message: `"${admin.host}" is not loopback`, remedy: 'The admin listener has no TLS: use 127.0.0.1' }]
}

function checkUpstream({ upstream, public_origin }: SidecarConfig): OptionFault[] {
  const path = ['upstream']
  if (!isOrigin(upstream)) {
    return [
      { path, message: `"${upstream}" is not an origin`, remedy: 'Write scheme, host and port in lower case and nothing else, e.g. http://127.0.0.1:8080' },
    ]
  }
  return upstream === public_origin ? [{ path, message: 'the sidecar would forward to itself', remedy: "Name the API's own address" }] : []
}

function checkRoutes({ routes }: SidecarConfig): OptionFault[] {
  const faults = routes.flatMap((route, index): OptionFault[] => {
    const segments = parsePathTemplate(route.path)
    if (segments === undefined) {
      const remedy = 'Each segment is a text as it stands in a canonical path, or one name of lower-case letters in braces, and no name stands twice'
      return [{ path: ['routes', index, 'path'], message: `"${route.path}" is not a path template`, remedy }]
    }
    const names = new Set(segments.flatMap((segment) => ('name' in segment ? [segment.name] : [])))
    const unknown = namesIn(route.resource).find((name) => !names.has(name))
    if (unknown === undefined) return []
    return [{ path: ['routes', index, 'resource'], message: `the path has no {${unknown}}`, remedy: `Names of this path: ${[...names].join(', ') || 'none'}` }]
  })
  return faults.length > 0 ? faults : checkDistinct(routes)
}

function checkDistinct(routes: SidecarConfig['routes']): OptionFault[] {
  try {
    createRouteTable(routes)
    return []
  } catch (cause) {
    return [{ path: ['routes'], message: cause instanceof Error ? cause.message : 'two routes match the same requests', remedy: 'Remove one of them' }]
  }
}
