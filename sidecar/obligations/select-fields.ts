// `hide` and `only_fields`: which parts of a JSON tree stay. Of members with one name, all are treated alike.
import { pathsBelow, type Steps } from './find-places.ts'
import type { JsonNode } from './json-text.ts'

export function hideFields(node: JsonNode, paths: readonly Steps[]): void {
  if (paths.length === 0 || node.kind === 'scalar') return
  const stays = (child: JsonNode, name?: string): boolean => {
    const below = pathsBelow(paths, name)
    if (below.some((steps) => steps.length === 0)) return false
    hideFields(child, below)
    return true
  }
  if (node.kind === 'array') node.items = node.items.filter((item) => stays(item))
  else node.members = node.members.filter(({ name, value }) => stays(value, name))
}

/** What is named, and the objects and arrays that lead to it. False where the node itself cannot lead anywhere. */
export function keepFields(node: JsonNode, paths: readonly Steps[]): boolean {
  if (node.kind === 'scalar') return false
  const stays = (child: JsonNode, name?: string): boolean => {
    const below = pathsBelow(paths, name)
    return below.some((steps) => steps.length === 0) || (below.length > 0 && keepFields(child, below))
  }
  if (node.kind === 'array') node.items = node.items.filter((item) => stays(item))
  else node.members = node.members.filter(({ name, value }) => stays(value, name))
  return true
}
