// An owner's rules read back in plain words, one sentence for each share and block. Reads the rule set; decides nothing.
import { kindOf } from '../../policies/conditions/registry.ts'
import type { RuleSet, Share, What, Who } from '../../policies/model/rule-set.ts'
import { EVERYTHING } from '../../policies/words.ts'
import { listInWords } from '../console/words.ts'

export function describeRules(rules: RuleSet): readonly string[] {
  const shares = rules.shares.map((share) => {
    const may = share.ask ? 'may ask you each time to' : 'may'
    const limits = describeLimits(share)
    return `${describeWho(share.who, rules)} ${may} ${describeAbilities(share.may)} on ${listInWords(share.what.map(describeWhat))}${limits.length > 0 ? `, ${limits.join(', ')}` : ''}.`
  })
  const blocks = rules.block.map((block) => `${describeWho(block.who, rules)} may do nothing, whatever else is written.`)
  return [...shares, ...blocks]
}

/** What holds a share in: its conditions and what it hides. */
export function describeLimits(share: Share): readonly string[] {
  const hidden = share.hide.length > 0 ? [`without seeing ${listInWords(share.hide)}`] : []
  return [...share.conditions.map((condition) => kindOf(condition).sentence(condition)), ...hidden]
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
      return `${one.name} (${listInWords(rules.people.get(one.name) ?? [])})`
  }
}

function describeAbilities(may: readonly string[]): string {
  return may.includes(EVERYTHING) ? 'do everything' : listInWords(may)
}

function describeWhat(what: What): string {
  switch (what.kind) {
    case 'thing':
      return what.name
    case 'type':
      return `everything of type ${what.name}`
    case 'tag':
      return `everything tagged ${what.name}`
    case 'everything':
      return 'everything you have'
  }
}
