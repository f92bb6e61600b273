// A tree of path templates, segment by segment. Knows nothing of methods and queries: what a template leads to is the caller's.
import type { TemplateSegment } from './path-template.ts'

/** `T` is what is stored for all routes with one shape of path. */
export interface RouteTree<T> {
  readonly literals: Map<string, RouteTree<T>>
  named: RouteTree<T> | undefined
  /** What is stored where the path ends here, and where its rest does. */
  here: T | undefined
  rest: T | undefined
}

export function createRouteTree<T>(): RouteTree<T> {
  return { literals: new Map(), named: undefined, here: undefined, rest: undefined }
}

/** The value of that shape, made by `create` if there is none. */
export function valueAt<T>(root: RouteTree<T>, segments: readonly TemplateSegment[], create: () => T): T {
  let node = root
  for (const segment of segments) {
    if ('rest' in segment) {
      node.rest ??= create()
      return node.rest
    }
    node = childOf(node, segment)
  }
  node.here ??= create()
  return node.here
}

function childOf<T>(node: RouteTree<T>, segment: Exclude<TemplateSegment, { rest: string }>): RouteTree<T> {
  if ('name' in segment) {
    node.named ??= createRouteTree()
    return node.named
  }
  const child = node.literals.get(segment.literal) ?? createRouteTree<T>()
  node.literals.set(segment.literal, child)
  return child
}

/** The first value that `take` accepts, the most specific first: at each segment a literal, then a name, then the rest. */
export function findInTree<T, Found>(node: RouteTree<T>, segments: readonly string[], take: (value: T) => Found | undefined, depth = 0): Found | undefined {
  const segment = segments[depth]
  if (segment === undefined) return node.here === undefined ? undefined : take(node.here)
  const literal = node.literals.get(segment)
  const found = literal && findInTree(literal, segments, take, depth + 1)
  if (found !== undefined) return found
  if (segment === '' && depth === segments.length - 1) return undefined
  const named = node.named !== undefined && segment !== '' ? findInTree(node.named, segments, take, depth + 1) : undefined
  return named ?? (node.rest === undefined ? undefined : take(node.rest))
}

/** The values of all shapes that match some path that `segments` matches too. */
export function* overlapping<T>(node: RouteTree<T>, segments: readonly TemplateSegment[], depth = 0): Generator<T> {
  const segment = segments[depth]
  if (segment === undefined) {
    if (node.here !== undefined) yield node.here
  } else if ('rest' in segment) {
    yield* below(node)
  } else {
    if (node.rest !== undefined && !isTrailingSlash(segment)) yield node.rest
    for (const child of childrenFor(node, segment)) yield* overlapping(child, segments, depth + 1)
  }
}

function childrenFor<T>(node: RouteTree<T>, segment: TemplateSegment): readonly RouteTree<T>[] {
  const named = node.named === undefined || isTrailingSlash(segment) ? [] : [node.named]
  if (!('literal' in segment)) return [...named, ...[...node.literals].flatMap(([text, child]) => (text === '' ? [] : [child]))]
  const literal = node.literals.get(segment.literal)
  return literal === undefined ? named : [...named, literal]
}

function isTrailingSlash(segment: TemplateSegment): boolean {
  return 'literal' in segment && segment.literal === ''
}

/** Everything that is longer than this node by at least one character. */
function* below<T>(node: RouteTree<T>): Generator<T> {
  if (node.rest !== undefined) yield node.rest
  const literals = [...node.literals].flatMap(([text, child]) => (text === '' ? [] : [child]))
  for (const child of node.named === undefined ? literals : [...literals, node.named]) {
    if (child.here !== undefined) yield child.here
    const slash = child.literals.get('')?.here
    if (slash !== undefined) yield slash
    yield* below(child)
  }
}
