// Puts the PROXY protocol in front of a server: each connection must come from a trusted proxy and begin with its header, in time. Only then does the server see it.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import type { Peers } from './peers.ts'
import { PROXY_HEADER_MAX_BYTES, type ProxyHeader, parseProxyHeader } from './proxy-protocol.ts'

export const PROXY_HEADER_TIMEOUT_MILLISECONDS = 5_000

export type ProxyProtocolRefusal = 'proxy_not_trusted' | 'proxy_header_malformed' | 'proxy_header_timeout'

export interface ProxyProtocolOptions {
  readonly peers: Peers
  readonly onRefused: (reason: ProxyProtocolRefusal, address: string) => void
  /** Bytes of the header, which are not part of what the client sent. */
  readonly onAccepted: (socket: Socket, headerBytes: number) => void
  readonly timeoutMilliseconds?: number
}

/** Call it after all other listeners for connections are in place. */
export function acceptProxyProtocol(server: Server, options: ProxyProtocolOptions): void {
  const { peers, timeoutMilliseconds = PROXY_HEADER_TIMEOUT_MILLISECONDS } = options
  const serve = server.listeners('connection') as ((socket: Socket) => void)[]
  server.removeAllListeners('connection')

  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const refuse = (reason: ProxyProtocolRefusal): void => {
      options.onRefused(reason, address)
      socket.destroy()
    }
    socket.on('error', () => socket.destroy())
    if (!peers.isProxySocket(socket)) {
      refuse('proxy_not_trusted')
      return
    }
    const timer = setTimeout(() => refuse('proxy_header_timeout'), timeoutMilliseconds)
    socket.once('close', () => clearTimeout(timer))
    readHeader(socket, (header, rest) => {
      clearTimeout(timer)
      if (header === undefined) {
        refuse('proxy_header_malformed')
        return
      }
      peers.remember(socket, header.source)
      options.onAccepted(socket, header.bytes)
      if (rest.length > 0) socket.unshift(rest)
      for (const listener of serve) listener.call(server, socket)
      // TLS takes what was put back by itself; if the socket flowed, those bytes would be lost.
      if (!(server instanceof TlsServer)) socket.resume()
    })
  })
}

type CompleteHeader = Extract<ProxyHeader, { kind: 'complete' }>

/** Reads until the header is whole, then pauses. `onEnd` gets undefined for what is not such a header. */
function readHeader(socket: Socket, onEnd: (header: CompleteHeader | undefined, rest: Buffer) => void): void {
  let received: Buffer = Buffer.alloc(0)
  // The server lets clients close their half first; before a whole header that is the end.
  const leave = (): void => void socket.destroy()
  socket.on('data', take)
  socket.once('end', leave)

  function take(bytes: Buffer): void {
    received = received.length === 0 ? bytes : Buffer.concat([received, bytes])
    const header = parseProxyHeader(received)
    if (header.kind === 'incomplete' && received.length < PROXY_HEADER_MAX_BYTES) return
    socket.off('data', take)
    socket.off('end', leave)
    socket.pause()
    if (header.kind === 'complete') onEnd(header, received.subarray(header.bytes))
    else onEnd(undefined, received)
  }
}
