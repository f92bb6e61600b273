// Sets, adds or removes one part of one share, block or pause: only the bytes of that part change. A part that is written by hand is refused.
import { isMap, type YAMLMap } from 'yaml'
import type { Written } from '../conditions/condition-kind.ts'
import { DONE } from '../conditions/until.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { type PolicyText, parsePolicy } from '../parse-policy.ts'
import { err, ok, type Result } from '../result.ts'
import { checkedEdit, refuse, type Values } from './checked-edit.ts'
import { type EntryPlace, findEntry } from './find-entry.ts'
import { type EditRefusal, removeEntry, setEntry } from './map-entry.ts'
import { ENTRY_KEYS, type ListName, ONLY_KEYS, type PartName, pathOf } from './parts.ts'
import { renameEntry } from './rename-entry.ts'
import { entriesOf, entryOf, keyOf, mapAt, readSource, type Source } from './source.ts'
import { applySplices } from './splice.ts'

export interface ShareEdit extends PolicyText, EntryPlace {
  readonly part: PartName
  /** As an owner writes it in YAML; left out: the part is removed. */
  readonly value?: Written | undefined
}

type Entries = Readonly<Record<string, unknown>>
interface EntryAt {
  readonly list: ListName
  readonly index: number
}

/** The new text, or what is wrong: with the text before, with the value at its place in the text after, or `hand_written`. */
export function editShare(edit: ShareEdit): Result<string, Diagnostic[]> {
  const { list = 'shares', part, value, text } = edit
  const before = parsePolicy(edit)
  if (!before.ok) return before
  const index = findEntry(before.value, edit)
  if (index === undefined) return refuse(edit, 0)
  const edited = value === undefined ? removePart(text, part, { list, index }) : setPart(text, { part, value }, { list, index })
  const after = edited.ok && endsReminder(edit) ? removeKey(edited.value, 'remind', { list, index }) : edited
  if (!after.ok) return refuse(edit, after.error.offset, after.error.code)
  if (after.value === text) return ok(text)
  return checkedEdit(edit, { after: after.value, change: (values) => changeEntry(values, { list, index }, (entry) => changePart(entry, edit)) })
}

/** `remind` belongs to `until: done` and goes with it. */
function endsReminder({ part, value }: Pick<ShareEdit, 'part' | 'value'>): boolean {
  return (part === 'until' || part === 'for') && value !== DONE
}

type NewText = Result<string, EditRefusal>

function setPart(text: string, { part, value }: { readonly part: PartName; readonly value: Written }, { list, index }: EntryAt): NewText {
  const source = readSource(text)
  const map = mapAt(source, list, index)
  if (map === undefined) return err({ offset: 0, code: 'edit_refused' })
  const [key, inner] = pathOf(part)
  if (inner === undefined) return spliced(text, setOwn(map, { key, value }, source))
  const only = entryOf(map, 'only')
  if (only === undefined) return spliced(text, setEntry(map, { key: 'only', value: { [inner]: value }, order: ENTRY_KEYS }, source))
  if (!isMap(only.value)) return err({ offset: 0, code: 'edit_refused' })
  return spliced(text, setEntry(only.value, { key: inner, value, order: ONLY_KEYS }, source))
}

/** `for` and `until` are two words for one end. */
function setOwn(map: YAMLMap, { key, value }: { readonly key: string; readonly value: Written }, source: Source): ReturnType<typeof setEntry> {
  const other = OTHER_END[key]
  const old = other === undefined || entryOf(map, key) !== undefined ? undefined : entryOf(map, other)
  return old === undefined ? setEntry(map, { key, value, order: ENTRY_KEYS }, source) : renameEntry(old, { key, value }, source)
}

function removePart(text: string, part: PartName, place: EntryAt): NewText {
  const map = mapAt(readSource(text), place.list, place.index)
  if (map === undefined) return err({ offset: 0, code: 'edit_refused' })
  const [key, inner] = pathOf(part)
  if (inner !== undefined) return removeCondition(text, inner, place)
  return withDependents(entriesOf(map).map(keyOf), key).reduce<NewText>((before, one) => (before.ok ? removeKey(before.value, one, place) : before), ok(text))
}

function removeKey(text: string, key: string, { list, index }: EntryAt): NewText {
  const source = readSource(text)
  const map = mapAt(source, list, index)
  return map === undefined || entryOf(map, key) === undefined ? ok(text) : spliced(text, removeEntry(map, key, source))
}

function removeCondition(text: string, key: string, place: EntryAt): NewText {
  const source = readSource(text)
  const map = mapAt(source, place.list, place.index)
  const only = map && entryOf(map, 'only')?.value
  if (!isMap(only) || entryOf(only, key) === undefined) return ok(text)
  return only.items.length === 1 ? removeKey(text, 'only', place) : spliced(text, removeEntry(only, key, source))
}

function spliced(text: string, splices: ReturnType<typeof setEntry>): NewText {
  return splices.ok ? ok(applySplices(text, splices.value)) : splices
}

const OTHER_END: Readonly<Record<string, string>> = { until: 'for', for: 'until' }
/** Keys that say nothing without one of some others, and are refused then. */
const DEPENDENTS: readonly { readonly key: string; readonly on: readonly string[] }[] = [
  { key: 'other_answers', on: ['hide', 'only_fields'] },
  { key: 'must', on: ['hide', 'only_fields', 'round'] },
]

function withDependents(keys: readonly string[], key: string): readonly string[] {
  if (key === 'until' && !keys.includes('until')) return ['for']
  return [key, ...DEPENDENTS.filter(({ on }) => on.includes(key) && !on.some((other) => other !== key && keys.includes(other))).map((one) => one.key)]
}

/** The same change to the values alone. */
function changePart(before: Entries, { part, value }: ShareEdit): Entries {
  const entry = endsReminder({ part, value }) ? without(before, ['remind']) : before
  const [first, second] = pathOf(part)
  if (second === undefined) {
    if (value === undefined) return without(entry, withDependents(Object.keys(entry), first))
    return { ...without(entry, [OTHER_END[first] ?? '']), [first]: value }
  }
  const only = (entry['only'] ?? {}) as Entries
  const left = value === undefined ? without(only, [second]) : { ...only, [second]: value }
  return Object.keys(left).length === 0 ? without(entry, ['only']) : { ...entry, only: left }
}

function without(entry: Entries, keys: readonly string[]): Entries {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !keys.includes(key)))
}

function changeEntry(values: Values, { list, index }: EntryAt, change: (entry: Entries) => Entries): Values {
  const entries = values[list] as readonly Entries[]
  return { ...values, [list]: entries.map((entry, at) => (at === index ? change(entry) : entry)) }
}
