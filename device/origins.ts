// Which addresses a client talks to: https anywhere, http only on this machine. Anything else is refused before a byte is sent.
import { isLoopbackHost } from '../system/origins.ts'
import { ClientError, type ClientErrorCode } from './errors.ts'

/** The origin itself, if the text is one (no path, query, fragment or user) and private enough. Throws `ClientError` with the remedy. */
export function checkOrigin(option: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (text !== url.origin && text !== `${url.origin}/`)) {
    throw new ClientError('issuer_unusable', `${option}: "${text}" is not an origin, e.g. https://authz.example.com`)
  }
  checkTransport(option, url, 'issuer_unusable')
  return url.origin
}

export function checkTransport(option: string, url: URL, code: ClientErrorCode): void {
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname))) return
  throw new ClientError(code, `${option}: "${url.origin}" would send tokens without encryption; use https (http is allowed only for this machine)`)
}
