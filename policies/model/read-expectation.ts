// A row of `expect`: one question about one party and one thing, with its answer.
import { parseIpAddress } from '../../protocol/address.ts'
import { parseInstant } from '../conditions/instant.ts'
import type { PolicyDocument } from './document.ts'
import { expandWhat, expandWho } from './expand.ts'
import { parseWhat, type WhoWord } from './names.ts'
import type { Expectation, ExpectedFacts, Vocabulary } from './rule-set.ts'

export interface RawExpectation extends Partial<ExpectedFacts> {
  readonly who: WhoWord
  readonly what: string
  readonly may: string
  readonly at?: string
  readonly from?: string
  readonly answer: Expectation['answer']
  readonly because?: Expectation['because']
}

export function readExpectation(raw: RawExpectation, at: string, { document, vocabulary }: { document: PolicyDocument; vocabulary: Vocabulary }): Expectation {
  const who = expandWho(document.keep(document.who(raw.who, [...vocabulary.people.keys()]), `${at}/who`), vocabulary)
  const what = expandWhat(document.keep(parseWhat(raw.what, [...vocabulary.things.keys()]), `${at}/what`), vocabulary)
  if (who.length > 1) document.complain(`${at}/who`, { code: 'unknown_who', message: 'A row is about one person, but this name stands for several.' })
  if (what.length > 1) document.complain(`${at}/what`, { code: 'unknown_what', message: 'A row is about one thing, but this name stands for several.' })
  const instant = raw.at === undefined ? undefined : parseInstant(raw.at)
  if (raw.at !== undefined && instant === undefined)
    document.complain(`${at}/at`, { code: 'bad_date', message: `"${raw.at}" is not an instant with its offset such as 2026-11-23T10:00:00+01:00.` })
  const from = parseIpAddress(raw.from)
  if (raw.from !== undefined && from === undefined)
    document.complain(`${at}/from`, { code: 'bad_network', message: `"${raw.from}" is not an IPv4 or IPv6 address.` })
  const { purpose, client, proof, acr, link, state, attributes } = raw
  return {
    ...document.position(at),
    who: who[0] ?? { kind: 'anyone' },
    what: what[0] ?? { kind: 'everything' },
    may: raw.may,
    at: instant,
    from,
    facts: { purpose, client, proof, acr, link, state, attributes },
    answer: raw.answer,
    because: raw.because,
  }
}
