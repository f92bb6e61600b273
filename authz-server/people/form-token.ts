// Tokens that tie a form to the browser it was made for (CSRF). Before sign-in there is no session, so the token is derived from a cookie of that form.
import { isEqualConstantTime, sha256Base64url } from '../../protocol/encoding.ts'

/** The field of every form of ours. */
export const FORM_TOKEN_FIELD = 'form_token'

/** What the sign-in form carries; only who can set our cookie could make a pair, and the `__Host-` prefix keeps others from setting it. */
export function buildBeforeSignInToken(cookie: string): string {
  return sha256Base64url(`latchkey sign-in form|${cookie}`)
}

export function isFormToken(given: string | undefined, expected: string): boolean {
  return given !== undefined && isEqualConstantTime(given, expected)
}
