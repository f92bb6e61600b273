// Builds the header of the request to the upstream: what the caller sent and may pass on, then what the sidecar itself says, each exactly once.
import type { Permit } from '../enforcement/verdict.ts'
import type { RequestHead } from '../http/request-head.ts'
import { dependsOnBody } from '../obligations/body-fields.ts'

export interface UpstreamHeaderOptions {
  readonly head: RequestHead
  readonly permit: Permit
  readonly requestId: string
  readonly protocol: 'http' | 'https'
  readonly publicHost: string
  readonly rules: RequestRules
}

export interface RequestRules {
  /** Whether a caller's field of that name passes. */
  readonly passes: (name: string) => boolean
  /** The operator's fields, a flat list. */
  readonly added: () => readonly string[]
}

/** A flat list of names and values. */
export function buildUpstreamHeaders({ head, permit, requestId, protocol, publicHost, rules }: UpstreamHeaderOptions): string[] {
  const { claims, resource, route, access } = permit
  const isHiding = access.obligations.answer.length > 0
  const added = rules.added()
  const headers = passOn(head, { isHiding, rules, added })
  for (const field of added) headers.push(field)
  headers.push('Latchkey-Subject', headerText(claims.sub), 'Latchkey-Resource', headerText(resource.id), 'Latchkey-Scope', route.scope)
  if (claims.device_id !== undefined) headers.push('Latchkey-Device', headerText(claims.device_id))
  headers.push(
    'X-Forwarded-For',
    head.ip === '' ? 'unknown' : head.ip,
    'X-Forwarded-Proto',
    protocol,
    'X-Forwarded-Host',
    publicHost,
    'X-Request-Id',
    requestId,
  )
  if (isHiding) headers.push('Accept-Encoding', 'identity')
  return headers
}

interface PassOnOptions {
  readonly isHiding: boolean
  readonly rules: RequestRules
  readonly added: readonly string[]
}

function passOn(head: RequestHead, { isHiding, rules, added }: PassOnOptions): string[] {
  const { rawHeaders, connectionNames } = head
  const replaced = new Set(added.flatMap((field, index) => (index % 2 === 0 ? [field.toLowerCase()] : [])))
  const headers: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (!rules.passes(name) || (replaced.size > 0 && replaced.has(name.toLowerCase()))) continue
    if (connectionNames.length > 0 && connectionNames.includes(name.toLowerCase())) continue
    if (isHiding && dependsOnBody(name.toLowerCase())) continue
    headers.push(name, rawHeaders[index + 1] ?? '')
  }
  return headers
}

/** Visible ASCII as it is; anything else percent-encoded as UTF-8, so that no value can hold a line break. */
function headerText(value: string): string {
  return /^[\x21-\x7e]*$/.test(value) ? value : encodeURIComponent(value)
}
