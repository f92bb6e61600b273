// What the sidecar needs from the outside world. Given by main.ts, or by a test; nothing else in this folder reaches for them.

import type { Decision } from '../policies/contract/decision.ts'
import type { DecisionInput } from '../policies/contract/decision-input.ts'
import type { SigningKey } from '../protocol/jws.ts'
import type { Clock } from '../protocol/time.ts'
import type { Certificate } from '../system/http/strict-server.ts'
import type { Log } from '../system/log.ts'

/** An owner's compiled policy. Throws for whatever is not a complete decision. */
export interface LoadedPolicy {
  evaluate(input: DecisionInput): Decision
}

/** The operator's own rules, compiled beforehand. They can only deny. */
export interface GuardrailModules {
  readonly rules?: LoadedPolicy
  readonly handWritten?: HandWrittenModule
}

/** Runs apart from this program's own thread, with limits; rejects for whatever is not a decision in time. */
export interface HandWrittenModule {
  evaluate(input: DecisionInput, options: { readonly patient: boolean }): Promise<Decision>
  /** Decisions ended at a limit. */
  readonly kills: () => number
  /** Given up: everything is denied until it is loaded anew. */
  readonly isQuarantined: () => boolean
  close(): Promise<void>
}

/** Small files of the data directory, by name. Writing is atomic and durable: temporary file, fsync, rename, fsync of the directory. */
export interface DataFiles {
  read(name: string): Promise<Uint8Array | undefined>
  write(name: string, content: Uint8Array | string): Promise<void>
  /** Names in a folder; none where there is no such folder. */
  list(folder: string): Promise<readonly string[]>
  remove(name: string): Promise<void>
}

/** Takes one line of the audit log. False: it was dropped, because the sink is slow or away. Never throws, never waits. */
export type LineSink = (line: string) => boolean

export interface SidecarPorts {
  readonly clock: Clock
  /** Milliseconds of a clock that never jumps; for durations alone. */
  readonly monotonic: () => number
  readonly randomBytes: (count: number) => Uint8Array
  /** Reaches the authz server, nothing else. */
  readonly fetch: typeof fetch
  /** Authenticates the sidecar at the authz server and proves its tokens. */
  readonly key: SigningKey
  readonly files: DataFiles
  readonly loadPolicy: (wasm: Uint8Array) => Promise<LoadedPolicy>
  /** Left out: there are none. Closed with the sidecar. */
  readonly guardrails?: GuardrailModules
  readonly audit: LineSink
  /** One line for the operator about the sidecar's own state. Never credentials. */
  readonly notice: (text: string) => void
  /** Takes what `notice` has no level for: states that changed. Left out: they are notices too. */
  readonly log?: Log
  /** Fields that each request to the upstream gets, names and values as a flat list; asked for each request, so that a reload can change them. */
  readonly upstreamHeaders?: () => readonly string[]
  /** PEM texts for a listener with TLS. */
  readonly tls?: Certificate
}
