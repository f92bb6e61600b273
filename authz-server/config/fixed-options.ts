// Which options of an authz server need a restart to change. All others are taken over by a reload.
import { listChangedOptions } from '../../system/changed-options.ts'
import type { AuthzServerConfig } from './config.ts'

/**
 * What a reload takes over. `listen.tls` names files, whose content is read again. Clients, resource servers and device types are not
 * among them: the database follows them when the server starts.
 */
const RELOADED: ReadonlySet<string> = new Set<keyof AuthzServerConfig>(['trusted_proxies', 'client_address_header', 'drain_seconds', 'log_level'])

/** The names of options that differ and that only a restart can change. */
export function listFixedChanges(before: AuthzServerConfig, after: AuthzServerConfig): readonly string[] {
  return listChangedOptions(before, after).filter((name) => !RELOADED.has(name))
}
