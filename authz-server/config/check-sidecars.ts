// Which client stands behind which resource server: it exists, it may do what its kind needs, and a sidecar serves one resource server.

import { FEED_SCOPE } from '../../protocol/feed/messages.ts'
import type { OptionFault } from '../../system/config/option-fault.ts'
import type { AuthzServerConfig } from './config.ts'

export function checkSidecars({ resource_servers: servers, clients }: AuthzServerConfig): readonly OptionFault[] {
  return servers.flatMap(({ id, client_id: clientId, confirmation }, index) => {
    if (clientId === undefined) return []
    const client = clients.find((known) => known.client_id === clientId)
    const path = ['resource_servers', index, 'client_id']
    if (client === undefined) return [{ path, message: `no client "${clientId}" is in clients`, remedy: 'Add it there, with scopes uma_protection and feed' }]
    const other = servers.slice(0, index).find((server) => server.client_id === clientId)
    if (other !== undefined && client.scopes.includes(FEED_SCOPE)) {
      const message = `"${clientId}" is already the client of "${other.id}": one sidecar cannot serve "${id}" as well`
      return [{ path, message, remedy: 'Add a client with a key of its own for the second sidecar, and name it here' }]
    }
    const missing = ['uma_protection', FEED_SCOPE].filter((scope) => !client.scopes.includes(scope))
    const isIntrospecting = confirmation !== undefined && !confirmation.includes('jwk')
    if (missing.length === 0 || (isIntrospecting && !missing.includes('uma_protection'))) return []
    const remedy = missing.includes('uma_protection') ? '' : '; for an API that is not behind a sidecar, write confirmation: [jkt] instead'
    return [{ path, message: `client "${clientId}" needs the scope ${missing.join(' and ')}`, remedy: `Add it to the client's scopes${remedy}` }]
  })
}
