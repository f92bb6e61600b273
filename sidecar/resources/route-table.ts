// Finds the route of a request: exact, case-sensitive, segment by segment; a text goes before a name. A request without a route goes nowhere.
import { err, ok, type Result } from '../../protocol/result.ts'
import { fillNames, parsePathTemplate, type TemplateSegment } from './path-template.ts'

export interface RouteConfig {
  readonly method: string
  readonly path: string
  /** The resource's key, with the names of `path` in braces. */
  readonly resource: string
  readonly scope: string
  /** No limit to how long one exchange may take; the idle limit still holds. */
  readonly streaming?: boolean
}

export interface Route extends RouteConfig {
  /** `GET /guitars/{id}/tuning`: how policies, logs and metrics name it. */
  readonly name: string
}

export interface RouteMatch {
  readonly route: Route
  readonly resourceKey: string
}

export interface RouteRefusal {
  readonly reason: 'unknown_route' | 'method_not_allowed'
  readonly allow: readonly string[]
}

export interface RouteTable {
  find(method: string, path: string): Result<RouteMatch, RouteRefusal>
  /** The methods that have a route for this path. */
  methodsOf(path: string): readonly string[]
}

interface Node {
  readonly literals: Map<string, Node>
  named: Node | undefined
  readonly routes: Map<string, { readonly route: Route; readonly segments: readonly TemplateSegment[] }>
}

const createNode = (): Node => ({ literals: new Map(), named: undefined, routes: new Map() })

/** Throws for a template that `parsePathTemplate` refuses, and for two routes that would match the same requests: the configuration's check comes first. */
export function createRouteTable(routes: readonly RouteConfig[]): RouteTable {
  const root = createNode()
  for (const route of routes) addRoute(root, route)

  return {
    find(method, path) {
      const segments = path.slice(1).split('/')
      const found = findRoute(root, segments, { method, depth: 0 })
      if (found !== undefined) return ok({ route: found.route, resourceKey: buildResourceKey(found, segments) })
      const allow = [...collectMethods(root, segments, 0)]
      return err({ reason: allow.length > 0 ? 'method_not_allowed' : 'unknown_route', allow })
    },
    methodsOf: (path) => [...collectMethods(root, path.slice(1).split('/'), 0)],
  }
}

function addRoute(root: Node, config: RouteConfig): void {
  const segments = parsePathTemplate(config.path)
  if (segments === undefined) throw new Error(`not a path template: ${config.path}`)
  const leaf = segments.reduce((node, segment) => childOf(node, segment), root)
  if (leaf.routes.has(config.method)) throw new Error(`two routes match the same requests: ${config.method} ${config.path}`)
  leaf.routes.set(config.method, { route: { ...config, name: `${config.method} ${config.path}` }, segments })
}

function childOf(node: Node, segment: TemplateSegment): Node {
  if ('name' in segment) {
    node.named ??= createNode()
    return node.named
  }
  const known = node.literals.get(segment.literal) ?? createNode()
  node.literals.set(segment.literal, known)
  return known
}

type Leaf = { readonly route: Route; readonly segments: readonly TemplateSegment[] }

function findRoute(node: Node, segments: readonly string[], at: { method: string; depth: number }): Leaf | undefined {
  const segment = segments[at.depth]
  if (segment === undefined) return node.routes.get(at.method)
  const next = { method: at.method, depth: at.depth + 1 }
  const literal = node.literals.get(segment)
  const found = literal && findRoute(literal, segments, next)
  if (found !== undefined) return found
  return node.named !== undefined && segment !== '' ? findRoute(node.named, segments, next) : undefined
}

function collectMethods(node: Node, segments: readonly string[], depth: number): Set<string> {
  const segment = segments[depth]
  if (segment === undefined) return new Set(node.routes.keys())
  const literal = node.literals.get(segment)
  const methods = literal ? collectMethods(literal, segments, depth + 1) : new Set<string>()
  if (node.named !== undefined && segment !== '') for (const method of collectMethods(node.named, segments, depth + 1)) methods.add(method)
  return methods
}

/** A name stands for its segment decoded; the path was read strictly, so decoding cannot fail or make structure. */
function buildResourceKey(leaf: Leaf, segments: readonly string[]): string {
  const values = new Map<string, string>()
  leaf.segments.forEach((segment, index) => {
    if ('name' in segment) values.set(segment.name, decodeURIComponent(segments[index] ?? ''))
  })
  return fillNames(leaf.route.resource, values)
}
