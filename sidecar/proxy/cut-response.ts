// Ends a response that cannot be completed, so that no caller takes it for complete.
import type { ServerResponse } from 'node:http'

/** An HTTP/1.0 caller reads until the connection ends, so only a reset says that something is missing (RFC 9112 section 8). */
export function cutResponse(response: ServerResponse): void {
  const { socket } = response
  if (response.req.httpVersionMinor === 0 && response.headersSent && socket !== null && !socket.destroyed) socket.resetAndDestroy()
  response.destroy()
}
