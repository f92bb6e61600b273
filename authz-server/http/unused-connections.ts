// Connections that never carried a byte. Clients open such in reserve; Node does not count them as idle, so they would hold up a stop.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Watches from now on; calling the answer ends those that are unused at that moment. */
export function watchUnusedConnections(server: Server): () => void {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
  }
}
