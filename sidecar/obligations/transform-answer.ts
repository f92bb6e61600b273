// Carries out what the owner's rules ask of a JSON answer. An answer that cannot be looked through, or in which something cannot be done, is refused, never shown.
import { parsePath } from '../../policies/obligations/path.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { AnswerObligation } from './answer-plan.ts'
import { dropRecent } from './drop-recent.ts'
import { nodesAt, type Steps } from './find-places.ts'
import { type JsonNode, parseJsonText, printJsonText } from './json-text.ts'
import { roundValue } from './round-values.ts'
import { hideFields, keepFields } from './select-fields.ts'

export type TransformRefusal = 'cannot_hide' | 'obligation_impossible' | 'answer_too_recent'

export interface TransformOptions {
  readonly obligations: readonly AnswerObligation[]
  /** Milliseconds since 1970. */
  readonly now: number
}

/** An empty body holds nothing to be hidden. */
export function transformAnswer(body: Buffer, { obligations, now }: TransformOptions): Result<Buffer, TransformRefusal> {
  if (body.length === 0) return ok(body)
  try {
    const root = parseJsonText(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body))
    for (const obligation of obligations) {
      const refusal = carryOut(root, obligation, now)
      if (refusal !== undefined) return err(refusal)
    }
    return ok(Buffer.from(printJsonText(root)))
  } catch {
    return err('cannot_hide')
  }
}

function carryOut(root: JsonNode, obligation: AnswerObligation, now: number): TransformRefusal | undefined {
  switch (obligation.kind) {
    case 'hide':
      hideFields(root, obligation.paths.map(readPath))
      return undefined
    case 'only_fields':
      return keepFields(root, obligation.paths.map(readPath)) ? undefined : 'cannot_hide'
    case 'round':
      return nodesAt(root, readPath(obligation.path)).every((node) => roundValue(node, obligation)) ? undefined : 'obligation_impossible'
    case 'delay':
      return delayRefusal(dropRecent(root, readPath(obligation.path), now - obligation.seconds * 1000))
  }
}

function delayRefusal(age: ReturnType<typeof dropRecent>): TransformRefusal | undefined {
  if (age === 'old') return undefined
  return age === 'recent' ? 'answer_too_recent' : 'obligation_impossible'
}

function readPath(text: string): Steps {
  const steps = parsePath(text)
  if (steps === undefined) throw new Error('a path of an obligation cannot be read')
  return steps
}

const JSON_TYPE = /^application\/(?:[a-z0-9.!#$&^_+-]+\+)?json(?:\s*;\s*charset="?utf-8"?)?\s*$/i

/** `json`: one JSON type, in UTF-8, whole and without an encoding on top. `other`: surely something else. `unclear`: neither is sure. */
export function kindOfAnswer(headers: readonly Buffer[]): 'json' | 'other' | 'unclear' {
  const fields = readFields(headers)
  const [type, second] = fields.filter(({ name }) => name === 'content-type').map(({ value }) => value)
  if (type === undefined || second !== undefined) return 'unclear'
  const isPlain = fields.every(({ name, value }) => name !== 'content-range' && (name !== 'content-encoding' || value.toLowerCase() === 'identity'))
  if (isPlain && JSON_TYPE.test(type)) return 'json'
  return OTHER_TYPE.test(type) && !/json/i.test(type) ? 'other' : 'unclear'
}

const OTHER_TYPE = /^[a-z]+\/[a-z0-9]/i

function readFields(headers: readonly Buffer[]): readonly { readonly name: string; readonly value: string }[] {
  return Array.from({ length: headers.length / 2 }, (_, index) => ({
    name: headers[2 * index]?.toString('latin1').toLowerCase() ?? '',
    value: headers[2 * index + 1]?.toString('latin1').trim() ?? '',
  }))
}

/** May an answer that is surely no JSON pass as it is? Only if every obligation says so. */
export function letsOthersPass(obligations: readonly AnswerObligation[]): boolean {
  return obligations.every((one) => 'other_answers' in one && one.other_answers === 'allow')
}
