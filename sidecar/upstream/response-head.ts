// Parses the head of an upstream's response strictly (RFC 9112 sections 4 and 5) and works out how its body is framed (section 6.3). Reads no body.
import { STATUS_CODES } from 'node:http'
import { err, ok, type Result } from '../../protocol/result.ts'

/** `close`: the body ends with the connection. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close' }

export interface ResponseHead {
  readonly status: number
  /** Latin-1, safe to write. */
  readonly phrase: string
  /** Pairs of name and value as the upstream sent them. */
  readonly headers: readonly Buffer[]
  readonly framing: Framing
  /** The connection may carry another exchange after this one. */
  readonly isReusable: boolean
  /** From `Keep-Alive: timeout=`; undefined if the upstream does not say. */
  readonly keepAliveSeconds: number | undefined
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5][0-9]{2})(?: ([^\r\n]*))?$/
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** RFC 9110 section 5.5: visible characters, space, tab, and bytes above ASCII. */
const WRITABLE = /^[\t\x20-\x7e\x80-\xff]*$/
const LENGTH = /^[0-9]{1,16}$/

/** Lengths of the names that matter here, so that other fields cost nothing more. */
const FRAMING_LENGTHS = new Set(['connection', 'keep-alive', 'content-length', 'transfer-encoding'].map((name) => name.length))

interface Fields {
  readonly headers: Buffer[]
  readonly lengths: string[]
  readonly codings: string[]
  connection: string
  keepAlive: string
}

/** `head`: everything before the empty line. `method`: of the request, since a HEAD is answered without a body. */
export function parseResponseHead(head: Buffer, method: string): Result<ResponseHead, 'malformed'> {
  const text = head.toString('latin1')
  const lineEnd = text.indexOf('\r\n')
  const [, minor, code, phrase = ''] = STATUS_LINE.exec(lineEnd < 0 ? text : text.slice(0, lineEnd)) ?? []
  if (code === undefined) return err('malformed')
  const status = Number(code)
  const fields = readFields(head, text, lineEnd < 0 ? text.length : lineEnd + 2)
  if (fields === undefined) return err('malformed')
  const framing = readFraming({ fields, status, method, isOldVersion: minor === '0' })
  if (!framing.ok) return framing
  return ok({
    status,
    phrase: WRITABLE.test(phrase) ? phrase : (STATUS_CODES[status] ?? ''),
    headers: fields.headers,
    framing: framing.value,
    isReusable: minor === '1' && !namesClose(fields.connection) && !hasDoubtfulEnd(framing.value, fields),
    keepAliveSeconds: readKeepAlive(fields.keepAlive),
  })
}

/** Line by line from `from`; undefined if one is malformed. `text` is `head` in Latin-1. */
function readFields(head: Buffer, text: string, from: number): Fields | undefined {
  const fields: Fields = { headers: [], lengths: [], codings: [], connection: '', keepAlive: '' }
  for (let start = from; start < text.length; ) {
    const lineEnd = text.indexOf('\r\n', start)
    const end = lineEnd < 0 ? text.length : lineEnd
    const colon = text.indexOf(':', start)
    if (colon < 0 || colon > end) return undefined
    const name = text.slice(start, colon)
    const valueStart = skipSpace(text, colon + 1, end)
    const valueEnd = skipSpaceBack(text, valueStart, end)
    const value = text.slice(valueStart, valueEnd)
    if (!NAME.test(name) || !WRITABLE.test(value)) return undefined
    fields.headers.push(head.subarray(start, colon), head.subarray(valueStart, valueEnd))
    if (FRAMING_LENGTHS.has(name.length)) noteFramingField(fields, name, value)
    start = end + 2
  }
  return fields
}

/** Spaces and tabs around a value do not belong to it. `trim` would also remove non-breaking spaces, which do. */
function skipSpace(text: string, from: number, to: number): number {
  let start = from
  while (start < to && isSpace(text.charCodeAt(start))) start += 1
  return start
}

function skipSpaceBack(text: string, from: number, to: number): number {
  let end = to
  while (end > from && isSpace(text.charCodeAt(end - 1))) end -= 1
  return end
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}

function noteFramingField(fields: Fields, name: string, value: string): void {
  switch (name.toLowerCase()) {
    case 'connection':
      fields.connection += `${value},`
      return
    case 'keep-alive':
      fields.keepAlive = value
      return
    case 'content-length':
      fields.lengths.push(value)
      return
    case 'transfer-encoding':
      fields.codings.push(value)
  }
}

interface FramingQuestion {
  readonly fields: Fields
  readonly status: number
  readonly method: string
  readonly isOldVersion: boolean
}

/** RFC 9112 section 6.3. Where two readers could disagree about the end of the body, the response is malformed. */
function readFraming({ fields, status, method, isOldVersion }: FramingQuestion): Result<Framing, 'malformed'> {
  const { lengths, codings } = fields
  const [length, secondLength] = lengths
  if (secondLength !== undefined || (length !== undefined && !isSafeLength(length))) return err('malformed')
  // The sidecar sends no `TE`, so "chunked" is the only coding that an upstream may use (section 7).
  if (codings.length > 1 || (codings[0] !== undefined && codings[0].toLowerCase() !== 'chunked')) return err('malformed')
  const isChunked = codings.length === 1
  if (isChunked && (length !== undefined || isOldVersion)) return err('malformed')
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return ok({ kind: 'none' })
  if (isChunked) return ok({ kind: 'chunked' })
  return ok(length === undefined ? { kind: 'close' } : { kind: 'length', bytes: Number(length) })
}

function isSafeLength(text: string): boolean {
  return LENGTH.test(text) && Number.isSafeInteger(Number(text))
}

function namesClose(connection: string): boolean {
  return connection !== '' && /(?:^|,)\s*close\s*(?:,|$)/i.test(connection)
}

/** Some servers send a body where there may be none. It must not be read as the response to the next request. */
function hasDoubtfulEnd(framing: Framing, fields: Fields): boolean {
  if (framing.kind === 'close') return true
  return framing.kind === 'none' && (fields.codings.length > 0 || (fields.lengths[0] ?? '0') !== '0')
}

function readKeepAlive(value: string): number | undefined {
  const seconds = /(?:^|[\s,;])timeout\s*=\s*"?([0-9]{1,6})/i.exec(value)?.[1]
  return seconds === undefined ? undefined : Number(seconds)
}
