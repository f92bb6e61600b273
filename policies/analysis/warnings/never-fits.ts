// Shares that fit no request from now on: ended, with conditions that exclude each other, or with everyone or everything in them stopped for good.

import { toUtcText } from '../../conditions/instant.ts'
import { kindOf } from '../../conditions/registry.ts'
import { UNKNOWN_INPUT } from '../../contract/unknown-input.ts'
import type { Share } from '../../model/rule-set.ts'
import type { CellRows } from '../cell-input.ts'
import { bodyOf, type Match } from '../match-rules.ts'
import { reachableStates } from '../reachable-states.ts'
import type { PersonRow } from '../universe.ts'
import type { Warning, WarningContext } from './warning-context.ts'

export function findNeverFitting(context: WarningContext): readonly Warning[] {
  return context.ruleSet.shares.flatMap((share, index) => {
    const why = whyNever(share, index, context)
    return why === undefined ? [] : [{ ...context.place(`/shares/${index}`, share.line), code: 'share_never_fits' as const, message: `"${share.name}" ${why}` }]
  })
}

function whyNever(share: Share, index: number, context: WarningContext): string | undefined {
  const bit = 1n << BigInt(index)
  const people = context.universe.people.filter((row) => (context.matcher.forPerson(row) & bit) !== 0n)
  if (people.length === 0) return 'is for nobody: its names stand for no one. Add someone, or remove the share.'
  const things = context.universe.things.filter((row) => (context.matcher.forThing(row) & bit) !== 0n)
  if (things.length === 0) return 'is for nothing: its names stand for no thing. Add a thing, or remove the share.'
  const fitting = people.filter((row) => canFit(row, bit, context))
  if (fitting.length === 0) return whyNotOnTime(share, context.now)
  const abilities = context.universe.abilities.filter((row) => (context.matcher.forAbility(row) & bit) !== 0n)
  const pairs = fitting.flatMap((person) =>
    things.flatMap((thing) =>
      abilities.map((ability) => ({ person, matches: context.matcher.matches(bit | stopsOf({ person, thing, ability }, context), person) })),
    ),
  )
  if (pairs.some(({ person, matches }) => isFree(person, matches, context))) return undefined
  const stops = [...new Set(pairs.flatMap(({ matches }) => matches.map(({ rule }) => rule)))].filter(({ kind }) => kind !== 'share')
  const lines = stops.map((rule) => bodyOf(rule).line).join(', ')
  if (stops.every(({ kind }) => kind === 'pause'))
    return `never matches: everything in it is paused permanently (line ${lines}). Remove the share or the pause.`
  return `never matches: everyone in it is blocked (line ${lines}). Remove the share or the block.`
}

/** What may stop this person at this thing with this ability. */
function stopsOf({ person, thing, ability }: CellRows, { matcher, ruleSet }: WarningContext): bigint {
  const shares = (1n << BigInt(ruleSet.shares.length)) - 1n
  return matcher.forPerson(person) & matcher.forThing(thing) & matcher.forAbility(ability) & ~shares
}

/** Is there any request of this party, from now on, in which the conditions hold? */
function canFit(person: PersonRow, bit: bigint, context: WarningContext): boolean {
  return isFree(person, context.matcher.matches(bit, person), context)
}

/** In which the first of them holds, and none of the others. */
function isFree(person: PersonRow, matches: readonly Match[], { now, times }: WarningContext): boolean {
  const { states, complete } = reachableStates(
    matches.map(({ entry }) => entry),
    { now, times, party: person.party },
  )
  return !complete || states.some(({ inForce }) => inForce === 1n)
}

function whyNotOnTime({ conditions }: Share, now: number): string {
  const input = { ...UNKNOWN_INPUT, now: toUtcText(now) }
  const over = conditions.some((one) => one.kind === 'until' && !kindOf(one).holds(one, input))
  if (over) return 'has ended. Remove the share, or give it a later end.'
  return 'never matches: its conditions exclude each other. Widen its days, hours, dates or networks, or remove the share.'
}
