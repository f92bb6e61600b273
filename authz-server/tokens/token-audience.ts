// Where a grant's tokens are good for: a device's at the resource servers of its kind, an app's at the authz server itself.
import type { Context } from '../context.ts'

export function findAudience(context: Context, deviceKind: string | undefined): readonly string[] {
  if (deviceKind === undefined) return [context.config.issuer]
  const servers = context.config.device_types.filter(({ kind }) => kind === deviceKind).map(({ resource_server }) => resource_server)
  return [...new Set(servers)]
}
