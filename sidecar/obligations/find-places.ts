// Follows the steps of a path through a JSON tree, one level at a time. Names are members of objects; a wildcard is every member and every item.
import type { PathStep } from '../../policies/obligations/path.ts'
import type { JsonNode } from './json-text.ts'

export type Steps = readonly PathStep[]

export function childrenAt(node: JsonNode, step: PathStep | undefined): readonly JsonNode[] {
  if (node.kind === 'array') return step === null ? node.items : []
  if (node.kind === 'scalar') return []
  return node.members.filter(({ name }) => step === null || name === step).map(({ value }) => value)
}

/** All nodes at the end of the path; none where a step leads nowhere. */
export function nodesAt(root: JsonNode, steps: Steps): readonly JsonNode[] {
  return steps.reduce<readonly JsonNode[]>((nodes, step) => nodes.flatMap((node) => childrenAt(node, step)), [root])
}

/** The paths that go on below this child, each without its first step. `name` is undefined for an item. */
export function pathsBelow(paths: readonly Steps[], name: string | undefined): readonly Steps[] {
  return paths.filter(([step]) => step === null || (name !== undefined && step === name)).map((steps) => steps.slice(1))
}
