// Finds the one credential of a request: `Authorization: DPoP <token>` (RFC 9449 section 7.1). Does not look into the token.
import { err, ok, type Result } from '../../protocol/result.ts'

export type CredentialsRefusal = 'no_token' | 'two_credentials' | 'bearer_not_accepted' | 'scheme_unknown' | 'token_malformed'

const DPOP = /^dpop +([A-Za-z0-9._~+/-]+=*)$/i
/** The name as servers read it: escapes decoded, white space around it and a list's brackets after it ignored. */
const TOKEN_NAME = /^\s*access_token\s*(?:\[|$)/i

/** `query`: a token there is a second credential, or one that must not be used at all (RFC 9700 section 4.3.2). */
export function readCredentials(authorization: string | undefined, query: string): Result<string, CredentialsRefusal> {
  if (authorization === undefined) return err('no_token')
  if (query !== '' && hasToken(query)) return err('two_credentials')
  const [, token] = DPOP.exec(authorization) ?? []
  if (token !== undefined) return ok(token)
  return err(nameTheFault(authorization))
}

/** Some servers part a query at `;` too. */
function hasToken(query: string): boolean {
  return query
    .slice(1)
    .split(/[&;]/)
    .some((field) => TOKEN_NAME.test(decodeName(field.split('=', 1)[0] ?? '')))
}

/** Escape by escape, since a wrong one must not hide the others. The name that is looked for is ASCII. */
function decodeName(name: string): string {
  return name.replaceAll('+', ' ').replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}

function nameTheFault(authorization: string): CredentialsRefusal {
  if (authorization.includes(',')) return 'two_credentials'
  const scheme = authorization.split(/[ \t]/, 1)[0]?.toLowerCase()
  if (scheme === 'bearer') return 'bearer_not_accepted'
  return scheme === 'dpop' ? 'token_malformed' : 'scheme_unknown'
}
