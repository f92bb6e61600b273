// An owner's whole text as sentences, each part with its place, and with what is written by hand told as such. It changes nothing.
import type { YAMLMap } from 'yaml'
import type { Diagnostic } from '../diagnostic.ts'
import { isHandWritten } from '../edit/hand-written.ts'
import type { ListName } from '../edit/parts.ts'
import { type Entry, endOf, entryOf, mapAt, readSource, type Source, startOf } from '../edit/source.ts'
import { type PolicyText, parsePolicy } from '../parse-policy.ts'
import { ok, type Result } from '../result.ts'
import { type Sentence, type SentencePart, shareSentence, stopSentence } from './share-sentence.ts'

export type Sentences = Readonly<Record<ListName, readonly Sentence[]>>

/** Paths are from the document, e.g. `/shares/0/only/days`. A share's `for` is told as its end; its path says which of the two it is. */
export function readSentences(text: PolicyText): Result<Sentences, Diagnostic[]> {
  const rules = parsePolicy(text)
  if (!rules.ok) return rules
  const source = readSource(text.text)
  const placed = (list: ListName, sentences: readonly Sentence[]) => sentences.map((sentence, index) => place(sentence, { list, index }, source))
  return ok({
    shares: placed(
      'shares',
      rules.value.shares.map((share) => shareSentence(share, rules.value)),
    ),
    block: placed(
      'block',
      rules.value.block.map((stop) => stopSentence(stop, rules.value)),
    ),
    pause: placed(
      'pause',
      rules.value.pause.map((stop) => stopSentence(stop, rules.value)),
    ),
  })
}

function place(sentence: Sentence, { list, index }: { readonly list: ListName; readonly index: number }, source: Source): Sentence {
  const map = mapAt(source, list, index)
  if (map === undefined) return sentence
  return {
    ...sentence,
    parts: sentence.parts.map((part) => (part.path === undefined ? part : placePart(part, part.path, { map, at: `/${list}/${index}`, source }))),
  }
}

interface Place {
  readonly map: YAMLMap
  readonly at: string
  readonly source: Source
}

function placePart(part: SentencePart, path: string, { map, at, source }: Place): SentencePart {
  const keys = path.slice(1).split('/')
  const found = findEntry(map, keys) ?? (part.part === 'until' ? findEntry(map, ['for']) : undefined)
  const own = path === '/until' && findEntry(map, keys) === undefined ? '/for' : path
  const placed = { ...part, path: `${at}${own}` }
  if (found === undefined || !isHandWritten(found, source)) return placed
  return { ...placed, handWritten: true, raw: source.text.slice(startOf(found.value), endOf(found.value)) }
}

function findEntry(map: YAMLMap, [key = '', ...rest]: readonly string[]): Entry | undefined {
  const entry = entryOf(map, key)
  if (entry === undefined || rest.length === 0) return entry
  return 'items' in entry.value ? findEntry(entry.value as YAMLMap, rest) : undefined
}
