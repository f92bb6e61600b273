// One request on its way through an endpoint: what the steps before found out, and what will be answered. Knows nothing of OAuth.
import type { IncomingMessage } from 'node:http'
import type { AccessTokenClaims } from '../../protocol/claims.ts'
import type { Proof } from '../../protocol/dpop/verify-proof.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Peer } from '../../system/http/peer.ts'
import type { Context } from '../context.ts'
import type { SignedIn } from '../people/signed-in.ts'
import type { AuthenticatedClient } from '../steps/authenticated-client.ts'

export interface Exchange {
  readonly request: IncomingMessage
  readonly method: string
  /** Path without query, as routed. */
  readonly path: string
  readonly query: URLSearchParams
  /** Values of the `{name}` parts of the endpoint's path. */
  readonly pathValues: ReadonlyMap<string, string>
  readonly body: Buffer
  /** Read once; every check of this request uses it. */
  readonly now: EpochSeconds
  /** Who asks, as far as that is known. */
  readonly peer: Peer
  /** The address of `peer`: what limits count by. */
  readonly address: string
  /** Sent with whatever is answered; a list becomes one header line each. */
  readonly answerHeaders: Map<string, string | readonly string[]>
  /** What steps found; each is set by the step of that name. */
  form?: ReadonlyMap<string, string>
  proof?: Proof
  client?: AuthenticatedClient
  /** What the request says, not authenticated. */
  namedClient?: { readonly clientId: string }
  token?: AccessTokenClaims
  signedIn?: SignedIn
}

/** `write` resolves when the peer has room for more; the answer ends when the promise does. */
export type OpenStream = (write: (text: string) => Promise<void>, gone: AbortSignal) => Promise<void>

export type AnswerBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'html'; readonly html: string }
  | { readonly kind: 'bytes'; readonly type: string; readonly bytes: Uint8Array }
  /** `open` gets a writer and a signal that fires when the peer is gone. */
  | { readonly kind: 'stream'; readonly type: string; readonly open: OpenStream }

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: AnswerBody
}

/** Looks at one thing; answers to end the request there, or nothing to let it go on. */
export type Step = (exchange: Exchange, context: Context) => Promise<Answer | undefined> | Answer | undefined

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `{name}` stands for one segment. */
  readonly path: string
  /** Larger bodies get 413. The default is 16 KiB. */
  readonly bodyMaxBytes?: number
  readonly steps: readonly Step[]
  /** Answers 405 with a code of its own, so it is not in `Allow`. */
  readonly isRefused?: boolean
  /** How a body that is too large, a busy store or a fault is told; as JSON unless given. Keeps the status. */
  readonly renderFault?: (answer: Answer) => Answer
  readonly handle: (exchange: Exchange, context: Context) => Promise<Answer> | Answer
}

export function answerJson(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: { kind: 'json', value } }
}

/** A fact that an earlier step must have left; its absence is a fault of the route table, never of the caller. */
export function requireFact<Fact>(fact: Fact | undefined, step: string): Fact {
  if (fact === undefined) throw new Error(`the endpoint lacks the step ${step}`)
  return fact
}
