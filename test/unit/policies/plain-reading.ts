// What the rules of docs/rules.md say, read plainly in TypeScript: no Rego, no WASM, nothing of the emitter. The judge of the property tests.
import type { Decision } from '../../../policies/contract/decision.ts'
import type { DecisionInput } from '../../../policies/contract/decision-input.ts'
import type { Reason, ReasonCode } from '../../../policies/contract/reasons.ts'
import type { Condition, RuleSet, Share, What, Who } from '../../../policies/model/rule-set.ts'

export function readPlainly(ruleSet: RuleSet, input: DecisionInput): Decision {
  const claimed = input.party.email === null ? undefined : input.party.email.toLowerCase()
  const verified = input.party.email_verified && input.party.sub !== '' ? claimed : undefined
  const isOne = (who: Who, email: string | undefined): boolean => {
    if (who.kind === 'anyone') return input.party.sub !== ''
    if (email === undefined) return false
    return who.kind === 'email' ? who.email === email : (ruleSet.people.get(who.name) ?? []).includes(email)
  }
  const blocks = ruleSet.block.filter((block) => block.who.some((who) => isOne(who, claimed)))
  if (blocks.length > 0) {
    return deny(blocks.map(({ name, line }) => ({ code: 'blocked' as const, ...(name === undefined ? {} : { rule: name }), line })))
  }
  const candidates = ruleSet.shares
    .filter(
      (share) =>
        share.who.some((who) => isOne(who, verified)) &&
        share.what.some((what) => isThing(what, input)) &&
        share.may.some((may) => may === 'everything' || may === input.scope),
    )
    .map((share) => ({ share, misses: share.conditions.flatMap((condition) => missed(condition, input)) }))
  const fitting = candidates.filter(({ misses }) => misses.length === 0).map(({ share }) => share)
  const allowing = fitting.filter((share) => !share.ask)
  const near = sortReasons(candidates.flatMap(({ share, misses }) => misses.map((code) => reason(code, share))))
  if (allowing.length > 0)
    return { effect: 'allow', reasons: sortReasons(allowing.map((share) => reason('share_allows', share))), obligations: hidden(allowing) }
  if (fitting.length > 0)
    return { effect: 'ask', reasons: [...sortReasons(fitting.map((share) => reason('share_asks_owner', share))), ...near], obligations: hidden(fitting) }
  return deny(near.length > 0 ? near : [{ code: 'no_share_for_this' }])
}

function deny(reasons: readonly Reason[]): Decision {
  return { effect: 'deny', reasons, obligations: [] }
}

function reason(code: ReasonCode, share: Share): Reason {
  return { code, rule: share.name, line: share.line }
}

function sortReasons(reasons: readonly Reason[]): readonly Reason[] {
  return [...reasons].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.code < b.code ? -1 : 1))
}

function hidden(shares: readonly Share[]): Decision['obligations'] {
  const paths = [...new Set(shares.flatMap((share) => share.hide))].sort()
  return paths.length === 0 ? [] : [{ kind: 'hide', paths }]
}

function isThing(what: What, { resource }: DecisionInput): boolean {
  switch (what.kind) {
    case 'everything':
      return true
    case 'thing':
      return what.name === resource.key
    case 'type':
      return what.name === resource.type
    case 'tag':
      return resource.tags.includes(what.name)
  }
}

function missed(condition: Condition, input: DecisionInput): readonly ReasonCode[] {
  switch (condition.kind) {
    case 'between': {
      const { minute } = wallClock(input.now, condition.timezone)
      const { start, end } = condition
      return (start < end ? minute >= start && minute < end : minute >= start || minute < end) ? [] : ['not_these_hours']
    }
    case 'days': {
      const { weekday, minute } = wallClock(input.now, condition.timezone)
      const judged = minute < condition.dayBeginsAt ? ORDER[(ORDER.indexOf(weekday) + 6) % 7] : weekday
      return condition.days.some((day) => day === judged) ? [] : ['not_these_days']
    }
    case 'until': {
      if ('instant' in condition) return Date.parse(input.now) < Date.parse(condition.instant) ? [] : ['expired']
      const last = condition.date.map((part) => String(part).padStart(2, '0')).join('-')
      return wallClock(input.now, condition.timezone).date <= last ? [] : ['expired']
    }
    case 'from':
      return condition.networks.some((network) => inNetwork(input.request.ip, network)) ? [] : ['not_from_this_network']
  }
}

const ORDER = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

// In another language and by another road than the runtime: Swedish writes ISO dates.
function wallClock(now: string, timeZone: string): { readonly date: string; readonly minute: number; readonly weekday: string } {
  const at = new Date(now)
  const [date = '', time = ''] = at.toLocaleString('sv-SE', { timeZone }).split(' ')
  const [hours = '0', minutes = '0'] = time.split(':')
  const weekday = at.toLocaleDateString('en-GB', { timeZone, weekday: 'short' }).toLowerCase()
  return { date, minute: Number(hours) * 60 + Number(minutes), weekday }
}

/** The property tests ask about IPv4 only; the corpus has the rest. */
function inNetwork(ip: string | null, network: string): boolean {
  const [address = '', length = '32'] = network.split('/')
  const bits = (text: string) =>
    text
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('')
  return ip !== null && bits(ip).startsWith(bits(address).slice(0, Number(length)))
}
