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
  }
  readonly resource: {
    readonly id: string
    readonly key: string
    readonly type: string
    readonly tags: readonly string[]
    readonly owner: string
    readonly device_id: string | null
  }
  readonly scope: string
  readonly party: {
    readonly sub: string
    readonly issuer: string
    readonly client_id: string
    readonly email: string | null
    readonly email_verified: boolean
    readonly device_id: string | null
  }
}
