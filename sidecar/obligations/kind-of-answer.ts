// What an upstream's answer is by its header: JSON that can be looked through, surely something else, or neither. It reads no body.
import type { AnswerObligation } from './answer-plan.ts'

/** `json`: one JSON type, in UTF-8, whole and without an encoding on top. `other`: surely no JSON. `empty`: it says that it has no body. `unclear`: all else. */
export type AnswerKind = 'json' | 'other' | 'empty' | 'unclear'

const JSON_TYPE = /^application\/(?:[a-z0-9.!#$&^_+-]+\+)?json\s*(?:;|$)/i
const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/gi
const OTHER_TYPE = /^[a-z]+\/[a-z0-9]/i

export function kindOfAnswer(headers: readonly Buffer[]): AnswerKind {
  const fields = readFields(headers)
  if (fields.some(({ name, value }) => name === 'content-length' && value === '0')) return 'empty'
  const [type, second] = fields.filter(({ name }) => name === 'content-type').map(({ value }) => value)
  if (type === undefined || second !== undefined) return 'unclear'
  const isPlain = fields.every(({ name, value }) => name !== 'content-range' && (name !== 'content-encoding' || value.toLowerCase() === 'identity'))
  if (isPlain && isJsonInUtf8(type)) return 'json'
  return OTHER_TYPE.test(type) && !/json/i.test(type) ? 'other' : 'unclear'
}

/** RFC 8259 section 8.1 knows no other encoding; some servers name it all the same. */
function isJsonInUtf8(type: string): boolean {
  return JSON_TYPE.test(type) && [...type.matchAll(CHARSET)].every(([, charset]) => charset?.toLowerCase() === 'utf-8')
}

/** May an answer that is surely no JSON pass as it is? Only if every obligation says so. */
export function letsOthersPass(obligations: readonly AnswerObligation[]): boolean {
  return obligations.every((one) => 'other_answers' in one && one.other_answers === 'allow')
}

function readFields(headers: readonly Buffer[]): readonly { readonly name: string; readonly value: string }[] {
  return Array.from({ length: headers.length / 2 }, (_, index) => ({
    name: headers[2 * index]?.toString('latin1').toLowerCase() ?? '',
    value: headers[2 * index + 1]?.toString('latin1').trim() ?? '',
  }))
}
