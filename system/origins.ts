// Which addresses are private enough without TLS, and what an origin is: said once for all configurations.
import type { OptionFault, OptionPath } from './config/option-fault.ts'

/** 127.0.0.0/8, ::1 and the name localhost (RFC 6761 section 6.3): the one channel that is private without TLS. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

/** Scheme, host and port in lower case and nothing else. */
export function isOrigin(value: string): boolean {
  return URL.canParse(value) && /^https?:/.test(value) && new URL(value).origin === value
}

/** Nothing, or what is wrong with an origin, and the origin that is probably meant. */
export function checkOrigin(path: OptionPath, value: string, example = 'https://api.example.com'): readonly OptionFault[] {
  if (isOrigin(value)) return []
  const meant = suggestOrigin(value)
  const remedy = `Write scheme, host and port in lower case and nothing else, e.g. ${meant ?? example}`
  return [{ path, message: `"${value}" is not an origin`, remedy }]
}

/** The origin of an address with a path, a slash at the end, capitals or the scheme's own port. */
function suggestOrigin(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' ? url.origin : undefined
}

/** An origin that tokens may be sent to: https, or http on this machine. */
export function checkPrivateOrigin(path: OptionPath, value: string, who: string): readonly OptionFault[] {
  const faults = checkOrigin(path, value)
  if (faults.length > 0) return faults
  const { protocol, hostname } = new URL(value)
  if (protocol === 'https:' || isLoopbackHost(hostname)) return []
  return [
    { path, message: `"${value}" would have ${who} send tokens without TLS`, remedy: 'Use https, or http with a loopback host such as http://127.0.0.1:9400' },
  ]
}
