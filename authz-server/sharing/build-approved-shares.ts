// The shares that an approval adds to the owner's text: this person, this thing, the chosen abilities and end, and the limits of the rules that let them ask.
import { kindOf } from '../../policies/conditions/registry.ts'
import type { NewShare } from '../../policies/edit/share-text.ts'
import { writeObligations, writeOnly } from '../../policies/edit/write-share.ts'
import { thingWord } from '../../policies/model/names.ts'
import type { Share } from '../../policies/model/rule-set.ts'

export interface ScopeOfShare {
  readonly scope: string
  readonly share: Share
}

export interface Approval {
  readonly email: string
  readonly resourceKey: string
  /** Chosen abilities with the share that let them ask for it. */
  readonly chosen: readonly ScopeOfShare[]
  /** The last day, `2026-12-31`; undefined: no end. */
  readonly until: string | undefined
  /** The day of the answer. */
  readonly today: string
  /** Of things, in the owner's text. */
  readonly names: readonly string[]
}

/** One share for each rule that let them ask: its limits hold for its abilities alone. Its own end is the end of asking; how long the answer holds, the owner chose. */
export function buildApprovedShares({ email, resourceKey, chosen, until, today, names }: Approval): readonly NewShare[] {
  return groupByShare(chosen).map(({ share, scopes: may }) => {
    const only = writeOnly(share.conditions.filter((condition) => kindOf(condition).place === 'only'))
    return {
      name: `Approved for ${email} on ${today}`,
      who: [email],
      what: [thingWord(resourceKey, names)],
      may,
      only,
      obligations: writeObligations(share.obligations),
      until: until === undefined ? undefined : buildUntil(until, only),
    }
  })
}

interface ShareWithScopes {
  readonly share: Share
  readonly scopes: readonly string[]
}

/** The line names a share within one text. */
function groupByShare(chosen: readonly ScopeOfShare[]): readonly ShareWithScopes[] {
  const byLine = new Map<number, { readonly share: Share; readonly scopes: string[] }>()
  for (const { scope, share } of chosen) {
    const group = byLine.get(share.line) ?? { share, scopes: [] }
    group.scopes.push(scope)
    byLine.set(share.line, group)
  }
  return [...byLine.values()]
}

/** A day needs a zone to end in; without one it ends in UTC. */
function buildUntil(day: string, only: NewShare['only']): string {
  return only?.['timezone'] === undefined ? `${day}T23:59:59Z` : day
}
