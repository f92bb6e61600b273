// What the rules of docs/rules.md say, read plainly in TypeScript: no Rego, no WASM, nothing of the emitter. The judge of the property tests.
import { BlockList } from 'node:net'
import type { Condition } from '../../../policies/conditions/registry.ts'
import type { Decision } from '../../../policies/contract/decision.ts'
import type { DecisionInput } from '../../../policies/contract/decision-input.ts'
import type { Reason, ReasonCode } from '../../../policies/contract/reasons.ts'
import type { RuleSet, Share, Stop, What, Who } from '../../../policies/model/rule-set.ts'

export function readPlainly(ruleSet: RuleSet, input: DecisionInput): Decision {
  const claimed = input.party.email === null ? undefined : input.party.email.toLowerCase()
  const verified = input.party.email_verified && input.party.sub !== '' ? claimed : undefined
  const asked = { ruleSet, input }
  const stops = (list: readonly Stop[], code: 'blocked' | 'paused'): readonly Reason[] =>
    list
      .filter(
        (stop) =>
          (stop.who === undefined || stop.who.some((who) => isOne(who, { ...asked, email: claimed, link: stop.name ?? '' }))) &&
          (stop.what === undefined || stop.what.some((what) => isThing(what, asked))) &&
          (stop.may === undefined || stop.may.some((may) => may === 'everything' || may === input.scope)) &&
          stop.conditions.every((condition) => !isRuledOut(condition, input)),
      )
      .map(({ name, line }) => ({ code, ...(name === undefined ? {} : { rule: name }), line }))
  const stopped = [...stops(ruleSet.block, 'blocked'), ...stops(ruleSet.pause, 'paused')]
  if (stopped.length > 0) return deny(stopped)
  const candidates = ruleSet.shares
    .filter(
      (share) =>
        share.who.some((who) => isOne(who, { ...asked, email: verified, link: share.name })) &&
        share.what.some((what) => isThing(what, asked)) &&
        share.may.some((may) => may === 'everything' || may === input.scope),
    )
    .map((share) => ({ share, misses: share.conditions.flatMap((condition) => missed(condition, input)) }))
  const fitting = candidates.filter(({ misses }) => misses.length === 0).map(({ share }) => share)
  const allowing = fitting.filter((share) => !share.ask)
  const near = sortReasons(candidates.flatMap(({ share, misses }) => misses.map((code) => reason(code, share))))
  if (allowing.length > 0)
    return { effect: 'allow', reasons: sortReasons(allowing.map((share) => reason('share_allows', share))), obligations: obligations(allowing) }
  const each = fitting.some(({ ask }) => ask === 'each_time') ? { ask: 'each_time' as const } : {}
  if (fitting.length > 0)
    return {
      effect: 'ask',
      ...each,
      reasons: [...sortReasons(fitting.map((share) => reason('share_asks_owner', share))), ...near],
      obligations: obligations(fitting),
    }
  return deny(near.length > 0 ? near : [{ code: 'no_share_for_this' }])
}

interface Asked {
  readonly ruleSet: RuleSet
  readonly input: DecisionInput
}

interface Caller extends Asked {
  readonly email: string | undefined
  readonly link: string
}

function isOne(who: Who, caller: Caller): boolean {
  const { party } = caller.input
  const known = party.sub !== ''
  switch (who.kind) {
    case 'anyone':
      return known
    case 'group':
      return (caller.ruleSet.people.get(who.name) ?? []).some((one) => isOne(one, caller))
    case 'email':
      return caller.email === who.email
    case 'domain':
      return caller.email?.slice(caller.email.lastIndexOf('@') + 1) === who.domain && caller.email.includes('@')
    case 'subject':
      return known && party.issuer === who.issuer && party.sub === who.subject
    case 'client':
      return known && party.client_id === who.client
    case 'service':
      return known && party.client_id === who.client && party.sub === who.client && party.device_id === null
    case 'device':
      return known && party.device_id === who.device
    case 'link':
      return party.link === caller.link
  }
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

function obligations(shares: readonly Share[]): Decision['obligations'] {
  return [...shares].sort((a, b) => a.line - b.line).flatMap((share) => share.obligations)
}

function isThing(what: What, asked: Asked): boolean {
  const { resource } = asked.input
  switch (what.kind) {
    case 'everything':
      return true
    case 'named':
      return (asked.ruleSet.things.get(what.name) ?? []).some((one) => isThing(one, asked))
    case 'thing':
      return what.name === resource.key
    case 'type':
      return what.name === resource.type
    case 'device':
      return what.name === resource.device_id
    case 'tag':
      return resource.tags.includes(what.name)
  }
}

/** A block holds while a fact is not known. */
function isRuledOut(condition: Condition, input: DecisionInput): boolean {
  const { request, party, proof, resource } = input
  const isUnknown = {
    from: request.ip === null,
    place: request.ip === null,
    purpose: request.purpose === null,
    proof: proof.method === null,
    acr: party.acr === null,
    state: resource.state === null,
  }
  if (condition.kind !== 'attributes') return !(isUnknown as Record<string, boolean>)[condition.kind] && missed(condition, input).length > 0
  return condition.tests.some((one) => {
    const [, value] = Object.entries(resource.attributes).find(([name]) => name === one.name) ?? []
    if (value === undefined || (!('oneOf' in one) && typeof value !== 'number')) return false
    return missed({ kind: 'attributes', tests: [one] }, input).length > 0
  })
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
    case 'dates':
    case 'except': {
      const { date, minute } = wallClock(input.now, condition.timezone)
      const judged = minute < condition.dayBeginsAt ? new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10) : date
      const text = (day: readonly number[]) => day.map((part) => String(part).padStart(2, '0')).join('-')
      const isOn = condition.ranges.some(([first, last]) => text(first) <= judged && judged <= text(last))
      return isOn === (condition.kind === 'dates') ? [] : ['not_these_dates']
    }
    case 'until': {
      if ('done' in condition) return []
      if ('instant' in condition) return Date.parse(input.now) < Date.parse(condition.instant) ? [] : ['expired']
      const last = condition.date.map((part) => String(part).padStart(2, '0')).join('-')
      return wallClock(input.now, condition.timezone).date <= last ? [] : ['expired']
    }
    case 'begins': {
      if ('instant' in condition) return Date.parse(input.now) >= Date.parse(condition.instant) ? [] : ['not_yet']
      const first = condition.date.map((part) => String(part).padStart(2, '0')).join('-')
      return wallClock(input.now, condition.timezone).date >= first ? [] : ['not_yet']
    }
    case 'from':
      return condition.networks.some((network) => inNetwork(input.request.ip, network)) ? [] : ['not_from_this_network']
    case 'place':
      return condition.networks.some((network) => inNetwork(input.request.ip, network)) ? [] : ['not_at_this_place']
    case 'purpose':
      return condition.purposes.some((one) => one === input.request.purpose) ? [] : ['not_for_this_purpose']
    case 'client':
      return condition.clients.some((one) => one === input.party.client_id) ? [] : ['not_with_this_app']
    case 'proof':
      return condition.methods.some((one) => one === input.proof.method) ? [] : ['proof_too_weak']
    case 'acr':
      return condition.classes.some((one) => one === input.party.acr) ? [] : ['sign_in_too_weak']
    case 'state':
      return condition.states.some((one) => one === input.resource.state) ? [] : ['not_in_this_state']
    case 'attributes':
      return condition.tests.every((one) => {
        const value = Object.entries(input.resource.attributes).find(([name]) => name === one.name)?.[1]
        if (value === undefined) return false
        if ('oneOf' in one) return one.oneOf.some((wanted) => wanted === value)
        return typeof value === 'number' && !(one.atLeast !== undefined && value < one.atLeast) && !(one.atMost !== undefined && value > one.atMost)
      })
        ? []
        : ['not_with_these_attributes']
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
// By another road than the runtime: Node's own lists of networks.
function inNetwork(ip: string | null, network: string): boolean {
  if (ip === null) return false
  const familyOf = (address: string) => (address.includes(':') ? 'ipv6' : 'ipv4')
  const [address = '', length] = network.split('/')
  const family = familyOf(address)
  const list = new BlockList()
  list.addSubnet(address, length === undefined ? { ipv4: 32, ipv6: 128 }[family] : Number(length), family)
  return familyOf(ip) === family && list.check(ip, family)
}
