// The life of a listener: binds it, ends it at once, or lets what is under way finish within a time.
import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** Resolves with the port that was really bound. */
export function bind(server: Server, { host, port }: ListenAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

const DRAIN_CHECK_MILLISECONDS = 50

export interface Connections {
  /** Bytes that are not the client's, such as a header of the PROXY protocol. */
  notePreamble(socket: Socket, bytes: number): void
  /** Takes no new connections; idle ones end, busy ones after their response, all of them when the time is over. `beforeCut` is called just before that. */
  drain(milliseconds: number, beforeCut?: () => void): Promise<void>
  /** Cuts whatever is open. */
  unbind(): Promise<void>
}

/** Call it after whatever else changes how connections are taken. */
export function watchConnections(server: Server): Connections {
  // Node knows only connections that speak HTTP already: not those in a TLS handshake, or before a header of the PROXY protocol.
  const open = new Set<Socket>()
  const preambles = new WeakMap<Socket, number>()
  for (const event of ['connection', 'secureConnection']) {
    server.prependListener(event, (socket: Socket) => {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    })
  }

  function cutAll(): void {
    for (const socket of open) socket.destroy()
  }

  /** Clients open connections in reserve. Node does not count those as idle, so they would hold up a stop. */
  function endUnused(): void {
    for (const socket of open) if (socket.bytesRead <= (preambles.get(socket) ?? 0)) socket.destroy()
  }

  return {
    notePreamble: (socket, bytes) => void preambles.set(socket, bytes),
    drain(milliseconds, beforeCut) {
      return new Promise((resolve) => {
        const idle = setInterval(() => server.closeIdleConnections(), DRAIN_CHECK_MILLISECONDS)
        const end = setTimeout(() => {
          beforeCut?.()
          cutAll()
        }, milliseconds)
        server.close(() => {
          clearInterval(idle)
          clearTimeout(end)
          resolve()
        })
        server.closeIdleConnections()
        endUnused()
      })
    },
    unbind() {
      return new Promise((resolve) => {
        server.close(() => resolve())
        cutAll()
      })
    },
  }
}
