// Reads the body of the permission endpoint (UMA 2.0 Federated Authorization section 4.1): one object or a list of them.
import { isScopeName } from '../../protocol/claims.ts'
import { isJsonObject } from '../../protocol/encoding.ts'
import type { PermissionRequest, TicketRequest } from '../../protocol/uma/messages.ts'

/** A sidecar asks for one; a list is for other resource servers. */
const PERMISSIONS_MAX = 20
const SCOPES_MAX = 50

/**
 * One entry per resource, scopes joined; undefined for anything malformed. Unknown members are ignored (RFC 6749 section 3.2 does so too).
 * `{"resource_id": null, ...}` alone asks for a ticket that brings nothing.
 */
export function parsePermissionRequest(body: Buffer): readonly PermissionRequest[] | 'nothing' | undefined {
  const value = parseJson(body)
  if (isForNothing(value)) return 'nothing'
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length === 0 || list.length > PERMISSIONS_MAX) return undefined
  const byResource = new Map<string, Set<string>>()
  for (const item of list) {
    if (!isPermission(item)) return undefined
    const scopes = byResource.get(item.resource_id) ?? new Set<string>()
    for (const scope of item.resource_scopes) scopes.add(scope)
    byResource.set(item.resource_id, scopes)
  }
  return [...byResource].map(([resource_id, scopes]) => ({ resource_id, resource_scopes: [...scopes] }))
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}

function isForNothing(value: unknown): value is TicketRequest {
  return isJsonObject(value) && value['resource_id'] === null && isScopeList(value['resource_scopes'])
}

function isPermission(value: unknown): value is PermissionRequest {
  if (!isJsonObject(value)) return false
  const { resource_id: id, resource_scopes: scopes } = value
  return typeof id === 'string' && id !== '' && isScopeList(scopes)
}

function isScopeList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= SCOPES_MAX && value.every(isScopeName)
}
