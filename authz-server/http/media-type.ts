// The media type of a request's body, without parameters and in lower case (RFC 9110 section 8.3.1).
import type { IncomingMessage } from 'node:http'

export function readMediaType({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  return headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
}
