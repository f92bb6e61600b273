// The incarnation that a resource server sees: of the database, and of the configuration that decides which devices concern it.
import { sha256Base64url } from '../../protocol/encoding.ts'
import type { Context } from '../context.ts'

/** Another one after a restore, and when device types move to or from this resource server: what its sidecar knows is then not what concerns it. */
export function buildFeedIncarnation({ store, config }: Pick<Context, 'store' | 'config'>, resourceServer: string): string {
  const kinds = config.device_types.filter((type) => type.resource_server === resourceServer).map((type) => type.kind)
  return sha256Base64url(JSON.stringify([store.identity.incarnation, resourceServer, kinds.sort()]))
}
