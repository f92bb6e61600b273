// `must: found`: are all the places that the owner's rules name in this answer? It changes nothing.
import type { AnswerObligation } from './answer-plan.ts'
import type { JsonNode } from './json-text.ts'
import { type Branches, below, buildPathTree } from './path-tree.ts'

/** Paths without repeats. */
export function mustBeFound(obligations: readonly AnswerObligation[]): readonly string[] {
  return [...new Set(obligations.flatMap((one) => ('must' in one && one.must === 'found' ? ('paths' in one ? one.paths : [one.path]) : [])))]
}

export function hasAll(root: JsonNode, paths: readonly string[]): boolean {
  const missing = new Set(paths)
  look(
    root,
    buildPathTree(
      paths.map((path) => [path, path] as const),
      { foldsCase: true },
    ),
    missing,
  )
  return missing.size === 0
}

function look(node: JsonNode, branches: Branches<string>, missing: Set<string>): void {
  for (const { ends } of branches) for (const path of ends) missing.delete(path)
  if (node.kind === 'scalar' || missing.size === 0 || branches.length === 0) return
  if (node.kind === 'array') {
    const ofItems = below(branches)
    for (const item of node.items) look(item, ofItems, missing)
    return
  }
  for (const { name, value } of node.members) look(value, below(branches, name), missing)
}
