// Does a Host header name this server? With and without the default port of its scheme, which are equal (RFC 9110 section 4.2.3).

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }

export function isOwnHost(host: string | undefined, issuer: string): boolean {
  const { host: own, port, protocol } = new URL(issuer)
  const given = host?.toLowerCase()
  return given === own || (port === '' && given === `${own}:${DEFAULT_PORTS[protocol]}`)
}
