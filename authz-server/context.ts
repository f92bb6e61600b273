// What every endpoint may use: configuration, ports, and the parts made from them once at start. No request data.
import type { KeyObject } from 'node:crypto'
import type { NonceSource } from '../protocol/nonce.ts'
import type { ReplayStore } from '../protocol/replay.ts'
import type { EpochSeconds } from '../protocol/time.ts'
import type { AuthzServerConfig } from './config/config.ts'
import type { ChangeSignal } from './feed/change-signal.ts'
import type { PairingLimits } from './pairing/pairing-limits.ts'
import type { SignInLimits } from './people/sign-in.ts'
import type { Ports } from './ports.ts'
import type { PolicyEngine } from './sharing/policy-engine.ts'
import type { RulesInWordsCache } from './sharing/rules-in-words.ts'
import type { ToolLimits } from './sharing/tool-limits.ts'
import type { Store } from './store/store.ts'
import type { Keyring } from './tokens/keyring.ts'

export interface Context {
  readonly config: AuthzServerConfig
  readonly ports: Ports
  readonly store: Store
  readonly keyring: Keyring
  readonly nonces: NonceSource
  readonly replay: ReplayStore
  readonly policyEngine: PolicyEngine
  readonly signInLimits: SignInLimits
  readonly pairingLimits: PairingLimits
  readonly toolLimits: ToolLimits
  readonly rulesInWords: RulesInWordsCache
  /** Keys the hashes of user codes. */
  readonly codeKey: Uint8Array
  readonly changes: ChangeSignal
  /** When this process began to serve. */
  readonly startedAt: EpochSeconds
  /** Aborts when the server closes: streams end then. */
  readonly closing: AbortSignal
}

/** Finds one of our own verification keys: the pinned list for tokens that we issued. */
export type FindKey = (kid: string) => KeyObject | undefined
