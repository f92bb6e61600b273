// The shares that an approval adds to the owner's text: this person, this thing, the chosen abilities and end, and the limits of the rules that let them ask.
import { formatClock } from '../../policies/conditions/local-time.ts'
import type { NewShare, OnlyText } from '../../policies/edit/share-text.ts'
import { thingWord } from '../../policies/model/names.ts'
import type { Share } from '../../policies/model/rule-set.ts'

export interface Approval {
  readonly email: string
  readonly resourceKey: string
  /** Chosen abilities with the share that let them ask for it. */
  readonly chosen: readonly { readonly scope: string; readonly share: Share }[]
  /** The last day, `2026-12-31`; undefined: no end. */
  readonly until: string | undefined
  /** The day of the answer. */
  readonly today: string
}

/** One share for each rule that let them ask: its limits hold for its abilities alone. */
export function buildApprovedShares({ email, resourceKey, chosen, until, today }: Approval): readonly NewShare[] {
  const byRule = new Map<Share, string[]>()
  for (const { scope, share } of chosen) byRule.set(share, [...(byRule.get(share) ?? []), scope])
  return [...byRule].map(([share, may]) => {
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
