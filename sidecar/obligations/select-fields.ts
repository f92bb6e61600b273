// `hide` and `only_fields`: which parts of a JSON tree stay. Changes the tree.
import type { JsonNode } from './json-text.ts'
import { type Branches, below, isPlace } from './path-tree.ts'

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

/** What is named, and the objects and arrays that lead to it. False where the node itself can lead nowhere. */
export function keepFields(node: JsonNode, paths: Branches<unknown>): boolean {
  if (node.kind === 'scalar') return false
  if (node.kind === 'array') {
    const ofItems = below(paths)
    if (ofItems.length === 0) node.items = []
    else if (!isPlace(ofItems)) node.items = node.items.filter((item) => keepFields(item, ofItems))
    return true
  }
  node.members = node.members.filter(({ name, value }) => {
    const ofMember = below(paths, name)
    return isPlace(ofMember) || (ofMember.length > 0 && keepFields(value, ofMember))
  })
  return true
}
