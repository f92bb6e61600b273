// Words for things that the household does not have, and names that nothing uses. It reads the words of the text where that is at hand.
import { parseWhat, whatWord } from '../../model/names.ts'
import type { ThingWord, What } from '../../model/rule-set.ts'
import { didYouMean, nearestWord } from '../../suggest.ts'
import { EVERYTHING } from '../../words.ts'
import { childPointer } from '../../yaml/read-yaml.ts'
import { HOME } from './too-open.ts'
import type { Warning, WarningContext } from './warning-context.ts'

interface WordAt {
  readonly what: What
  readonly pointer: string
  readonly line: number
}

export function findUnknownThings(context: WarningContext): readonly Warning[] {
  const things = context.household.things
  if (things === undefined) return []
  const known: Readonly<Record<Exclude<ThingWord['kind'], 'everything'>, readonly string[]>> = {
    thing: things.map(({ key }) => key),
    type: things.map(({ type }) => type),
    tag: things.flatMap(({ tags }) => tags),
    device: things.flatMap(({ device_id: device }) => (device === undefined || device === null ? [] : [device])),
  }
  return [...wordsOfRules(context), ...wordsOfNames(context)].flatMap(({ what, pointer, line }): readonly Warning[] => {
    if (what.kind === 'named' || what.kind === 'everything' || known[what.kind].includes(what.name)) return []
    const near = nearestWord(what.name, known[what.kind])
    const hint = near === undefined ? '' : ` Did you mean "${whatWord({ kind: what.kind, name: near }, [...context.ruleSet.things.keys()])}"?`
    const label = { thing: 'thing', type: 'thing of the type', tag: 'thing with the tag', device: 'thing of the device' }[what.kind]
    return [{ ...context.place(pointer, line), code: 'unknown_thing', message: `You have no ${label} "${what.name}"; correct the name or remove it.${hint}` }]
  })
}

/** Of the things that a rule is for; without any thing there, of all that the household has. */
export function findUnknownAbilities({ ruleSet, household, universe, matcher, place }: WarningContext): readonly Warning[] {
  const things = household.things ?? []
  if (things.length === 0 || things.some(({ abilities }) => abilities === undefined)) return []
  const all = [...new Set([...(household.abilities ?? []), ...things.flatMap(({ abilities = [] }) => abilities)])]
  const byId = new Map(things.map(({ key, abilities }) => [`thing:${key}`, abilities]))
  const counts = { shares: ruleSet.shares.length, block: ruleSet.block.length }
  const lists = [
    ['shares', ruleSet.shares, 0],
    ['block', ruleSet.block, counts.shares],
    ['pause', ruleSet.pause, counts.shares + counts.block],
  ] as const
  return lists.flatMap(([part, rules, first]) =>
    rules.flatMap(({ may = [], line }, index) => {
      const bit = 1n << BigInt(first + index)
      const own = universe.things.flatMap((row) => ((matcher.forThing(row) & bit) === 0n ? [] : (byId.get(row.id) ?? [])))
      return may.flatMap((ability, word): readonly Warning[] => {
        const isKnown = ability === EVERYTHING || all.includes(ability)
        if (isKnown && (own.length === 0 || ability === EVERYTHING || own.includes(ability))) return []
        const whose = isKnown ? 'None of the things in this rule has' : 'No thing that you have has'
        const message = `${whose} the ability "${ability}"; correct the name or remove it.${didYouMean(ability, own.length > 0 ? own : all)}`
        return [{ ...place(`/${part}/${index}/may/${word}`, line), code: 'unknown_ability', message }]
      })
    }),
  )
}

function wordsOfRules({ ruleSet }: WarningContext): readonly WordAt[] {
  const lists = [
    ['shares', ruleSet.shares],
    ['block', ruleSet.block],
    ['pause', ruleSet.pause],
  ] as const
  return lists.flatMap(([part, rules]) =>
    rules.flatMap(({ what = [], line }, index) => what.map((one, word): WordAt => ({ what: one, pointer: `/${part}/${index}/what/${word}`, line }))),
  )
}

type Words = Readonly<Record<string, unknown>>

/** As they are written; without a text nothing is known of them. */
function partOf({ yaml }: WarningContext, part: string): Words {
  const whole = yaml?.value as Words | undefined
  return (whole?.[part] ?? {}) as Words
}

function wordsOfNames(context: WarningContext): readonly WordAt[] {
  const names = [...context.ruleSet.things.keys()]
  return Object.entries(partOf(context, 'things')).flatMap(([name, words]) => {
    const pointer = childPointer('/things', name)
    const at = (word: unknown, place: string): readonly WordAt[] => {
      const read = parseWhat(String(word), names)
      return read.ok ? [{ what: read.value, pointer: place, line: 1 }] : []
    }
    return Array.isArray(words) ? words.flatMap((word, index) => at(word, `${pointer}/${index}`)) : at(words, pointer)
  })
}

/** A name that only another unused name holds is used by that one. */
export function findUnusedNames(context: WarningContext): readonly Warning[] {
  if (context.yaml === undefined) return []
  const whole = context.yaml.value as Words
  const rules = ['shares', 'block', 'pause', 'expect'].flatMap((part) => (whole?.[part] ?? []) as readonly Words[])
  const places = rules.flatMap(({ only }) => listOf((only as Words | undefined)?.['place']))
  const calendars = rules.flatMap(({ only }) => ['dates', 'except'].flatMap((key) => listOf((only as Words | undefined)?.[key])))
  return [
    ...unusedIn(context, { part: 'calendars', used: calendars }),
    ...unusedIn(context, { part: 'people', used: rules.flatMap(({ who }) => listOf(who)).concat(HOME) }),
    ...unusedIn(context, { part: 'things', used: rules.flatMap(({ what }) => listOf(what)) }),
    ...unusedIn(context, { part: 'places', used: places }),
  ]
}

function unusedIn(context: WarningContext, { part, used }: { readonly part: string; readonly used: readonly unknown[] }): readonly Warning[] {
  const names = partOf(context, part)
  const all = new Set([...used, ...Object.values(names).flatMap(listOf)])
  return Object.keys(names)
    .filter((name) => !all.has(name))
    .map((name) => ({
      ...context.placeOfKey(childPointer(`/${part}`, name)),
      code: 'unused_name' as const,
      message: `No rule uses the name "${name}" under "${part}"; use it or remove it.`,
    }))
}

function listOf(value: unknown): readonly unknown[] {
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]
}
