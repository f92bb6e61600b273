// Finds the route of a request: exact and case-sensitive, the most specific path first, then the conditions on the query. A request without a route goes nowhere.
import { err, ok, type Result } from '../../protocol/result.ts'
import { comparePaths } from './compare-paths.ts'
import { fillNames, hasEncodedSlash, nameOf, parsePathTemplate, type TemplateSegment } from './path-template.ts'
import { describeConditions, excludeEachOther, hasQueryConditions, meetsConditions, type QueryConditions } from './query-rules.ts'
import { type ListedMembers, listMembers, readQuery } from './read-query.ts'
import { createRouteTree, findInTree, valueAt } from './route-tree.ts'

export interface RouteConfig extends QueryConditions {
  readonly method: string
  readonly path: string
  /** The resource's key, with names of `path` and `query` in braces. */
  readonly resource: string
  readonly scope: string
  /** No limit to how long one exchange may take; the idle limit still holds. */
  readonly streaming?: boolean
  /** Whether `%2F` may stand inside a segment; `refuse` unless set. */
  readonly encoded_slashes?: 'refuse' | 'allow'
}

export interface Route extends RouteConfig {
  /** `GET /guitars/{id}/tuning`: how policies, logs and metrics name it. Conditions on the query follow: `?cmd=lock`. */
  readonly name: string
}

export interface RouteMatch {
  readonly route: Route
  readonly resourceKey: string
}

export interface RouteRefusal {
  readonly reason: 'unknown_route' | 'method_not_allowed' | 'encoded_slash' | 'query_ambiguous' | 'query_not_allowed'
  readonly allow?: readonly string[]
}

export interface RouteTable {
  /** `query`: with its question mark, or empty. */
  find(method: string, path: string, query: string): Result<RouteMatch, RouteRefusal>
  /** The methods that have a route for this path. */
  methodsOf(path: string): readonly string[]
}

interface Leaf {
  readonly route: Route
  readonly segments: readonly TemplateSegment[]
}

/** The routes of one method and one shape of path. More than one: each has conditions on the query, and no query meets two. */
interface Group {
  readonly leaves: Leaf[]
  /** Undefined where no route has conditions on the query. */
  listed: ListedMembers | undefined
}

type Methods = Map<string, Group>

/** Throws for a template that `parsePathTemplate` refuses, and for two routes that would match the same requests: the configuration's check comes first. */
export function createRouteTable(routes: readonly RouteConfig[]): RouteTable {
  const root = createRouteTree<Methods>()
  for (const route of routes)
    addRoute(
      valueAt(root, segmentsOf(route), () => new Map()),
      route,
    )

  const groupFor = (method: string, segments: readonly string[]) => findInTree(root, segments, (methods) => methods.get(method))

  function methodsOf(path: string, isListed: (group: Group) => boolean): readonly string[] {
    const found = new Set<string>()
    findInTree(root, path.slice(1).split('/'), (methods) => {
      for (const [method, group] of methods) if (isListed(group)) found.add(method)
      return undefined
    })
    return [...found]
  }

  function miss(path: string): RouteRefusal {
    const isEncoded = hasEncodedSlash(path)
    const allow = methodsOf(path, (group) => !isEncoded || group.leaves.some(allowsEncodedSlashes))
    if (allow.length > 0) return { reason: 'method_not_allowed', allow }
    return { reason: isEncoded ? 'encoded_slash' : 'unknown_route' }
  }

  /** True where a server that decodes slashes first would serve this path by a route that is narrower, or has more literal segments. */
  function reachesPastARoute(method: string, path: string, leaf: Leaf): boolean {
    const decoded = path.replaceAll('%2F', '/').replace(/\/{2,}/g, '/')
    const other = groupFor(method, decoded.slice(1).split('/'))?.leaves[0]
    return other !== undefined && (literalsIn(other) > literalsIn(leaf) || comparePaths(other.segments, leaf.segments) === 'narrower')
  }

  return {
    find(method, path, query) {
      const segments = path.slice(1).split('/')
      const group = groupFor(method, segments)
      if (group === undefined) return err(miss(path))
      const found = chooseLeaf(group, segments, query)
      if (!found.ok) return err({ reason: found.error })
      const { leaf, values } = found.value
      if (hasEncodedSlash(path) && (!allowsEncodedSlashes(leaf) || reachesPastARoute(method, path, leaf))) return err({ reason: 'encoded_slash' })
      return ok({ route: leaf.route, resourceKey: fillNames(leaf.route.resource, values) })
    },
    methodsOf: (path) => methodsOf(path, () => true),
  }
}

function segmentsOf({ path }: RouteConfig): readonly TemplateSegment[] {
  const segments = parsePathTemplate(path)
  if (segments === undefined) throw new Error(`not a path template: ${path}`)
  return segments
}

function addRoute(methods: Methods, config: RouteConfig): void {
  const group = methods.get(config.method) ?? { leaves: [], listed: undefined }
  if (group.leaves.some(({ route }) => !excludeEachOther(route, config))) throw new Error(`two routes match the same requests: ${config.method} ${config.path}`)
  group.leaves.push({ route: { ...config, name: nameOfRoute(config) }, segments: segmentsOf(config) })
  const routes = group.leaves.map(({ route }) => route)
  if (routes.some(hasQueryConditions)) group.listed = listMembers(routes.flatMap(({ query }) => Object.keys(query ?? {})))
  methods.set(config.method, group)
}

export function nameOfRoute(config: RouteConfig): string {
  return `${config.method} ${config.path}${describeConditions(config)}`
}

function allowsEncodedSlashes({ route }: Leaf): boolean {
  return route.encoded_slashes === 'allow'
}

function literalsIn({ segments }: Leaf): number {
  return segments.filter((segment) => 'literal' in segment).length
}

type Choice = Result<{ readonly leaf: Leaf; readonly values: ReadonlyMap<string, string> }, 'query_ambiguous' | 'query_not_allowed'>

function chooseLeaf({ leaves, listed }: Group, segments: readonly string[], query: string): Choice {
  const [only] = leaves
  if (listed === undefined && only !== undefined) return ok({ leaf: only, values: valuesIn(only, segments) })
  const read = readQuery(query, listed ?? listMembers([]))
  if (!read.ok) return read
  for (const leaf of leaves) {
    const values = valuesIn(leaf, segments)
    if (meetsConditions(leaf.route, read.value, values)) return ok({ leaf, values })
  }
  return err('query_not_allowed')
}

/** The names of the path with what stands in their place, decoded but for slashes. */
function valuesIn(leaf: Leaf, segments: readonly string[]): Map<string, string> {
  const values = new Map<string, string>()
  leaf.segments.forEach((segment, index) => {
    const name = nameOf(segment)
    if (name !== undefined) values.set(name, decodeAllButSlashes('rest' in segment ? segments.slice(index).join('/') : (segments[index] ?? '')))
  })
  return values
}

/** The path was read strictly, so decoding cannot fail. A percent sign never remains otherwise, so `%2F` in a key is always an encoded slash. */
function decodeAllButSlashes(text: string): string {
  return decodeURIComponent(text.replaceAll('%2F', '%252F'))
}
