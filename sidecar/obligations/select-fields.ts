// `hide` and `only_fields`: which parts of a JSON tree stay. Changes the tree.
import type { JsonArray, JsonNode, JsonObject } from './json-text.ts'
import { type Branches, below, isOnPath, isPlace } from './path-tree.ts'

export function hideFields(node: JsonNode, paths: Branches<unknown>): void {
  if (node.kind === 'scalar') return
  if (node.kind === 'array') {
    const ofItems = below(paths)
    if (isPlace(ofItems)) node.items = []
    else if (ofItems.length > 0) for (const item of node.items) hideFields(item, ofItems)
    return
  }
  node.members = node.members.filter(({ name, value }) => {
    const ofMember = below(paths, name)
    if (isPlace(ofMember)) return false
    if (ofMember.length > 0) hideFields(value, ofMember)
    return true
  })
}

/**
 * What is named, and the objects and arrays that lead to it. Where only a name at any depth is looked for, an object or array without it goes as a whole:
 * its own names and its length would tell of it. False where the node itself can lead nowhere.
 */
export function keepFields(node: JsonNode, paths: Branches<unknown>): boolean {
  if (node.kind === 'scalar') return false
  keepBelow(node, paths)
  return true
}

function keepBelow(node: JsonArray | JsonObject, paths: Branches<unknown>): void {
  if (node.kind === 'array') {
    const ofItems = below(paths)
    node.items = node.items.filter((item) => isKept(item, ofItems))
    return
  }
  node.members = node.members.filter(({ name, value }) => isKept(value, below(paths, name)))
}

function isKept(node: JsonNode, paths: Branches<unknown>): boolean {
  if (isPlace(paths)) return true
  if (paths.length === 0 || node.kind === 'scalar') return false
  keepBelow(node, paths)
  return isOnPath(paths) || (node.kind === 'array' ? node.items.length > 0 : node.members.length > 0)
}
