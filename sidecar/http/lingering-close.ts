// Closes a connection so that its last response arrives: the write side ends, and what the caller still sends is read and dropped for a bounded time.
import type { Socket } from 'node:net'
import { LINGER_IDLE_MILLISECONDS, LINGER_MILLISECONDS } from '../limits.ts'

/** Closing with unread bytes resets the connection, and a reset can destroy a response that the caller has not read yet (RFC 9112 section 9.6). */
export function closeLingering(socket: Socket, lastBytes?: string): void {
  const end = setTimeout(() => socket.destroy(), LINGER_MILLISECONDS)
  socket.once('close', () => clearTimeout(end))
  socket.on('error', () => socket.destroy())
  socket.setTimeout(LINGER_IDLE_MILLISECONDS, () => socket.destroy())
  if (lastBytes === undefined) socket.end()
  else socket.end(lastBytes, 'latin1')
  socket.resume()
}

/** Node's server closes through `destroySoon` after the last response of a connection, and would leave unread what the caller is still sending. */
export function lingerOnClose(socket: Socket, onClosing: () => void): void {
  const destroySoon = socket.destroySoon.bind(socket)
  let isClosing = false
  socket.destroySoon = () => {
    if (isClosing) return
    isClosing = true
    onClosing()
    if (socket.readableEnded || socket.destroyed) destroySoon()
    else closeLingering(socket)
  }
}
