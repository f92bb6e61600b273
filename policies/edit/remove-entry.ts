// Takes a share, a block or a pause out of an owner's text, with its lines and the comments in it; every other byte stays.
import { isSeq } from 'yaml'
import type { Diagnostic } from '../diagnostic.ts'
import { type PolicyText, parsePolicy } from '../parse-policy.ts'
import type { Result } from '../result.ts'
import { checkedEdit, refuse } from './checked-edit.ts'
import { type EntryPlace, findEntry } from './find-entry.ts'
import { removeItem } from './list-item.ts'
import type { ListName } from './parts.ts'
import { entryOf, readSource } from './source.ts'
import { applySplices } from './splice.ts'

export function removeShare(place: PolicyText & Omit<EntryPlace, 'list'>): Result<string, Diagnostic[]> {
  return removeFrom({ ...place, list: 'shares' })
}

export function removeStop(place: PolicyText & EntryPlace & { readonly list: 'block' | 'pause' }): Result<string, Diagnostic[]> {
  return removeFrom(place)
}

function removeFrom(place: PolicyText & EntryPlace & { readonly list: ListName }): Result<string, Diagnostic[]> {
  const { text, list } = place
  const before = parsePolicy(place)
  if (!before.ok) return before
  const index = findEntry(before.value, place)
  const source = readSource(text)
  const entry = source.root && entryOf(source.root, list)
  if (index === undefined || entry === undefined || !isSeq(entry.value)) return refuse(place, 0)
  const splices = removeItem(entry, index, source)
  if (!splices.ok) return refuse(place, splices.error.offset, splices.error.code)
  return checkedEdit(place, {
    after: applySplices(text, splices.value),
    change: (values) => ({ ...values, [list]: (values[list] as readonly unknown[]).filter((_, at) => at !== index) }),
  })
}
