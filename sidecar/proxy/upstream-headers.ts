// Builds the header of the request to the upstream: what the caller sent and may pass on, then what the sidecar itself says, each exactly once.
import type { Permit } from '../enforcement/verdict.ts'
import type { RequestHead } from '../http/request-head.ts'
import { isForUpstream } from './header-rules.ts'

export interface UpstreamHeaderOptions {
  readonly head: RequestHead
  readonly permit: Permit
  readonly requestId: string
  readonly protocol: 'http' | 'https'
  readonly publicHost: string
}

/** A flat list of names and values. */
export function buildUpstreamHeaders({ head, permit, requestId, protocol, publicHost }: UpstreamHeaderOptions): string[] {
  const { claims, resource, route, access } = permit
  const isHiding = access.obligations.answer.length > 0
  const headers = passOn(head, isHiding)
  headers.push('Latchkey-Subject', headerText(claims.sub), 'Latchkey-Resource', headerText(resource.id), 'Latchkey-Scope', route.scope)
  if (claims.device_id !== undefined) headers.push('Latchkey-Device', headerText(claims.device_id))
  headers.push('X-Forwarded-For', head.ip, 'X-Forwarded-Proto', protocol, 'X-Forwarded-Host', publicHost, 'X-Request-Id', requestId)
  if (isHiding) headers.push('Accept-Encoding', 'identity')
  return headers
}

function passOn(head: RequestHead, isHiding: boolean): string[] {
  const { rawHeaders, connectionNames } = head
  const headers: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (!isForUpstream(name)) continue
    if (connectionNames.length > 0 && connectionNames.includes(name.toLowerCase())) continue
    if (isHiding && NOT_WHEN_HIDING.has(name.toLowerCase())) continue
    headers.push(name, rawHeaders[index + 1] ?? '')
  }
  return headers
}

/** An answer that is encoded, or a part of one, could not be looked through. */
const NOT_WHEN_HIDING = new Set(['accept-encoding', 'range', 'if-range', 'if-none-match', 'if-modified-since'])

/** Visible ASCII as it is; anything else percent-encoded as UTF-8, so that no value can hold a line break. */
export function headerText(value: string): string {
  return /^[\x21-\x7e]*$/.test(value) ? value : encodeURIComponent(value)
}
