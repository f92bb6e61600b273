// An owner's rules read back in plain words, one sentence for each share and block. Reads the rule set; decides nothing.
import { kindOf } from '../../policies/conditions/registry.ts'
import type { RuleSet, Share, Stop, What, Who } from '../../policies/model/rule-set.ts'
import { obligationSentence } from '../../policies/obligations/registry.ts'
import { EVERYTHING } from '../../policies/words.ts'
import { listInWords } from '../console/words.ts'

export function describeRules(rules: RuleSet): readonly string[] {
  const shares = rules.shares.map((share) => {
    const may = share.ask ? 'may ask you each time to' : 'may'
    const limits = describeLimits(share)
    return `${describeWho(share.who, rules)} ${may} ${describeAbilities(share.may)} on ${listInWords(share.what.map(describeWhat))}${limits.length > 0 ? `, ${limits.join(', ')}` : ''}.`
  })
  const stops = [...rules.block, ...rules.pause].map((stop) => describeStop(stop, rules))
  return [...shares, ...stops]
}

function describeStop({ who, what, conditions }: Stop, rules: RuleSet): string {
  const people = who === undefined ? 'Nobody' : describeWho(who, rules)
  const things = what === undefined ? '' : ` on ${listInWords(what.map(describeWhat))}`
  const limits = conditions.map((condition) => `, ${kindOf(condition).sentence(condition)}`).join('')
  return `${people} may do ${who === undefined ? 'anything' : 'nothing'}${things}${limits}, whatever else is written.`
}

/** What holds a share in: its conditions and its obligations. */
export function describeLimits(share: Share): readonly string[] {
  return [...share.conditions.map((condition) => kindOf(condition).sentence(condition)), ...share.obligations.map(obligationSentence)]
}

function describeWho(who: readonly Who[], rules: RuleSet): string {
  const text = listInWords(who.map((one) => nameWho(one, rules)))
  return text.startsWith('anyone') ? `Anyone${text.slice('anyone'.length)}` : text
}

function nameWho(one: Who, rules: RuleSet): string {
  switch (one.kind) {
    case 'anyone':
      return 'anyone who is signed in'
    case 'email':
      return one.email
    case 'group':
      return `${one.name} (${listInWords((rules.people.get(one.name) ?? []).map((person) => nameWho(person, rules)))})`
    case 'link':
      return 'anyone who has the link'
    case 'domain':
      return `everybody at ${one.domain}`
    case 'subject':
      return `${one.subject} of ${one.issuer}`
    case 'client':
      return `whoever uses the app ${one.client}`
    case 'service':
      return `the service ${one.client}`
    case 'device':
      return `the device ${one.device}`
  }
}

function describeAbilities(may: readonly string[]): string {
  return may.includes(EVERYTHING) ? 'do everything' : listInWords(may)
}

function describeWhat(what: What): string {
  switch (what.kind) {
    case 'thing':
    case 'named':
      return what.name
    case 'device':
      return `everything of the device ${what.name}`
    case 'type':
      return `everything of type ${what.name}`
    case 'tag':
      return `everything tagged ${what.name}`
    case 'everything':
      return 'everything you have'
  }
}
