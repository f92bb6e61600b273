// Finds the one credential of a request: `Authorization: DPoP <token>` (RFC 9449 section 7.1). Does not look into the token.
import { err, ok, type Result } from '../../protocol/result.ts'

export type CredentialsRefusal = 'no_token' | 'two_credentials' | 'bearer_not_accepted' | 'scheme_unknown' | 'token_malformed'

const DPOP = /^dpop +([A-Za-z0-9._~+/-]+=*)$/i
const TOKEN_IN_QUERY = /(?:^\?|&)(?:access_token|%61ccess_token)=/i

/** `query`: a token there is a second credential, or one that must not be used at all (RFC 9700 section 4.3.2). */
export function readCredentials(authorization: string | undefined, query: string): Result<string, CredentialsRefusal> {
  const inQuery = query !== '' && TOKEN_IN_QUERY.test(query)
  if (authorization === undefined) return err('no_token')
  if (inQuery) return err('two_credentials')
  const [, token] = DPOP.exec(authorization) ?? []
  if (token !== undefined) return ok(token)
  return err(nameTheFault(authorization))
}

function nameTheFault(authorization: string): CredentialsRefusal {
  if (authorization.includes(',')) return 'two_credentials'
  const scheme = authorization.split(/[ \t]/, 1)[0]?.toLowerCase()
  if (scheme === 'bearer') return 'bearer_not_accepted'
  return scheme === 'dpop' ? 'token_malformed' : 'scheme_unknown'
}
