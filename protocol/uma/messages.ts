// UMA 2.0 message shapes: Grant (G) and Federated Authorization (F) sections.

/** F 3.1: a resource as the resource server describes it. `key` and `tags` are ours: the name in routes and rules. */
export interface ResourceDescription {
  readonly _id: string
  readonly name: string
  readonly type: string
  readonly resource_scopes: readonly string[]
}

/** F 4.1: what a resource server asks permission for. */
export interface PermissionRequest {
  readonly resource_id: string
  readonly resource_scopes: readonly string[]
}

/**
 * What a sidecar asks a ticket for. `resource_id: null` (ours): there is no such resource, and the ticket will bring nothing;
 * a caller without access cannot tell it from the ticket of a resource that exists.
 */
export interface TicketRequest {
  readonly resource_id: string | null
  readonly resource_scopes: readonly string[]
}

/** G 3.3.6, `need_info`: what the client may push. */
export interface RequiredClaim {
  readonly claim_token_format: readonly string[]
  readonly claim_type: string
  readonly friendly_name: string
  readonly issuer: readonly string[]
  readonly name: string
}

export interface UmaChallenge {
  readonly realm: string
  readonly asUri: string
  readonly ticket: string
}

/** G 3.2.1: the value of `WWW-Authenticate`. All three are our own texts; a quote in one would be a fault. */
export function buildUmaChallenge(challenge: UmaChallenge): string {
  for (const value of Object.values(challenge)) {
    if (!/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(value)) throw new Error('a UMA challenge holds a character that no quoted text may hold')
  }
  return `UMA realm="${challenge.realm}", as_uri="${challenge.asUri}", ticket="${challenge.ticket}"`
}

/** Reads the UMA challenge out of a `WWW-Authenticate` value that may hold others. */
export function parseUmaChallenge(value: string): UmaChallenge | undefined {
  const start = value.search(/(^|,\s*)UMA\s/i)
  if (start < 0) return undefined
  const parameters = new Map<string, string>()
  for (const [, name = '', text = ''] of value.slice(start).matchAll(/([a-z_]+)="([^"\\]*)"/g)) parameters.has(name) || parameters.set(name, text)
  const asUri = parameters.get('as_uri')
  const ticket = parameters.get('ticket')
  if (asUri === undefined || ticket === undefined) return undefined
  return { realm: parameters.get('realm') ?? '', asUri, ticket }
}
