// Whether a client proves that it is who it says: confidential clients do, and devices, by their registered keys. Public apps only claim a name.
import type { AuthzServerConfig } from '../config/config.ts'
import { DEVICE_CLIENT_PREFIX } from '../registry/device-type.ts'

export function isAuthenticatedClient({ clients }: Pick<AuthzServerConfig, 'clients'>, clientId: string): boolean {
  const client = clients.find((one) => one.client_id === clientId)
  return client === undefined ? clientId.startsWith(DEVICE_CLIENT_PREFIX) : client.authentication !== 'none'
}

export function listPublicClients({ clients }: Pick<AuthzServerConfig, 'clients'>): readonly string[] {
  return clients.filter(({ authentication }) => authentication === 'none').map(({ client_id }) => client_id)
}
