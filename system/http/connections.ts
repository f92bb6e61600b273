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

/** Cuts whatever is open. */
export function unbind(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}

const DRAIN_CHECK_MILLISECONDS = 50

export interface DrainOptions {
  readonly milliseconds: number
  /** Ends connections that carry no request yet. */
  readonly endUnused: () => void
}

/** No new connections; idle ones end, busy ones when their answer is done, all of them when the time is over. */
export function drain(server: Server, { milliseconds, endUnused }: DrainOptions): Promise<void> {
  return new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), DRAIN_CHECK_MILLISECONDS)
    const end = setTimeout(() => server.closeAllConnections(), milliseconds)
    server.close(() => {
      clearInterval(idle)
      clearTimeout(end)
      resolve()
    })
    server.closeIdleConnections()
    endUnused()
  })
}

export interface ConnectionWatch {
  /** Bytes that are not the client's, such as a header of the PROXY protocol. */
  notePreamble(socket: Socket, bytes: number): void
  /**
   * Ends connections that never carried a byte of a client. Clients open such in reserve; Node does not count them as idle,
   * so they would hold up a stop.
   */
  endUnused(): void
}

export function watchConnections(server: Server): ConnectionWatch {
  const open = new Set<Socket>()
  const preambles = new WeakMap<Socket, number>()
  for (const event of ['connection', 'secureConnection']) {
    server.on(event, (socket: Socket) => {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    })
  }
  return {
    notePreamble: (socket, bytes) => void preambles.set(socket, bytes),
    endUnused() {
      for (const socket of open) if (socket.bytesRead <= (preambles.get(socket) ?? 0)) socket.destroy()
    },
  }
}
