// What every endpoint may use: configuration, ports, and the parts made from them once at start. No request data.
import type { NonceSource } from '../protocol/nonce.ts'
import type { ReplayStore } from '../protocol/replay.ts'
import type { ProxyTrust } from '../system/http/peer.ts'
import type { Peers } from '../system/http/peers.ts'
import type { AuthzServerConfig } from './config/config.ts'
import type { ChangeSignal } from './feed/change-signal.ts'
import type { Monitor } from './monitoring/monitor.ts'
import type { PairingLimits } from './pairing/pairing-limits.ts'
import type { PollClock } from './pairing/poll-clock.ts'
import type { SignInLimits } from './people/sign-in-limits.ts'
import type { Ports } from './ports.ts'
import type { PolicyEngine } from './sharing/policy-engine.ts'
import type { RulesInWordsCache } from './sharing/rules-in-words.ts'
import type { ToolLimits } from './sharing/tool-limits.ts'
import type { Store } from './store/store.ts'
import type { Keyring } from './tokens/keyring.ts'

export interface Context {
  /** Replaced when the configuration is read again: read it where it is used. */
  readonly config: AuthzServerConfig
  readonly ports: Ports
  readonly store: Store
  readonly keyring: Keyring
  readonly nonces: NonceSource
  readonly replay: ReplayStore
  readonly policyEngine: PolicyEngine
  readonly signInLimits: SignInLimits
  readonly pairingLimits: PairingLimits
  readonly pollClock: PollClock
  readonly toolLimits: ToolLimits
  readonly rulesInWords: RulesInWordsCache
  /** Keys the hashes of user codes. */
  readonly codeKey: Uint8Array
  readonly changes: ChangeSignal
  /** Who sent a request. */
  readonly peers: Peers
  readonly trust: ProxyTrust
  readonly monitor: Monitor
  /** Aborts when the server closes: streams end then. */
  readonly closing: AbortSignal
}
