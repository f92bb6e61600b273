// Is this request one that HTTP and we understand in the same way? Refuses what another program on the path could read otherwise. Looks at no meaning.
import type { IncomingMessage } from 'node:http'
import { isSpokenVersion } from '../../system/http/http-version.ts'
import type { Peers } from '../../system/http/peers.ts'
import { HEADER_MAX_LINES, TARGET_MAX_CHARACTERS } from '../../system/http/strict-server.ts'
import { isOwnHost } from './own-host.ts'

/** Node keeps the first of these or joins them; the sender may have meant the other. */
const SINGLE_HEADERS = ['host', 'authorization', 'content-length', 'content-type', 'transfer-encoding', 'cookie', 'origin']

export interface RequestRefusal {
  readonly status: 400 | 414 | 417 | 421 | 431 | 501 | 505
  readonly reason: string
}

export function checkRequest(request: IncomingMessage, issuer: string, peers: Peers): RequestRefusal | undefined {
  if (!isSpokenVersion(request, peers)) return { status: 505, reason: 'http_version' }
  const target = request.url ?? ''
  if (target.length > TARGET_MAX_CHARACTERS) return { status: 414, reason: 'target_too_long' }
  // Origin form alone (RFC 9112 section 3.2.1), nothing that a URL parser would repair.
  if (!/^\/(?!\/)[\x21\x24-\x5b\x5d-\x7e]*$/.test(target)) return { status: 400, reason: 'target_malformed' }
  return checkHeaders(request, issuer)
}

function checkHeaders({ rawHeaders, headers }: IncomingMessage, issuer: string): RequestRefusal | undefined {
  if (rawHeaders.length / 2 > HEADER_MAX_LINES) return { status: 431, reason: 'header_lines' }
  if (headers.host === undefined) return { status: 400, reason: 'host_missing' }
  const seen = new Set<string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? ''
    if (!/^[a-z0-9-]+$/.test(name)) return { status: 400, reason: 'header_name' }
    if (seen.has(name) && SINGLE_HEADERS.includes(name)) return { status: 400, reason: 'header_repeated' }
    seen.add(name)
  }
  const encoding = headers['transfer-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'chunked') return { status: 501, reason: 'transfer_encoding' }
  // Node looks for the word anywhere in the line.
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') return { status: 417, reason: 'expectation_unknown' }
  // Only the name in the configuration: a foreign name that points to this address (DNS rebinding) gets nothing.
  return isOwnHost(headers.host, issuer) ? undefined : { status: 421, reason: 'host_unknown' }
}
