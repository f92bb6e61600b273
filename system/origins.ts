// Which addresses are private enough without TLS, and what an origin is: said once for all configurations.
import type { OptionFault, OptionPath } from './config-file.ts'

/** 127.0.0.0/8, ::1 and the name localhost (RFC 6761 section 6.3): the one channel that is private without TLS. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

/** Scheme, host and port in lower case and nothing else. */
export function isOrigin(value: string): boolean {
  return URL.canParse(value) && /^https?:/.test(value) && new URL(value).origin === value
}

/** An origin that tokens may be sent to: https, or http on this machine. */
export function checkPrivateOrigin(path: OptionPath, value: string, who: string): readonly OptionFault[] {
  if (!isOrigin(value)) {
    return [
      { path, message: `"${value}" is not an origin`, remedy: 'Write scheme, host and port in lower case and nothing else, e.g. https://api.example.com' },
    ]
  }
  const { protocol, hostname } = new URL(value)
  if (protocol === 'https:' || isLoopbackHost(hostname)) return []
  return [{ path, message: `"${value}" would have ${who} send tokens without TLS`, remedy: 'Use https, or a loopback host' }]
}

/** Without TLS only a loopback host is listened on. */
export function checkListener(listen: { readonly host: string; readonly tls?: object }): readonly OptionFault[] {
  if (listen.tls !== undefined || isLoopbackHost(listen.host)) return []
  return [{ path: ['listen', 'host'], message: `"${listen.host}" is not loopback, and there is no tls`, remedy: 'Add listen.tls, or listen on 127.0.0.1' }]
}
