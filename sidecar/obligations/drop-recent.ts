// `delay`: takes out of a JSON tree what is younger than the owner allows. What does not tell its time is not passed on.
import { childrenAt, type Steps } from './find-places.ts'
import type { JsonNode } from './json-text.ts'
import { readTime } from './round-values.ts'

/** `recent`: as young as that, and nothing around it that could be left out; `unreadable`: a time is missing or is none. */
export type Age = 'old' | 'recent' | 'unreadable'

/** Changes the node: of arrays and maps that a wildcard goes over, only what is old stays. */
export function dropRecent(node: JsonNode, steps: Steps, before: number): Age {
  const [step, ...rest] = steps
  if (step === undefined) {
    const time = readTime(node)
    if (time === undefined) return 'unreadable'
    return time.milliseconds <= before ? 'old' : 'recent'
  }
  if (step === null) return dropFromAll(node, rest, before)
  const ages = childrenAt(node, step).map((child) => dropRecent(child, rest, before))
  if (ages.length === 0 || ages.includes('unreadable')) return 'unreadable'
  return ages.includes('recent') ? 'recent' : 'old'
}

function dropFromAll(node: JsonNode, rest: Steps, before: number): Age {
  if (node.kind === 'scalar') return 'unreadable'
  const ages = new Map(childrenAt(node, null).map((child) => [child, dropRecent(child, rest, before)]))
  if ([...ages.values()].includes('unreadable')) return 'unreadable'
  if (node.kind === 'array') node.items = node.items.filter((item) => ages.get(item) === 'old')
  else node.members = node.members.filter(({ value }) => ages.get(value) === 'old')
  return 'old'
}
