// The names and attributes of our cookies. Over https they carry the __Host- prefix; a loopback http issuer cannot set that, so it gets plain names.

export type CookieRole = 'session' | 'before_sign_in'

const NAMES: { readonly [role in CookieRole]: { readonly secure: string; readonly loopback: string } } = {
  session: { secure: '__Host-latchkey', loopback: 'latchkey-dev' },
  before_sign_in: { secure: '__Host-latchkey-form', loopback: 'latchkey-dev-form' },
}

function isSecure(issuer: string): boolean {
  return issuer.startsWith('https:')
}

export function cookieName(role: CookieRole, issuer: string): string {
  return isSecure(issuer) ? NAMES[role].secure : NAMES[role].loopback
}

/** A `Set-Cookie` value that lasts until the browser ends or the server forgets. */
export function buildCookie(role: CookieRole, value: string, issuer: string): string {
  return `${cookieName(role, issuer)}=${value}; Path=/; HttpOnly; SameSite=Lax${isSecure(issuer) ? '; Secure' : ''}`
}

export function buildCookieRemoval(role: CookieRole, issuer: string): string {
  return `${buildCookie(role, '', issuer)}; Max-Age=0`
}

/** The value of our cookie; undefined if it is absent, empty or given twice (then somebody else set one of them). */
export function readCookie(role: CookieRole, header: string | undefined, issuer: string): string | undefined {
  const prefix = `${cookieName(role, issuer)}=`
  const found = (header ?? '').split(';').flatMap((part) => (part.trim().startsWith(prefix) ? [part.trim().slice(prefix.length)] : []))
  const [value] = found
  return found.length === 1 && value !== undefined && /^[A-Za-z0-9_-]{20,100}$/.test(value) ? value : undefined
}
