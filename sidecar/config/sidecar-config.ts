// The sidecar's configuration as the program sees it: checked, and with its defaults filled in. `sidecar.schema.json` is its published form.
import type { ClientAddressHeader } from '../../system/http/peer.ts'
import type { LogLevel } from '../../system/log.ts'
import type { RouteConfig } from '../resources/route-table.ts'

export interface SidecarConfig {
  readonly listen: {
    readonly host: string
    readonly port: number
    readonly tls?: { readonly certificate_file: string; readonly key_file: string }
    readonly proxy_protocol?: boolean
  }
  readonly trusted_proxies?: readonly string[]
  readonly client_address_header?: ClientAddressHeader
  readonly drain_seconds?: number
  readonly log_level?: LogLevel
  readonly admin: { readonly host: string; readonly port: number }
  /** An origin: scheme, host and port. The audience of tokens, and the base of every proof's `htu`. */
  readonly public_origin: string
  readonly upstream: string
  readonly authz_server: { readonly issuer: string; readonly client_id: string; readonly key_file: string }
  readonly data_directory: string
  readonly feed: { readonly max_age_seconds: number }
  readonly limits: { readonly answer_seconds: number; readonly idle_seconds: number; readonly request_seconds: number }
  /** Files of compiled modules. */
  readonly guardrails?: { readonly rules?: string; readonly hand_written?: string; readonly decision_milliseconds: number }
  readonly cors?: { readonly origins: readonly string[] }
  readonly routes: readonly RouteConfig[]
}
