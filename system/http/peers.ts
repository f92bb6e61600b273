// Keeps what is known of each open connection and answers who sent a request. The trust in proxies may be replaced while connections are open.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { parseIpAddress } from '../../protocol/address.ts'
import { hasForwardingHeader, isTrusted, type Origin, type Peer, type ProxyTrust, readPeer } from './peer.ts'

export interface Peers {
  of(request: IncomingMessage): Peer
  /** For connections on which no request could be read. */
  ofConnection(socket: Socket): Peer
  /** True if the sender of the request itself is a trusted proxy. */
  isFromProxy(request: IncomingMessage): boolean
  /** True if the other end of the socket is a trusted proxy. */
  isProxySocket(socket: Socket): boolean
  /** What the PROXY protocol said of a connection; undefined: that the client is not known. */
  remember(socket: Socket, source: Origin['address'] | undefined): void
}

export interface PeersOptions {
  readonly trust: () => ProxyTrust
  /** Called once, when a forwarding header comes from somebody who is not trusted. */
  readonly onUntrustedHeader?: (address: string) => void
}

export function createPeers({ trust, onUntrustedHeader }: PeersOptions): Peers {
  const told = new Map<string, Origin>()
  let hasWarned = onUntrustedHeader === undefined

  function originOf(socket: Socket): Origin {
    return (told.size > 0 ? told.get(endOf(socket)) : undefined) ?? { address: addressOf(socket) }
  }

  function warn(origin: Origin, request: IncomingMessage): void {
    if (hasWarned || isTrusted(origin.address, trust()) || !hasForwardingHeader(request.rawHeaders)) return
    hasWarned = true
    onUntrustedHeader?.(origin.address)
  }

  return {
    of(request) {
      const origin = originOf(request.socket)
      warn(origin, request)
      return readPeer(origin, request.rawHeaders, trust())
    },
    ofConnection: (socket) => readPeer(originOf(socket), [], trust()),
    isFromProxy(request) {
      const origin = originOf(request.socket)
      return origin.isHidden !== true && isTrusted(origin.address, trust())
    },
    isProxySocket: (socket) => isTrusted(addressOf(socket), trust()),
    remember(socket, source) {
      const end = endOf(socket)
      const origin: Origin = source === undefined ? { address: addressOf(socket), isHidden: true } : { address: source }
      told.set(end, origin)
      socket.once('close', () => {
        // The proxy may have used the same port again before this event came.
        if (told.get(end) === origin) told.delete(end)
      })
    },
  }
}

/** The socket of a request over TLS is another object than the connection below it, but has the same other end. */
function endOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}

const addresses = new WeakMap<Socket, Origin['address']>()

/** Parsed once for each connection. */
function addressOf(socket: Socket): Origin['address'] {
  const known = addresses.get(socket)
  if (known !== undefined && known !== '') return known
  const address = parseIpAddress(socket.remoteAddress) ?? ''
  addresses.set(socket, address)
  return address
}
