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
  /** The API's origin, alone or with what is added to, removed from and changed in its traffic. */
  readonly upstream: string | UpstreamConfig
  readonly authz_server: { readonly issuer: string; readonly client_id: string; readonly key_file: string }
  readonly data_directory: string
  readonly feed: { readonly max_age_seconds: number }
  readonly limits: { readonly answer_seconds: number; readonly idle_seconds: number; readonly request_seconds: number }
  /** Files of compiled modules. */
  readonly guardrails?: { readonly rules?: string; readonly hand_written?: string; readonly decision_milliseconds: number }
  readonly cors?: { readonly origins: readonly string[] }
  readonly routes: readonly RouteConfig[]
}

export interface UpstreamConfig {
  readonly origin: string
  /** Fields that the sidecar adds to each request, such as the API's own credential. */
  readonly headers?: readonly UpstreamHeaderConfig[]
  /** Request fields that are removed in addition to the built-in families; names, or prefixes that end in `-*`. */
  readonly strip_headers?: readonly string[]
  /** Request fields that pass although their family is removed. */
  readonly pass_headers?: readonly string[]
  /** Response fields that pass although they are dropped by default. */
  readonly pass_answer_headers?: readonly string[]
  /** Whether addresses of the API in answers are replaced by the public origin; true unless set. */
  readonly rewrite_locations?: boolean
  /** Further origins by which the API names itself. */
  readonly own_origins?: readonly string[]
}

/** Exactly one of `file` and `env` says where the value is. */
export interface UpstreamHeaderConfig {
  readonly name: string
  readonly file?: string
  readonly env?: string
  /** Left out: the value is sent as it is. For `Basic`, the value is `user:password`. */
  readonly scheme?: 'Bearer' | 'Basic'
}

export function upstreamOf({ upstream }: Pick<SidecarConfig, 'upstream'>): UpstreamConfig {
  return typeof upstream === 'string' ? { origin: upstream } : upstream
}
