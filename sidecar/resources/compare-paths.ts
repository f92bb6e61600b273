// Compares two path templates by the sets of paths that they match.
import type { TemplateSegment } from './path-template.ts'

/** `narrower`: the first matches fewer paths, all of them matched by the second. `crossing`: they share some, and each has others. */
export type PathRelation = 'equal' | 'narrower' | 'wider' | 'crossing' | 'disjoint'

export function comparePaths(a: readonly TemplateSegment[], b: readonly TemplateSegment[]): PathRelation {
  let relation: PathRelation = 'equal'
  for (let index = 0; ; index += 1) {
    const [one, other] = [a[index], b[index]]
    if (one === undefined && other === undefined) return relation
    if (one === undefined || other === undefined) return 'disjoint'
    if ('rest' in one || 'rest' in other) return combine(relation, compareRest(a.slice(index), b.slice(index)))
    relation = combine(relation, compareSegment(one, other))
    if (relation === 'disjoint') return relation
  }
}

function compareSegment(a: TemplateSegment, b: TemplateSegment): PathRelation {
  if ('literal' in a && 'literal' in b) return a.literal === b.literal ? 'equal' : 'disjoint'
  if ('literal' in a) return a.literal === '' ? 'disjoint' : 'narrower'
  if ('literal' in b) return b.literal === '' ? 'disjoint' : 'wider'
  return 'equal'
}

/** One of them begins with `{name+}`, which matches anything but nothing. */
function compareRest(a: readonly TemplateSegment[], b: readonly TemplateSegment[]): PathRelation {
  if (isRest(a) && isRest(b)) return 'equal'
  if (isRest(a)) return isEmpty(b) ? 'disjoint' : 'wider'
  return isEmpty(a) ? 'disjoint' : 'narrower'
}

function isRest([first]: readonly TemplateSegment[]): boolean {
  return first !== undefined && 'rest' in first
}

/** Only a trailing slash is left. */
function isEmpty(segments: readonly TemplateSegment[]): boolean {
  const [first] = segments
  return segments.length === 1 && first !== undefined && 'literal' in first && first.literal === ''
}

function combine(a: PathRelation, b: PathRelation): PathRelation {
  if (a === 'disjoint' || b === 'disjoint') return 'disjoint'
  if (a === 'equal') return b
  return b === 'equal' || a === b ? a : 'crossing'
}
