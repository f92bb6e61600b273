// The authz server was reached, and its answer is of no use: a refusal, or a fault of its own.

export class AuthzAnswered extends Error {
  override readonly name = 'AuthzAnswered'
  readonly status: number
  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

/** A refusal. Faults (5xx) count as away: a proxy answers so for a server that is down. */
export function isRefusedByAuthzServer(cause: unknown): boolean {
  return cause instanceof AuthzAnswered && cause.status < 500
}
