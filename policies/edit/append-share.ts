// Adds a share to an owner's text and leaves every other byte as it was: comments, order, spacing, line ends.
import type { Diagnostic } from '../diagnostic.ts'
import { parsePolicy } from '../parse-policy.ts'
import { err, ok, type Result } from '../result.ts'
import { appendEntry } from './append-entry.ts'
import { type NewShare, shareEntries } from './share-text.ts'

const FILE = 'policy.yaml'

/** The new text. A text that is wrong before or would be wrong after is answered with its diagnostics, and nothing is changed. */
export function appendShare(text: string, share: NewShare, file = FILE): Result<string, Diagnostic[]> {
  const before = parsePolicy({ text, file })
  if (!before.ok) return before
  const after = appendEntry(text, { list: 'shares', entries: shareEntries(share) })
  const parsed = parsePolicy({ text: after, file })
  if (!parsed.ok) return parsed
  const added = parsed.value.shares.length - before.value.shares.length
  return added === 1
    ? ok(after)
    : err([{ file, line: 1, column: 1, code: 'yaml_syntax', message: 'The share could not be added to this text; add it by hand.' }])
}
