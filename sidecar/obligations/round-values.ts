// `round`: numbers, positions and times made coarser. A value that is none of these is not passed on as it is: the answer is refused.
import type { RoundObligation } from '../../policies/contract/obligations.ts'
import { floorToMultiple, parseDecimal, printDecimal, roundToMultiple } from './exact-decimal.ts'
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

/** To the nearest multiple, digit by digit; halves go up. */
function roundNumber(node: JsonScalar, step: number): boolean {
  const number = readNumber(node)
  // A quotient beyond all doubles is not a number that a device sends.
  if (number === undefined || !Number.isFinite(number / step)) return false
  const [value, size] = [parseDecimal(node.text), parseDecimal(String(step))]
  if (value === undefined || size === undefined) return false
  node.text = printDecimal(roundToMultiple(value, size))
  return true
}

/** Down to the step, counted from 1970 in UTC. The form stays. */
function roundTime(node: JsonScalar, stepSeconds: number): boolean {
  const time = readTime(node)
  if (time === undefined) return false
  const step = stepSeconds * 1000
  if (time.form === 'text') {
    node.text = writeTime(Math.floor(time.milliseconds / step) * step)
    return true
  }
  const [value, size] = [parseDecimal(node.text), parseDecimal(String(time.form === 'seconds' ? stepSeconds : step))]
  if (value === undefined || size === undefined) return false
  node.text = printDecimal(floorToMultiple(value, size))
  return true
}
