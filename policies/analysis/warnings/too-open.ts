// Shares that give more than most people mean: without an end to somebody outside the home, or everything to everyone.
import { expandWhat, expandWho } from '../../model/expand.ts'
import { whoWord } from '../../model/names.ts'
import type { RuleSet, Share, Who } from '../../model/rule-set.ts'
import type { Warning, WarningContext } from './warning-context.ts'

/** The name of `people` for those who live there. */
export const HOME = 'home'

type Word = Exclude<Who, { readonly kind: 'group' }>

export function findTooOpen({ ruleSet, place }: WarningContext): readonly Warning[] {
  return ruleSet.shares.flatMap((share, index): readonly Warning[] => {
    // The owner decides about each request, so nothing is given for good.
    if (share.ask) return []
    return [...withoutEnd(share, ruleSet), ...toEveryone(share, ruleSet)].map((warning) => ({ ...place(`/shares/${index}`, share.line), ...warning }))
  })
}

type Found = Pick<Warning, 'code' | 'message'>

function withoutEnd(share: Share, ruleSet: RuleSet): readonly Found[] {
  if (share.conditions.some(({ kind }) => kind === 'until')) return []
  const home = ruleSet.people.get(HOME)
  const outside = home === undefined ? share.who.filter(isOutsider) : expandWho(share.who, ruleSet).filter((who) => !isAtHome(who, home))
  const [first, ...others] = outside.map((who) => wordText(who))
  if (first === undefined) return []
  const who = others.length === 0 ? `"${first}"` : `"${first}" and ${others.length} more`
  const remedy = home === undefined ? `, or name those who live with you "${HOME}" under "people"` : `, or add them to "${HOME}" under "people"`
  return [{ code: 'no_expiry', message: `"${share.name}" never ends for ${who} outside the home; add "until"${remedy}.` }]
}

/** Where no one is named as living there: everyone of whom it is not said who they are to the owner. */
function isOutsider({ kind }: Who): boolean {
  return kind === 'anyone' || kind === 'domain' || kind === 'client' || kind === 'email'
}

function isAtHome(who: Word, home: readonly Word[]): boolean {
  const same = home.some((one) => JSON.stringify(one) === JSON.stringify(who))
  return same || (who.kind === 'email' && home.some((one) => one.kind === 'domain' && who.email.endsWith(`@${one.domain}`)))
}

function wordText(who: Who): string {
  const word = whoWord(who)
  return typeof word === 'string' ? word : word.subject
}

function toEveryone(share: Share, ruleSet: RuleSet): readonly Found[] {
  const open = share.who.some(({ kind }) => kind === 'anyone' || kind === 'link')
  if (!open || !expandWhat(share.what, ruleSet).some(({ kind }) => kind === 'everything')) return []
  return [{ code: 'too_open', message: `"${share.name}" gives everyone access to everything; name the people or the things that you mean.` }]
}
