// Shares that change nothing because another gives the same or more. Taking them out leaves every answer and every obligation as it is.
import type { Share } from '../../model/rule-set.ts'
import { EVERYTHING } from '../../words.ts'
import { canonicalObligations } from '../canonical.ts'
import { reachableStates } from '../reachable-states.ts'
import type { Warning, WarningContext } from './warning-context.ts'

/** Pairs of shares whose conditions are compared: two or three seconds at worst. Shares after that get no such warning. */
export const HIDDEN_PAIRS_MAX = 4000

export function findHidden(context: WarningContext): readonly Warning[] {
  const shares = context.ruleSet.shares.map((share, index) => reachOf(share, index, context))
  let left = HIDDEN_PAIRS_MAX
  const hides = (other: Reach, hidden: Reach): boolean => {
    if (left === 0 || !reachesAll(other, hidden)) return false
    left -= 1
    return alwaysWith(other, hidden, context)
  }
  return shares.flatMap((hidden) => {
    const by = shares.find((other) => other !== hidden && hides(other, hidden) && !(hidden.index < other.index && hides(hidden, other)))
    if (by === undefined) return []
    const message = `"${hidden.share.name}" changes nothing: "${by.share.name}" (line ${by.share.line}) grants the same or more. Remove one of the two.`
    return [{ ...context.place(`/shares/${hidden.index}`, hidden.share.line), code: 'share_hidden' as const, message }]
  })
}

interface Reach {
  readonly share: Share
  readonly index: number
  /** Bit n: row n of the universe. */
  readonly people: bigint
  readonly things: bigint
  readonly obligations: readonly string[]
}

function reachOf(share: Share, index: number, { universe, matcher }: WarningContext): Reach {
  const bit = 1n << BigInt(index)
  const bits = (fits: readonly bigint[]) => fits.reduce((all, fit, row) => ((fit & bit) === 0n ? all : all | (1n << BigInt(row))), 0n)
  return {
    share,
    index,
    people: bits(universe.people.map((row) => matcher.forPerson(row))),
    things: bits(universe.things.map((row) => matcher.forThing(row))),
    obligations: canonicalObligations(share.obligations),
  }
}

function reachesAll(other: Reach, hidden: Reach): boolean {
  if (hidden.people === 0n || hidden.things === 0n) return false
  if ((hidden.people & ~other.people) !== 0n || (hidden.things & ~other.things) !== 0n) return false
  const { share } = other
  if (!share.may.includes(EVERYTHING) && !hidden.share.may.every((one) => share.may.includes(one))) return false
  if (share.ask && !hidden.share.ask) return false
  // Without it the owner would be asked less often.
  if (share.ask === 'once' && hidden.share.ask === 'each_time') return false
  // While both allow, what each asks for adds up; a share that only asks the owner counts for nothing beside one that allows.
  const adds = (share.ask === false) === (hidden.share.ask === false) && !hidden.obligations.every((one) => other.obligations.includes(one))
  return !adds
}

/** For each of its people: no request fits the one and not the other. */
function alwaysWith(other: Reach, hidden: Reach, { universe, matcher, now, times }: WarningContext): boolean {
  const known = new Set<string>()
  return universe.people.every((person, row) => {
    if (((hidden.people >> BigInt(row)) & 1n) === 0n) return true
    const pair = [hidden, other].flatMap(({ index }) => matcher.matches(1n << BigInt(index), person).map(({ entry }) => entry))
    const key = JSON.stringify([
      pair.map(({ through }) => through ?? null),
      person.party.client_id ?? null,
      person.party.device_id ?? null,
      person.party.link ?? null,
    ])
    if (known.has(key)) return true
    known.add(key)
    const { states, complete } = reachableStates(pair, { now, times, party: person.party })
    // A share that never fits has a warning of its own.
    return complete && states.some(({ inForce }) => inForce !== 0n) && states.every(({ inForce }) => inForce !== 1n)
  })
}
