// From the names of a document to the people and things behind them. It decides nothing.
import type { Person, ThingWord, Vocabulary, What, Who } from './rule-set.ts'

export function expandWho(who: readonly Who[], { people }: Pick<Vocabulary, 'people'>): readonly Exclude<Who, { readonly kind: 'group' }>[] {
  return who.flatMap((one): readonly (Person | Exclude<Who, { readonly kind: 'group' }>)[] => (one.kind === 'group' ? known(people, one.name) : [one]))
}

export function expandWhat(what: readonly What[], { things }: Pick<Vocabulary, 'things'>): readonly ThingWord[] {
  return what.flatMap((one): readonly ThingWord[] => (one.kind === 'named' ? known(things, one.name) : [one]))
}

function known<T>(names: ReadonlyMap<string, readonly T[]>, name: string): readonly T[] {
  const found = names.get(name)
  if (found === undefined) throw new TypeError('a rule uses a name that the document does not have')
  return found
}
