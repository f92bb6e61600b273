// Classifies an upstream's response by its head: JSON that can be transformed, certainly something else, or neither. Reads no body.
import type { AnswerObligation } from './answer-plan.ts'

/** `json`: one JSON type, in UTF-8, complete and without an encoding on top. `other`: certainly not JSON. `empty`: it states that it has no body. `unclear`: anything else. */
export type AnswerKind = 'json' | 'other' | 'empty' | 'unclear'

const JSON_TYPE = /^application\/(?:[a-z0-9.!#$&^_+-]+\+)?json\s*(?:;|$)/i
const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/gi
const OTHER_TYPE = /^[a-z]+\/[a-z0-9]/i
/** Types that hold responses, or parts of them, which may be JSON. */
const CONTAINER_TYPE = /^(?:multipart|message)\/|^application\/(?:http|[a-z0-9.-]*mixed-replace)/i
/** The labels of UTF-8 in the WHATWG Encoding Standard, section 4.2. */
const UTF8_LABELS = new Set(['unicode-1-1-utf-8', 'unicode11utf8', 'unicode20utf8', 'utf-8', 'utf8', 'x-unicode20utf8'])
const PARTIAL_CONTENT = 206
/** Its `Content-Range` tells only the whole length, and is dropped. */
const RANGE_NOT_SATISFIABLE = 416

export function kindOfAnswer(headers: readonly Buffer[], status = 200): AnswerKind {
  const fields = readFields(headers)
  if (fields.some(({ name, value }) => name === 'content-length' && value === '0')) return 'empty'
  // A part of a response shows values without the places by which rules name them.
  if (status === PARTIAL_CONTENT) return 'unclear'
  if (status !== RANGE_NOT_SATISFIABLE && fields.some(({ name }) => isAboutParts(name))) return 'unclear'
  const [type, second] = fields.filter(({ name }) => name === 'content-type').map(({ value }) => value)
  if (type === undefined || second !== undefined || CONTAINER_TYPE.test(type)) return 'unclear'
  const isPlain = fields.every(({ name, value }) => name !== 'content-encoding' || value.toLowerCase() === 'identity')
  if (isPlain && isJsonInUtf8(type)) return 'json'
  return OTHER_TYPE.test(type) && !/json/i.test(type) ? 'other' : 'unclear'
}

/** `IM` and `Delta-Base` (RFC 3229) announce a difference to an earlier response. */
function isAboutParts(name: string): boolean {
  return name === 'content-range' || name === 'im' || name === 'delta-base'
}

/** RFC 8259 section 8.1 knows no other encoding; some servers name it all the same. */
function isJsonInUtf8(type: string): boolean {
  return JSON_TYPE.test(type) && [...type.matchAll(CHARSET)].every(([, charset]) => UTF8_LABELS.has(charset?.toLowerCase() ?? ''))
}

/** May a response that is certainly not JSON pass as it is? Only if every obligation says so. */
export function letsOthersPass(obligations: readonly AnswerObligation[]): boolean {
  return obligations.every((one) => 'other_answers' in one && one.other_answers === 'allow')
}

function readFields(headers: readonly Buffer[]): readonly { readonly name: string; readonly value: string }[] {
  return Array.from({ length: headers.length / 2 }, (_, index) => ({
    name: headers[2 * index]?.toString('latin1').toLowerCase() ?? '',
    value: headers[2 * index + 1]?.toString('latin1').trim() ?? '',
  }))
}
