// Replaces the API's own address in fields of its answers by the public origin, so that callers who follow them stay with the sidecar.
import { isLoopbackHost } from '../../system/origins.ts'

export interface AddressOptions {
  readonly publicOrigin: string
  readonly upstream: string
  /** Further origins by which the API names itself. */
  readonly ownOrigins: readonly string[]
}

export interface AddressRewriter {
  /** One URI reference, as in `Location`. */
  rewrite(value: string): string
  /** `Refresh: 5; url=...` */
  rewriteRefresh(value: string): string
  /** `Link: <...>; rel=next; anchor="..."` */
  rewriteLinks(value: string): string
  /** `WWW-Authenticate: Bearer resource_metadata="..."` */
  rewriteQuoted(value: string): string
  /** `Set-Cookie`: a `Domain` that is the API's own host goes, so that the cookie belongs to the public host. */
  rewriteCookie(value: string): string
}

/** A reference that may have an authority, as browsers read it: they take a backslash for a slash, and need no slashes after a scheme that is not the page's. The last group is what follows the authority. */
const WITH_AUTHORITY = /^(?:[a-z][a-z0-9+.-]*:[\\/]*|[\\/]{2,})[^\\/?#]*(.*)$/is
const SCHEME_OF_SOCKETS = /^wss?:$/

export function createAddressRewriter({ publicOrigin, upstream, ownOrigins }: AddressOptions): AddressRewriter {
  const own = new Set([publicOrigin, upstream, ...ownOrigins].flatMap(hostsOfOrigin))
  const names = new Set([upstream, ...ownOrigins].map((origin) => nameOfHost(new URL(origin))))

  /** The page's own scheme with fewer than two slashes. */
  const isRelative = new RegExp(`^${new URL(publicOrigin).protocol}(?![\\\\/]{2})`, 'i')

  function rewrite(value: string): string {
    const reference = stripIgnored(value)
    const match = WITH_AUTHORITY.exec(reference)
    if (match === null || isRelative.test(reference) || !URL.canParse(reference, publicOrigin)) return value
    const url = new URL(reference, publicOrigin)
    if (!/^(?:https?|wss?):$/.test(url.protocol) || !own.has(hostOf(url))) return value
    const rest = (match[1] ?? '').replace(/^\\/, '/')
    const origin = SCHEME_OF_SOCKETS.test(url.protocol) ? publicOrigin.replace(/^http/, 'ws') : publicOrigin
    return origin + (rest.startsWith('/') ? rest : `/${rest}`)
  }

  return {
    rewrite,
    rewriteRefresh: (value) =>
      value.replace(/^(\s*[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?)(["']?)(.*)$/is, (_whole, head: string, quote: string, rest: string) => {
        const end = quote === '' ? rest.length : rest.indexOf(quote)
        const target = end < 0 ? rest : rest.slice(0, end)
        return head + quote + rewrite(target) + rest.slice(target.length)
      }),
    rewriteLinks: (value) =>
      value
        .replace(/<([^<>]*)>/g, (_whole, target: string) => `<${rewrite(target)}>`)
        .replace(/(;\s*anchor\s*=\s*")([^"]*)"/gi, (_whole, head: string, target: string) => `${head}${rewrite(target)}"`),
    rewriteQuoted: (value) => value.replace(/"([^"]*)"/g, (_whole, text: string) => `"${rewrite(text)}"`),
    rewriteCookie: (value) =>
      value.replace(/;\s*domain\s*=\s*"?\.?([^;"]*)"?/gi, (whole, domain: string) => (names.has(domain.trim().toLowerCase().replace(/\.$/, '')) ? '' : whole)),
  }
}

/** WHATWG URL: white space and controls around it, tabs and line ends in it. */
function stripIgnored(value: string): string {
  let [start, end] = [0, value.length]
  while (start < end && value.charCodeAt(start) <= 0x20) start += 1
  while (end > start && value.charCodeAt(end - 1) <= 0x20) end -= 1
  return value.slice(start, end).replace(/[\t\r\n]/g, '')
}

/** With and without the port; every name of this machine where the host is one. */
function hostsOfOrigin(origin: string): readonly string[] {
  const url = new URL(origin)
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  const names = isLoopbackHost(url.hostname) ? ['localhost', '127.0.0.1', '[::1]', '[::ffff:7f00:1]', '0.0.0.0', '[::]', nameOfHost(url)] : [nameOfHost(url)]
  return names.flatMap((name) => [...(url.port === '' ? [name] : []), `${name}:${port}`])
}

function hostOf(url: URL): string {
  return url.port === '' ? nameOfHost(url) : `${nameOfHost(url)}:${url.port}`
}

/** A name with a dot at its end is the same name. */
function nameOfHost(url: URL): string {
  return url.hostname.toLowerCase().replace(/\.$/, '')
}
