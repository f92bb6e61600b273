// Adds several shares to an owner's text in one edit, and says what the new text means. Every other byte of the text stays as it was.
import type { Diagnostic } from '../diagnostic.ts'
import type { Result } from '../result.ts'
import { appendEntry } from './append-entry.ts'
import { checkedEditWithRules, type EditedText } from './checked-edit.ts'
import { type NewShare, shareEntries, shareValues } from './share-text.ts'

/** For a text that was read without complaint. A text that would be wrong afterwards is answered with its diagnostics. */
export function appendShares(source: { readonly text: string; readonly file: string }, shares: readonly NewShare[]): Result<EditedText, Diagnostic[]> {
  const after = shares.reduce((text, share) => appendEntry(text, { list: 'shares', entries: shareEntries(share) }), source.text)
  const added = shares.map((share) => Object.fromEntries(shareValues(share)))
  return checkedEditWithRules(source, {
    after,
    change: (values) => ({ ...values, shares: [...((values['shares'] ?? []) as readonly unknown[]), ...added] }),
  })
}
