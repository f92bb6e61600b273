// `round`: numbers, positions and times made coarser. A value that is none of these is not passed on as it is: the answer is refused.
import type { RoundObligation } from '../../policies/contract/obligations.ts'
import { type JsonNode, type JsonScalar, readNumber } from './json-text.ts'
import { type Branches, below } from './path-tree.ts'
import { readTime, writeTime } from './read-time.ts'
import { roundPosition } from './round-position.ts'

/** Changes what stands at the places. False where something there cannot be rounded; what is not there needs no rounding. */
export function roundValues(node: JsonNode, places: Branches<RoundObligation>): boolean {
  for (const { ends } of places) for (const obligation of ends) if (!roundValue(node, obligation)) return false
  if (node.kind === 'scalar') return true
  if (node.kind === 'object') return node.members.every(({ name, value }) => roundBelow(value, below(places, name)))
  const ofItems = below(places)
  return ofItems.length === 0 || node.items.every((item) => roundValues(item, ofItems))
}

function roundBelow(node: JsonNode, places: Branches<RoundObligation>): boolean {
  return places.length === 0 || roundValues(node, places)
}

/** Null says nothing, and stays. */
function roundValue(node: JsonNode, { of, step }: RoundObligation): boolean {
  if (node.kind === 'scalar' && node.text === 'null') return true
  if (of === 'position') return roundPosition(node, step)
  if (node.kind !== 'scalar') return false
  return of === 'number' ? roundNumber(node, step) : roundTime(node, step)
}

/** To the nearest multiple; halves go up. */
function roundNumber(node: JsonScalar, step: number): boolean {
  const value = readNumber(node)
  if (value === undefined) return false
  const multiple = Number((Math.round(value / step) * step).toFixed(decimalsOf(step)))
  if (!Number.isFinite(multiple)) return false
  node.text = String(multiple === 0 ? 0 : multiple)
  return true
}

const DECIMALS_MAX = 100

/** As many as the step has: more would be the dust of binary fractions. */
function decimalsOf(step: number): number {
  const [mantissa = '', exponent = '0'] = String(step).split('e')
  return Math.min(DECIMALS_MAX, Math.max(0, (mantissa.split('.')[1]?.length ?? 0) - Number(exponent)))
}

/** Down to the step, counted from 1970 in UTC. The form stays. */
function roundTime(node: JsonScalar, stepSeconds: number): boolean {
  const time = readTime(node)
  if (time === undefined) return false
  const step = stepSeconds * 1000
  node.text = writeTime(Math.floor(time.milliseconds / step) * step, time.form)
  return true
}
