// The shares that an approval adds to the owner's text: this person, this thing, the chosen abilities and end, and the limits of the rules that let them ask.
import { formatClock } from '../../policies/conditions/local-time.ts'
import type { NewShare, OnlyText } from '../../policies/edit/share-text.ts'
import { thingWord } from '../../policies/model/names.ts'
import type { Share } from '../../policies/model/rule-set.ts'
import type { AskingShare } from './find-asking-shares.ts'

export interface Approval {
  readonly email: string
  readonly resourceKey: string
  /** Chosen abilities with the share that let them ask for it. */
  readonly chosen: readonly AskingShare[]
  /** The last day, `2026-12-31`; undefined: no end. */
  readonly until: string | undefined
  /** The day of the answer. */
  readonly today: string
}

/** One share for each rule that let them ask: its limits hold for its abilities alone. */
export function buildApprovedShares({ email, resourceKey, chosen, until, today }: Approval): readonly NewShare[] {
  return groupByShare(chosen).map(({ share, scopes: may }) => {
    const only = buildOnly(share)
    return {
      name: `Approved for ${email} on ${today}`,
      who: [email],
      what: [thingWord(resourceKey)],
      may,
      hide: share.hide,
      ...(only === undefined ? {} : { only }),
      ...(until === undefined ? {} : { until: buildUntil(until, only) }),
    }
  })
}

export interface ShareWithScopes {
  readonly share: Share
  readonly scopes: readonly string[]
}

/** The line names a share within one text. */
export function groupByShare(chosen: readonly AskingShare[]): readonly ShareWithScopes[] {
  const byLine = new Map<number, { readonly share: Share; readonly scopes: string[] }>()
  for (const { scope, share } of chosen) {
    const group = byLine.get(share.line) ?? { share, scopes: [] }
    group.scopes.push(scope)
    byLine.set(share.line, group)
  }
  return [...byLine.values()]
}

/** A day needs a zone to end in; without one it ends in UTC. */
function buildUntil(day: string, only: OnlyText | undefined): string {
  return only?.timezone === undefined ? `${day}T23:59:59Z` : day
}

function buildOnly(share: Share): OnlyText | undefined {
  const only: { -readonly [member in keyof OnlyText]: OnlyText[member] } = {}
  for (const condition of share.conditions) {
    switch (condition.kind) {
      case 'days':
        only.days = condition.days
        only.timezone = condition.timezone
        break
      case 'between':
        only.between = `${formatClock(condition.start)}-${formatClock(condition.end)}`
        only.timezone = condition.timezone
        break
      case 'from':
        only.from = condition.networks
        break
      case 'until':
        // The end of the rule that let them ask is the end of asking; how long the answer holds, the owner chose.
        break
    }
  }
  return Object.keys(only).length === 0 ? undefined : only
}
