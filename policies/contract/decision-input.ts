// What a policy is asked: one request of one party for one ability on one resource, at one instant. Design 4.5; only these fields exist.

/** All texts are data; absent facts are null, never left out, so that a rule cannot mistake "unknown" for "fits". */
export interface DecisionInput {
  /** The instant of the decision, RFC 3339 with milliseconds in UTC, read once by the caller. */
  readonly now: string
  readonly request: {
    readonly method: string
    /** The route's name, e.g. `GET /guitars/{id}/tuning`. */
    readonly route: string
    /** The caller's address as the socket tells it (IPv4 or IPv6 text); null where there is no request yet. */
    readonly ip: string | null
    /** What the caller says the data are for; a declaration, which the audit line keeps. */
    readonly purpose: string | null
  }
  readonly resource: {
    readonly id: string
    readonly key: string
    readonly type: string
    readonly tags: readonly string[]
    readonly owner: string
    readonly device_id: string | null
    /** Of the device behind the thing, e.g. `active`. */
    readonly state: string | null
    /** What is known of the thing beside its type and tags, e.g. `{"mode": "party", "battery": 80}`. */
    readonly attributes: Readonly<Record<string, string | number | boolean>>
  }
  readonly scope: string
  readonly party: {
    readonly sub: string
    readonly issuer: string
    readonly client_id: string
    readonly email: string | null
    readonly email_verified: boolean
    readonly device_id: string | null
    /** Authentication context class of the sign-in (OpenID Connect Core 1.0 section 2). */
    readonly acr: string | null
    /** The name of the share whose link the caller opened. */
    readonly link: string | null
  }
  readonly proof: {
    /** How possession of the token's key was proved for this request; null where there is no request yet. */
    readonly method: ProofMethod | null
  }
}

export const PROOF_METHODS = ['dpop', 'httpsig', 'session', 'mtls'] as const
export type ProofMethod = (typeof PROOF_METHODS)[number]
