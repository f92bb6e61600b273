// The rules of a configuration that its schema cannot say: origins, loopback, routes. Each fault names the option and the remedy.

import { namesIn, parsePathTemplate } from '../resources/path-template.ts'
import { createRouteTable } from '../resources/route-table.ts'
import type { SidecarConfig } from './sidecar-config.ts'

export interface OptionFault {
  readonly path: readonly (string | number)[]
  readonly message: string
  readonly remedy: string
}

export function checkConfig(config: SidecarConfig): readonly OptionFault[] {
  return [
    ...checkListener(config),
    ...checkOrigin(['public_origin'], config.public_origin, 'callers'),
    ...checkOrigin(['authz_server', 'issuer'], config.authz_server.issuer, 'the sidecar'),
    ...checkUpstream(config),
    ...(config.cors?.origins ?? []).flatMap((origin, index) => checkOrigin(['cors', 'origins', index], origin, 'pages')),
    ...checkRoutes(config),
  ]
}

/** Loopback is the one channel that is private without TLS. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

function checkListener({ listen, admin }: SidecarConfig): OptionFault[] {
  const faults: OptionFault[] = []
  if (listen.tls === undefined && !isLoopback(listen.host)) {
    faults.push({
      path: ['listen', 'host'],
      message: `"${listen.host}" is not loopback, and there is no tls`,
      remedy: 'Add listen.tls, or listen on 127.0.0.1',
    })
  }
  if (!isLoopback(admin.host)) {
    faults.push({ path: ['admin', 'host'], message: `"${admin.host}" is not loopback`, remedy: 'The admin listener has no TLS: use 127.0.0.1' })
  }
  return faults
}

function checkOrigin(path: OptionFault['path'], value: string, who: string): OptionFault[] {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.origin !== value) {
    return [
      { path, message: `"${value}" is not an origin`, remedy: 'Write scheme, host and port in lower case and nothing else, e.g. https://api.example.com' },
    ]
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return [{ path, message: `"${value}" would have ${who} send tokens without TLS`, remedy: 'Use https, or a loopback host' }]
  }
  return []
}

function checkUpstream({ upstream, public_origin }: SidecarConfig): OptionFault[] {
  const path = ['upstream']
  const url = URL.canParse(upstream) ? new URL(upstream) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.origin !== upstream) {
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
