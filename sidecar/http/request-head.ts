// Reads the head of a request strictly: from the raw header lines, each rule once. Decides nothing about who may do what.
import type { IncomingMessage } from 'node:http'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { Peer } from '../../system/http/peer.ts'
import { HEADER_MAX_LINES } from '../limits.ts'
import { parseRequestTarget, type TargetRefusal } from './request-target.ts'

export type HeadRefusal =
  | TargetRefusal
  | 'http_version'
  | 'method_unknown'
  | 'too_many_headers'
  | 'header_name'
  | 'header_repeated'
  | 'two_credentials'
  | 'two_proofs'
  | 'host_malformed'
  | 'wrong_host'
  | 'body_length'
  | 'content_too_large'
  | 'transfer_encoding'
  | 'connection_names'
  | 'purpose_malformed'

export interface RequestHead {
  readonly method: string
  readonly path: string
  readonly query: string
  /** Pairs of name and value as they came. */
  readonly rawHeaders: readonly string[]
  readonly authorization: string | undefined
  readonly proofs: readonly string[]
  readonly accept: string
  readonly origin: string | undefined
  readonly requestedMethod: string | undefined
  readonly upgrade: string | undefined
  readonly expect: string | undefined
  /** Lower-case names that the `Connection` field lists. */
  readonly connectionNames: readonly string[]
  readonly body: 'none' | 'length' | 'chunked'
  readonly contentLength: string | undefined
  /** What the caller says the data are for (`Latchkey-Purpose`); null: it says nothing. */
  readonly purpose: string | null
  /** The caller's address; empty where a proxy does not tell it. */
  readonly ip: string
}

/** Methods that can be routed. */
export const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
/** Names that some servers turn into others (`_`, `.`) are refused with the rest. */
const HEADER_NAME = /^[A-Za-z0-9-]+$/
const CONTENT_LENGTH = /^(?:0|[1-9][0-9]*)$/
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/
const HOST_MAX_CHARACTERS = 255
/** Fields that stand at most once; each line more is another reading of the same request. */
const SINGLE = new Set([
  'host',
  'authorization',
  'dpop',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'upgrade',
  'expect',
  'origin',
  'access-control-request-method',
  'range',
  'latchkey-purpose',
])
/** A token of RFC 9110 section 5.6.2, as long as a rule's word may be. */
const PURPOSE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/
/** What `Connection` may not take away: the frame, the name, the credentials. */
const NEVER_NOMINATED = new Set(['host', 'content-length', 'transfer-encoding', 'content-type', 'content-encoding', 'authorization', 'dpop', 'cookie'])

export interface HeadExpectation {
  /** The values of `Host` that mean this server, in lower case. */
  readonly hosts: ReadonlySet<string>
  /** False where it is a version of HTTP that is not spoken with this peer. */
  readonly isSpokenVersion: boolean
  readonly peer: Peer
}

export function readRequestHead(request: IncomingMessage, { hosts, isSpokenVersion, peer }: HeadExpectation): Result<RequestHead, HeadRefusal> {
  if (!isSpokenVersion) return err('http_version')
  const method = request.method ?? ''
  if (!METHODS.has(method)) return err('method_unknown')
  const target = parseRequestTarget(request.url ?? '')
  if (!target.ok) return target
  const fields = readFields(request.rawHeaders)
  if (!fields.ok) return fields
  const { single, connectionNames, accept } = fields.value
  const host = checkHost(single.get('host'), hosts)
  if (!host.ok) return host
  if (connectionNames.some((name) => NEVER_NOMINATED.has(name))) return err('connection_names')
  const body = checkFraming(single.get('content-length'), single.get('transfer-encoding'))
  if (!body.ok) return body
  const purpose = single.get('latchkey-purpose') ?? null
  if (purpose !== null && !PURPOSE.test(purpose)) return err('purpose_malformed')
  const proof = single.get('dpop')
  return ok({
    method,
    path: target.value.path,
    query: target.value.query,
    rawHeaders: request.rawHeaders,
    authorization: single.get('authorization'),
    proofs: proof === undefined ? [] : [proof],
    accept,
    origin: single.get('origin'),
    requestedMethod: single.get('access-control-request-method'),
    upgrade: single.get('upgrade'),
    expect: single.get('expect'),
    connectionNames,
    body: body.value,
    contentLength: single.get('content-length'),
    purpose,
    ip: knownAddress(peer),
  })
}

interface Fields {
  readonly single: ReadonlyMap<string, string>
  readonly connectionNames: readonly string[]
  readonly accept: string
}

/** Field by field, in the order in which they came. */
class FieldReader implements Fields {
  readonly single = new Map<string, string>()
  readonly connectionNames: string[] = []
  accept = ''

  /** Gives the refusal, if there is one. */
  take(name: string, value: string): HeadRefusal | undefined {
    if (SINGLE.has(name)) {
      if (this.single.has(name)) return repeated(name)
      this.single.set(name, value)
    } else if (name === 'connection') {
      for (const token of value.split(',')) this.connectionNames.push(token.trim().toLowerCase())
    } else if (name === 'accept') this.accept += this.accept === '' ? value : `,${value}`
    return undefined
  }
}

function readFields(rawHeaders: readonly string[]): Result<Fields, HeadRefusal> {
  if (rawHeaders.length > HEADER_MAX_LINES * 2) return err('too_many_headers')
  const fields = new FieldReader()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (!HEADER_NAME.test(name)) return err('header_name')
    const refusal = fields.take(name.toLowerCase(), rawHeaders[index + 1] ?? '')
    if (refusal !== undefined) return err(refusal)
  }
  return ok(fields)
}

function repeated(name: string): HeadRefusal {
  if (name === 'authorization') return 'two_credentials'
  if (name === 'dpop') return 'two_proofs'
  if (name === 'host') return 'host_malformed'
  if (name === 'content-length') return 'body_length'
  return name === 'transfer-encoding' ? 'transfer_encoding' : 'header_repeated'
}

/** RFC 9112 section 3.2: one `Host`, a plain authority, and ours: the name takes no part in where the request goes. */
function checkHost(value: string | undefined, hosts: ReadonlySet<string>): Result<void, HeadRefusal> {
  if (value === undefined || value.length > HOST_MAX_CHARACTERS) return err('host_malformed')
  const host = value.toLowerCase()
  if (hosts.has(host)) return ok()
  return HOST.test(host) ? err('wrong_host') : err('host_malformed')
}

/** RFC 9112 section 6: exactly one way to know where the body ends. */
function checkFraming(contentLength: string | undefined, transferEncoding: string | undefined): Result<RequestHead['body'], HeadRefusal> {
  if (transferEncoding !== undefined) {
    if (contentLength !== undefined) return err('body_length')
    return transferEncoding.toLowerCase() === 'chunked' ? ok('chunked') : err('transfer_encoding')
  }
  if (contentLength === undefined) return ok('none')
  if (!CONTENT_LENGTH.test(contentLength)) return err('body_length')
  // Read from the text: as a number it would be rounded.
  if (!Number.isSafeInteger(Number(contentLength))) return err('content_too_large')
  return ok('length')
}

/** What rules are asked about: the address of a proxy is not that of a caller. */
function knownAddress({ address, kind }: Peer): string {
  return kind === 'proxy' ? '' : address
}

/** The values of `Host` that name this origin: with and without its port where the port is the scheme's own. */
export function hostsOf(origin: string): ReadonlySet<string> {
  const url = new URL(origin)
  const port = url.protocol === 'https:' ? '443' : '80'
  return new Set(url.port === '' ? [url.host, `${url.host}:${port}`] : [url.host])
}
