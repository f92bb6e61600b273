// The `scope` parameter of a form (RFC 6749 section 3.3), within a size that no honest client comes near.
import { parseScope } from '../../protocol/claims.ts'

const SCOPE_MAX_CHARACTERS = 1000
const SCOPE_MAX_NAMES = 50

/** Asked for by clients that want a refresh token (OpenID Connect Core section 11). Every pairing brings one, so nothing depends on it. */
const REFRESH_SCOPE = 'offline_access'

/** The names without repeats; empty when absent; undefined for anything malformed or too large. */
export function readScope(form: ReadonlyMap<string, string>): readonly string[] | undefined {
  const text = form.get('scope')
  if (text !== undefined && text.length > SCOPE_MAX_CHARACTERS) return undefined
  const names = parseScope(text)
  if (names === undefined || names.length > SCOPE_MAX_NAMES) return undefined
  return names.filter((name) => name !== REFRESH_SCOPE)
}
