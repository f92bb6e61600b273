// Names in a question that neither the rules nor the household know: an answer to them would look as if the rules said no.
import { buildUniverse } from '../analysis/universe.ts'
import { isAddress } from '../model/address.ts'
import { expandWhat } from '../model/expand.ts'
import { parseWhat } from '../model/names.ts'
import type { RuleSet, ThingWord } from '../model/rule-set.ts'
import { didYouMean } from '../suggest.ts'
import { EVERYTHING } from '../words.ts'
import type { Question, QuestionContext, QuestionMistake } from './question.ts'

/** Undefined where all of them are known, or may well exist: a thing whose type or tags are told, an ability where a share gives everything. */
export function findUnknownName(question: Question, context: QuestionContext): QuestionMistake | undefined {
  return unknownThing(question, context) ?? unknownAbility(question, context) ?? unknownLink(question, context) ?? unknownParty(question, context)
}

function unknownThing({ what, type, tags }: Question, { vocabulary: rules, household }: QuestionContext): QuestionMistake | undefined {
  const word = parseWhat(what, [...rules.things.keys()])
  if (!word.ok || word.value.kind === 'named' || word.value.kind === EVERYTHING) return undefined
  const { kind, name } = word.value
  const words = wordsOf(rules)
  const own = household?.things ?? []
  if (type !== undefined || tags !== undefined || own.some(({ key }) => kind === 'thing' && key === name)) return undefined
  if (words.some((one) => one.kind === kind && 'name' in one && one.name === name)) return undefined
  if (
    own.some(
      (thing) => (kind === 'type' && thing.type === name) || (kind === 'tag' && thing.tags.includes(name)) || (kind === 'device' && thing.device_id === name),
    )
  )
    return undefined
  // Without a list of things, a rule for everything is for this thing too.
  if (household?.things === undefined && words.some((one) => one.kind === EVERYTHING)) return undefined
  const known = [
    ...rules.things.keys(),
    ...own.map(({ key }) => key),
    ...words.flatMap((one) => ('name' in one ? [one.kind === 'thing' ? one.name : `${one.kind}:${one.name}`] : [])),
  ]
  const found = mistake('what', what, known)
  return kind === 'thing' ? { ...found, message: `${found.message} To test a rule for its type or tags, give those too.` } : found
}

function wordsOf(rules: RuleSet): readonly ThingWord[] {
  const used = [...rules.shares, ...rules.block, ...rules.pause].flatMap(({ what = [] }) => expandWhat(what, rules))
  return [...used, ...[...rules.things.values()].flat()]
}

function unknownAbility({ may }: Question, { vocabulary: rules, household }: QuestionContext): QuestionMistake | undefined {
  const { abilities } = buildUniverse([rules], household ?? {})
  const known = abilities.map(({ id }) => id)
  return known.includes(may) || known.includes(EVERYTHING) ? undefined : mistake('may', may, known)
}

function unknownLink({ link }: Question, { vocabulary: rules }: QuestionContext): QuestionMistake | undefined {
  const known = rules.shares.filter(({ who }) => who.some(({ kind }) => kind === 'link')).map(({ name }) => name)
  return link === undefined || known.includes(link) ? undefined : mistake('link', link, known)
}

/** Apps, devices and domains. Anyone may have an address, so an unknown one is a fair question. */
function unknownParty({ who }: Question, { vocabulary: rules, household }: QuestionContext): QuestionMistake | undefined {
  if (typeof who !== 'string' || isAddress(who) || !/^(?:client|service|device):/.test(who)) return undefined
  const { people } = buildUniverse([rules], household ?? {})
  const known = people.map(({ id }) => id)
  return known.includes(who) ? undefined : mistake('who', who, known)
}

function mistake(option: keyof Question, word: string, known: readonly string[]): QuestionMistake {
  return { option, message: `Neither the rules nor the household know ${JSON.stringify(word)} (${option}).${didYouMean(word, known)}` }
}
