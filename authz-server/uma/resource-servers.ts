// Which resource servers a client speaks for: by configuration, never by what a request says.
import type { Context } from '../context.ts'

/** Their identifiers. */
export function listResourceServers(context: Context, clientId: string): readonly string[] {
  return context.config.resource_servers.filter((server) => server.client_id === clientId).map((server) => server.id)
}
