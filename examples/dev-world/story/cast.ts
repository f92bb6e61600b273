// Who and what takes part in the story, and what they remember from step to step.
import type { OperatorApi } from '../../../cli/operator-api.ts'
import type { Client, PairingCode, StoredTokens } from '../../../device/index.ts'
import type { PairingRefusal } from '../../../device/pairing.ts'
import type { AccessRefusal } from '../../../device/request-access.ts'
import type { SigningKey } from '../../../protocol/jws.ts'
import type { Result } from '../../../protocol/result.ts'
import type { Person } from '../person.ts'

export interface Cast {
  readonly addresses: { readonly authzServer: string; readonly sidecar: string; readonly upstream: string }
  readonly operator: OperatorApi
  readonly alice: Person
  readonly bob: Person
  readonly guitar: Client
  readonly guitarKey: SigningKey
  readonly bobsApp: Client
  /** Ends whatever still waits when the story is over. */
  readonly ending: AbortSignal
  /** What Alice writes first. */
  readonly rules: string
  readonly remembered: Remembered
}

/** Filled in as the story goes. */
export interface Remembered {
  guitarCode?: PairingCode
  guitarPairing?: Promise<Result<StoredTokens, PairingRefusal>>
  access?: Promise<Result<Response, AccessRefusal>>
}

export function tuningOf(cast: Cast): string {
  return `${cast.addresses.sidecar}/guitars/guitar-0042/tuning`
}

export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the story has no ${what} yet: its steps are out of order`)
  return value
}
