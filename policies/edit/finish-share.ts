// The "Done" button of a share with `until: done`: it ends at the press. The share stays in the text, with its end, so that the owner sees what was given.
import { toUtcText } from '../conditions/instant.ts'
import { DONE } from '../conditions/until.ts'
import type { Diagnostic } from '../diagnostic.ts'
import type { RuleSet, Share } from '../model/rule-set.ts'
import { type PolicyText, parsePolicy } from '../parse-policy.ts'
import type { Result } from '../result.ts'
import { refuse } from './checked-edit.ts'
import { editShare } from './edit-share.ts'
import { type EntryPlace, findEntry } from './find-entry.ts'

export interface FinishShare extends PolicyText, Omit<EntryPlace, 'list'> {
  /** Milliseconds since 1970: the press of the button. */
  readonly now: number
}

/** The new text; `edit_refused` for a share that does not wait for the button. */
export function finishShare(finish: FinishShare): Result<string, Diagnostic[]> {
  const before = parsePolicy(finish)
  if (!before.ok) return before
  const index = findEntry(before.value, finish)
  const share = index === undefined ? undefined : before.value.shares[index]
  if (share === undefined || remindSecondsOf(share) === undefined) return refuse(finish, 0)
  return editShare({ ...finish, list: 'shares', part: 'until', value: toUtcText(finish.now) })
}

export interface OpenShare {
  readonly share: Share
  /** How often its owner wants to be reminded of it. */
  readonly remindSeconds: number
}

/** The shares that end by the button alone, in the order of the text. */
export function sharesUntilDone({ shares }: Pick<RuleSet, 'shares'>): readonly OpenShare[] {
  return shares.flatMap((share) => {
    const remindSeconds = remindSecondsOf(share)
    return remindSeconds === undefined ? [] : [{ share, remindSeconds }]
  })
}

function remindSecondsOf({ conditions }: Share): number | undefined {
  return conditions.flatMap((one) => (one.kind === 'until' && DONE in one ? [one.done.remindSeconds] : []))[0]
}
