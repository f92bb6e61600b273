// Which options of a sidecar need a restart to change. All others are taken over by a reload.
import { listChangedOptions } from '../../system/changed-options.ts'
import { type SidecarConfig, upstreamOf } from './sidecar-config.ts'

/** What a reload takes over, besides everything of `upstream` but its origin. Files that `listen.tls` and the guardrails name are read again. */
const RELOADED: ReadonlySet<string> = new Set<keyof SidecarConfig>([
  'routes',
  'cors',
  'guardrails',
  'trusted_proxies',
  'client_address_header',
  'drain_seconds',
  'log_level',
])

/** The names of options that differ and that only a restart can change. */
export function listFixedChanges(before: SidecarConfig, after: SidecarConfig): readonly string[] {
  const isSameUpstream = upstreamOf(before).origin === upstreamOf(after).origin
  return listChangedOptions(before, after).filter((name) => !(RELOADED.has(name) || (name === 'upstream' && isSameUpstream)))
}
