// The options that tell `explain` what is asked: who, what and may, and every fact that a rule can look at.
import { type Command, InvalidArgumentError } from 'commander'
import type { DecisionInput } from '../../policies/contract/decision-input.ts'
import type { WhoWord } from '../../policies/model/names.ts'
import type { Question } from '../../policies/tools/question.ts'
import { explainNumber } from '../../policies/yaml/check-number.ts'
import type { SharedOptions } from './define-command.ts'

type Attributes = Record<string, DecisionInput['resource']['attributes'][string]>

export interface QuestionOptions extends SharedOptions {
  readonly who: WhoWord
  readonly what: string
  readonly may: string
  readonly from?: string
  readonly purpose?: string
  readonly client?: string
  readonly proof?: string
  readonly acr?: string
  readonly link?: string
  readonly state?: string
  readonly attribute?: Attributes
  readonly type?: string
  readonly tag?: readonly string[]
}

export function addQuestionOptions(command: Command): Command {
  return command
    .requiredOption(
      '--who <person>',
      'one person: an e-mail address, a name from "people", client:x, service:x, device:x, anyone-signed-in, or {"issuer": ..., "subject": ...}',
      parseWho,
    )
    .requiredOption('--what <thing>', 'one thing: a key, a name from "things", type:x, tag:x, device:x')
    .requiredOption('--may <ability>', 'what they want to do, e.g. read')
    .option('--from <ip>', 'the address they call from')
    .option('--purpose <word>', 'the purpose that they declare')
    .option('--client <app>', 'the app that they use')
    .option('--proof <method>', 'how they prove possession of their key: dpop, httpsig, session or mtls')
    .option('--acr <class>', 'how they signed in')
    .option('--link <share>', 'the share whose link they opened')
    .option('--state <state>', 'the state of the device')
    .option('--attribute <name=value>', 'a known attribute of the thing; can be repeated', collectAttribute)
    .option('--type <type>', 'the type of the thing')
    .option('--tag <tag>', 'a tag of the thing; can be repeated', (tag: string, before: readonly string[] = []) => [...before, tag])
}

export function questionOf({ who, what, may, at, from, purpose, client, proof, acr, link, state, attribute, type, tag }: QuestionOptions): Question {
  return { who, what, may, at, from, purpose, client, proof, acr, link, state, attributes: attribute, type, tags: tag }
}

function parseWho(text: string): WhoWord {
  if (!text.startsWith('{')) return text
  try {
    const { issuer, subject, ...more } = JSON.parse(text) as Readonly<Record<string, unknown>>
    if (typeof issuer === 'string' && typeof subject === 'string' && Object.keys(more).length === 0) return { issuer, subject }
  } catch {
    // Told below, like every other form that is none.
  }
  throw new InvalidArgumentError('Write {"issuer": "https://...", "subject": "..."}.')
}

const NUMBER = /^-?\d+(?:\.\d+)?$/

/** Numbers, true and false are what they look like; quotes make a text of them: `mode='"5"'`. */
function collectAttribute(text: string, before: Attributes = {}): Attributes {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('Write a name and a value, e.g. mode=party or battery=80.')
  const value = text.slice(at + 1)
  return { ...before, [text.slice(0, at)]: readValue(value) }
}

function readValue(text: string): string | number | boolean {
  if (NUMBER.test(text)) {
    const message = explainNumber(text, Number(text))
    if (message !== undefined) throw new InvalidArgumentError(message)
    return Number(text)
  }
  if (text === 'true' || text === 'false') return text === 'true'
  return /^".*"$/s.test(text) ? text.slice(1, -1) : text
}
