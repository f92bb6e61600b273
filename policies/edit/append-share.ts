// Adds a share to an owner's text and leaves every other byte as it was: comments, order, spacing, line ends.
import type { Diagnostic } from '../diagnostic.ts'
import { parsePolicy } from '../parse-policy.ts'
import { ok, type Result } from '../result.ts'
import { appendShares } from './append-shares.ts'
import type { NewShare } from './share-text.ts'

const FILE = 'policy.yaml'

/** The new text. A text that is wrong before or would be wrong after is answered with its diagnostics, and nothing is changed. */
export function appendShare(text: string, share: NewShare, file = FILE): Result<string, Diagnostic[]> {
  const before = parsePolicy({ text, file })
  if (!before.ok) return before
  const added = appendShares({ text, file }, [share])
  return added.ok ? ok(added.value.text) : added
}
