// One attempt to use something, as any place of enforcement describes it: who calls from where, what for, with which credentials. Knows no socket.

export interface Attempt {
  readonly method: string
  /** Canonical: the same bytes are judged, logged and forwarded. */
  readonly path: string
  /** With its `?`, or empty. */
  readonly query: string
  /** The value of `Authorization`. */
  readonly authorization: string | undefined
  /** The values of `DPoP`. */
  readonly proofs: readonly string[]
  /** What the caller says the data are for; null if the caller says nothing. */
  readonly purpose: string | null
  /** The caller's address in its canonical form; empty if it is unknown. */
  readonly ip: string
}
