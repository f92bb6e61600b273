// The rules of routes that the schema cannot say. Each fault names the option, and suggests what is probably meant.
import type { OptionFault, OptionPath } from '../../system/config/option-fault.ts'
import { comparePaths } from '../resources/compare-paths.ts'
import { fillNames, hasEncodedSlash, nameOf, namesIn, parsePathTemplate, type TemplateSegment } from '../resources/path-template.ts'
import { excludeEachOther } from '../resources/query-rules.ts'
import { nameOfRoute, type RouteConfig } from '../resources/route-table.ts'
import { createRouteTree, overlapping, valueAt } from '../resources/route-tree.ts'
import { suggestPathTemplate } from '../resources/suggest-path.ts'
import { checkQueryRules } from './check-query-rules.ts'

/** More are not reported at once. */
const CONFLICTS_REPORTED_MAX = 20
const PATTERN_REMEDY =
  'Write each segment as literal text or as a name in braces: {id} is one segment, and {path+}, at the end only, is the rest of the path. A name has up to 32 lower-case letters, digits and underscores, begins with a letter, and is used once'

export function checkRoutes(routes: readonly RouteConfig[]): readonly OptionFault[] {
  const faults = routes.flatMap((route, index) => checkRoute(route, ['routes', index]))
  return faults.length > 0 ? faults : checkConflicts(routes)
}

function checkRoute(route: RouteConfig, at: OptionPath): readonly OptionFault[] {
  const segments = parsePathTemplate(route.path)
  if (segments === undefined) return [explainPath(route.path, [...at, 'path'])]
  const faults: OptionFault[] = []
  if (hasEncodedSlash(route.path) && route.encoded_slashes !== 'allow') faults.push(encodedSlashFault(route.path, at))
  const pathNames = segments.flatMap((segment) => nameOf(segment) ?? [])
  const bound = Object.values(route.query ?? {}).flatMap(({ bind }) => bind ?? [])
  return [...faults, ...checkQueryRules(route, segments, at), ...checkKey(route.resource, new Set([...pathNames, ...bound]), [...at, 'resource'])]
}

function explainPath(path: string, at: OptionPath): OptionFault {
  const suggestion = suggestPathTemplate(path)
  const remedy = suggestion === undefined ? PATTERN_REMEDY : `Did you mean "${suggestion}"? ${PATTERN_REMEDY}`
  // A question mark may also be an optional segment, so this is only added.
  const query = /\?\w/.test(path) ? '. Conditions on the query are given in the option `query`' : ''
  return { path: at, message: `"${path}" is not a path template`, remedy: remedy + query }
}

function encodedSlashFault(path: string, at: OptionPath): OptionFault {
  return {
    path: [...at, 'path'],
    message: `"${path}" has an encoded slash (%2F), which is not allowed in requests`,
    remedy: 'Add `encoded_slashes: allow` to this route if the API distinguishes %2F from a slash',
  }
}

/** What other programs write for a name would be taken as text here. */
function checkKey(key: string, names: ReadonlySet<string>, path: OptionPath): readonly OptionFault[] {
  const known = `Names of this route: ${[...names].join(', ') || 'none'}`
  const unknown = namesIn(key).find((name) => !names.has(name))
  if (unknown !== undefined) return [{ path, message: `the path has no {${unknown}}, and no query parameter binds it`, remedy: known }]
  const text = fillNames(key, new Map(namesIn(key).map((name) => [name, ''])))
  if (/[{}*]/.test(text) || /[$#%]\{/.test(key))
    return [{ path, message: `"${key}" has braces, an asterisk or a sign before a brace that is not part of a name such as {id}`, remedy: known }]
  const other = [...names].find((name) => new RegExp(`[:<$\\[]${name}(?![a-z0-9_])`).test(text))
  return other === undefined ? [] : [{ path, message: `"${key}" is a constant, not a name`, remedy: `Did you mean "{${other}}"?` }]
}

interface Placed {
  readonly route: RouteConfig
  readonly index: number
  readonly segments: readonly TemplateSegment[]
}

/** Of two routes that match some request both, one has to be narrower. */
function checkConflicts(routes: readonly RouteConfig[]): readonly OptionFault[] {
  const trees = new Map<string, ReturnType<typeof createRouteTree<Placed[]>>>()
  const faults: OptionFault[] = []
  for (const [index, route] of routes.entries()) {
    const placed: Placed = { route, index, segments: parsePathTemplate(route.path) ?? [] }
    const tree = trees.get(route.method) ?? createRouteTree<Placed[]>()
    trees.set(route.method, tree)
    for (const others of overlapping(tree, placed.segments)) {
      const other = others.find((one) => areInConflict(one, placed))
      if (other !== undefined) faults.push(explainConflict(placed, other))
      if (faults.length >= CONFLICTS_REPORTED_MAX) return faults
    }
    valueAt(tree, placed.segments, (): Placed[] => []).push(placed)
  }
  return faults
}

function areInConflict(a: Placed, b: Placed): boolean {
  const relation = comparePaths(a.segments, b.segments)
  return relation === 'crossing' || (relation === 'equal' && !excludeEachOther(a.route, b.route))
}

function explainConflict({ route, index, segments }: Placed, other: Placed): OptionFault {
  const message = `two routes match the same requests, and neither is more specific: "${nameOfRoute(other.route)}" (routes.${other.index}) and "${nameOfRoute(route)}"`
  const remedy =
    comparePaths(segments, other.segments) === 'equal'
      ? 'Remove one of them, or give each a `query` such that no request can match both, e.g. the same parameter with different values in `one_of`'
      : 'Make one of the paths more specific in every segment in which they differ'
  return { path: ['routes', index, 'path'], message, remedy }
}
