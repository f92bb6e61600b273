// The authz server's configuration as types. `load-config.ts` makes it from YAML; `authz-server.schema.json` is the same shape as JSON Schema.

import { FEED_SCOPE } from '../../protocol/feed/messages.ts'
import type { PublicJwk } from '../../protocol/jwk.ts'
import type { ClientAddressHeader } from '../../system/http/peer.ts'
import type { LogLevel } from '../../system/log.ts'

export interface ListenConfig {
  readonly host: string
  readonly port: number
  readonly tls?: { readonly certificate_file: string; readonly key_file: string }
  /** Every connection begins with a header of the PROXY protocol. */
  readonly proxy_protocol?: boolean
}

/** A resource server: an API, behind a sidecar or not. `id` is its identifier in `aud`, its public origin. */
export interface ResourceServer {
  readonly id: string
  readonly name: string
  /** The client of its sidecar, or of an API that introspects. An API that only checks tokens has none. */
  readonly client_id?: string
  /** What `cnf` of its tokens holds: the key's thumbprint, or also the key. `[jkt, jwk]` behind a sidecar, else `[jkt]`, if not given. */
  readonly confirmation?: readonly ConfirmationMember[]
}

export type ConfirmationMember = 'jkt' | 'jwk'

/** What a service may have: the UMA protection API, the feed of a sidecar, the operator's registry. */
export const SERVICE_SCOPES: readonly string[] = ['uma_protection', FEED_SCOPE, 'registry']

/** `none`: a public client, known by the key of its proofs. `private_key_jwt`: RFC 7523 section 2.2 with the key given here. */
export interface Client {
  readonly client_id: string
  readonly name: string
  readonly authentication: 'none' | 'private_key_jwt'
  readonly jwk?: PublicJwk
  /** What this client may ask for: `openid` for apps of people; `uma_protection`, `feed` for sidecars; `registry` for operators. */
  readonly scopes: readonly string[]
  /** Must the first request of a pairing prove a key? Optional if not given: the key is then bound by the first poll. */
  readonly proof_at_start?: ProofAtStart
}

export type ProofAtStart = 'required' | 'optional'

/** What a device of this kind brings its owner when it is paired. `{device}` stands for the device's identifier. */
export interface DeviceType {
  readonly kind: string
  readonly resource_server: string
  /** Required if not given. The key is the one in the registry in any case. */
  readonly proof_at_start?: ProofAtStart
  readonly resources: readonly ResourceTemplate[]
}

export interface ResourceTemplate {
  readonly key: string
  readonly name: string
  readonly type: string
  readonly tags: readonly string[]
  readonly scopes: readonly string[]
}

export interface AuthzServerConfig {
  /** An origin without path. Never taken from a request. */
  readonly issuer: string
  readonly listen: ListenConfig
  /** Where the operator reads health and metrics. Left out: nowhere. */
  readonly admin?: { readonly host: string; readonly port: number }
  readonly trusted_proxies?: readonly string[]
  readonly client_address_header?: ClientAddressHeader
  readonly drain_seconds?: number
  readonly log_level?: LogLevel
  /** Holds the database and the signing keys. */
  readonly data_directory: string
  readonly resource_servers: readonly ResourceServer[]
  readonly clients: readonly Client[]
  readonly device_types: readonly DeviceType[]
}
