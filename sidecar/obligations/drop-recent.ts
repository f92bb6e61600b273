// `delay`: takes out of a JSON tree what is younger than the owner allows. What does not tell its time is not passed on.
import type { PathStep } from '../../policies/obligations/path.ts'
import type { JsonNode } from './json-text.ts'
import { readTime } from './read-time.ts'

/** `recent`: as young as that, and nothing around it that could be left out; `unreadable`: a time is missing or is none. */
export type Age = 'old' | 'recent' | 'unreadable'

/** Changes the node: of arrays and objects that a wildcard goes over, only what is old stays. `before`: milliseconds since 1970. */
export function dropRecent(node: JsonNode, steps: readonly PathStep[], before: number): Age {
  const [step, ...rest] = steps
  if (step === undefined) {
    const time = readTime(node)
    if (time === undefined) return 'unreadable'
    return time.milliseconds <= before ? 'old' : 'recent'
  }
  if (step === null) return dropFromAll(node, rest, before)
  const child = node.kind === 'object' ? node.members.find(({ name }) => name === step) : undefined
  return child === undefined ? 'unreadable' : dropRecent(child.value, rest, before)
}

function dropFromAll(node: JsonNode, rest: readonly PathStep[], before: number): Age {
  if (node.kind === 'scalar') return 'unreadable'
  let isReadable = true
  const isOld = (child: JsonNode): boolean => {
    const age = dropRecent(child, rest, before)
    isReadable &&= age !== 'unreadable'
    return age === 'old'
  }
  if (node.kind === 'array') node.items = node.items.filter(isOld)
  else node.members = node.members.filter(({ value }) => isOld(value))
  return isReadable ? 'old' : 'unreadable'
}
