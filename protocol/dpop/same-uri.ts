// Compares the `htu` of a proof with the URI of a request (RFC 9449 section 4.3, check 9), by RFC 3986 alone. Repairs nothing.

/** Scheme, authority and path of an http(s) URI. A query and a fragment are allowed and ignored. */
const HTTP_URI = /^(https?):\/\/([^/?#]+)([^?#]*)(?:[?#].*)?$/i
/** A registered name, an IPv4 address or an IPv6 literal, and a port (RFC 3986 section 3.2). No user information. */
const AUTHORITY = /^((?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+|\[[0-9A-Fa-f:.]+\])(?::([0-9]*))?$/
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }
const URI_MAX_CHARACTERS = 8192

/**
 * True if both name the same resource after the normalization of RFC 3986 sections 6.2.2 and 6.2.3: letter case of scheme, host and
 * percent-encoding, needlessly encoded characters, the default port, the empty path. Anything that a browser's URL parser would repair
 * (dot segments, tabs, backslashes, `127.1`, user information) makes the URIs different.
 *
 * @param htu as the proof has it, untrusted
 * @param expected the absolute URI of the request
 */
export function isSameUri(htu: string, expected: string): boolean {
  const normalized = normalizeUri(htu)
  return normalized !== undefined && normalized === normalizeUri(expected)
}

function normalizeUri(text: string): string | undefined {
  if (text.length > URI_MAX_CHARACTERS || !/^[\x21-\x7e]+$/.test(text) || text.includes('\\')) return undefined
  const [, scheme, authority, path] = HTTP_URI.exec(text) ?? []
  if (scheme === undefined || authority === undefined || path === undefined || /%(?![0-9A-Fa-f]{2})/.test(path)) return undefined
  const [, host, port] = AUTHORITY.exec(authority) ?? []
  if (host === undefined) return undefined
  const normalizedPath = normalizeEscapes(path)
  if (normalizedPath.split('/').some((segment) => segment === '.' || segment === '..')) return undefined
  const normalizedScheme = scheme.toLowerCase()
  const isDefaultPort = port === undefined || port === '' || port === DEFAULT_PORTS[normalizedScheme]
  return `${normalizedScheme}://${normalizeHost(host)}${isDefaultPort ? '' : `:${port}`}${normalizedPath === '' ? '/' : normalizedPath}`
}

function normalizeHost(host: string): string {
  return normalizeEscapes(host)
    .toLowerCase()
    .replace(/%[0-9a-f]{2}/g, (encoded) => encoded.toUpperCase())
}

/** RFC 3986 sections 6.2.2.1 and 6.2.2.2. */
function normalizeEscapes(text: string): string {
  return text.replace(/%[0-9A-Fa-f]{2}/g, (encoded) => {
    const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16))
    return /[A-Za-z0-9._~-]/.test(character) ? character : encoded.toUpperCase()
  })
}
