// The parts of a sentence back to a share as an owner would write it: reading what it gives reads the same share. It writes no text.
import type { Written } from '../conditions/condition-kind.ts'
import { CONDITION_KINDS } from '../conditions/registry.ts'
import type { PartName } from '../edit/parts.ts'
import type { NewShare } from '../edit/share-text.ts'
import type { WhoWord } from '../model/names.ts'
import { OBLIGATION_KINDS } from '../obligations/registry.ts'
import type { Sentence } from './share-sentence.ts'

/** Of a share's sentence, not of a block's or a pause's. */
export function sentenceToShare({ name, parts }: Sentence): NewShare {
  const values = new Map(parts.flatMap(({ part, value }) => (part === 'words' || value === undefined ? [] : [[part, value] as const])))
  const timezone = parts.find((part) => part.timezone !== undefined)?.timezone
  const only = entries(
    CONDITION_KINDS.flatMap(({ kind, key, place }) => (place === 'only' ? [[key, kind] as const] : [])),
    values,
  )
  return {
    name: name ?? '',
    who: (values.get('who') ?? []) as readonly WhoWord[],
    what: (values.get('what') ?? []) as readonly string[],
    may: (values.get('may') ?? []) as readonly string[],
    only: timezone === undefined ? only : { ...only, timezone },
    from: values.get('begins') as string | undefined,
    until: values.get('until') as string | undefined,
    remind: values.get('remind') as string | undefined,
    obligations: entries(
      [...OBLIGATION_KINDS.map(({ kind }) => [kind, kind] as const), ['other_answers', 'other_answers'] as const, ['must', 'must'] as const],
      values,
    ),
    ask: readWrittenAsk(values.get('ask')),
  }
}

function entries(keys: readonly (readonly [key: string, part: PartName])[], values: ReadonlyMap<PartName, Written>): Readonly<Record<string, Written>> {
  return Object.fromEntries(
    keys.flatMap(([key, part]) => {
      const value = values.get(part)
      return value === undefined ? [] : [[key, value] as const]
    }),
  )
}

function readWrittenAsk(value: Written | undefined): NewShare['ask'] {
  return value === 'once' || value === 'each time' ? value : undefined
}
