// The one HTTP server of both programs: Node's own parser, never lenient, every limit set, the client's address read once, and an orderly end. Answers nothing.
import { createServer, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import { acceptProxyProtocol, type ProxyProtocolRefusal } from './accept-proxy-protocol.ts'
import { bind, type ListenAddress, watchConnections } from './connections.ts'
import type { ProxyTrust } from './peer.ts'
import { createPeers, type Peers } from './peers.ts'

export interface Certificate {
  /** PEM, both. */
  readonly certificate: string
  readonly key: string
}

/** Node's own limit of a whole request head. */
export const HEAD_MAX_BYTES = 16_384
/** More header lines than any client of ours sends. Node would drop lines past its own count but obey their framing. */
export const HEADER_MAX_LINES = 100
/** Longest request target; longer is 414. */
export const TARGET_MAX_CHARACTERS = 8192
/** From the first byte of a connection, or of a further request, to the end of its head. */
export const HEAD_TIMEOUT_MILLISECONDS = 10_000
/** How often Node looks for connections past their time; its default of 30 s would make every limit 30 s. */
export const CONNECTIONS_CHECK_MILLISECONDS = 1_000
/** Above the 60 s that common load balancers keep a connection. */
export const KEEP_ALIVE_MILLISECONDS = 65_000
/** Then the connection is closed in good order, so that none lives for ever. */
export const REQUESTS_PER_CONNECTION = 1_000
/** Room for 10,000 idle devices and others. */
export const CONNECTIONS_MAX = 20_000

export interface StrictServerOptions {
  readonly tls?: Certificate
  /** Without a byte in either direction. */
  readonly idleMilliseconds: number
  /** From the first byte of a request to the last one of its body; 0: the caller times bodies itself. */
  readonly requestMilliseconds: number
  /** Node answers what exceeds it with a bare 503; 0: the caller limits requests itself. Defaults to REQUESTS_PER_CONNECTION. */
  readonly requestsPerConnection?: number
  /** Proxies whose word about the client is believed; read for each request, so it may change. */
  readonly trust: () => ProxyTrust
  /** Every connection begins with a header of the PROXY protocol. */
  readonly proxyProtocol?: boolean
  /** Called once. */
  readonly onUntrustedHeader?: (address: string) => void
  readonly onProxyProtocolRefused?: (reason: ProxyProtocolRefusal, address: string) => void
}

export interface StrictServer {
  /** For its events; bind and end it with the functions below. */
  readonly server: Server
  readonly peers: Peers
  /** Resolves with the bound port. */
  listen(at: ListenAddress): Promise<number>
  /** Lets what is under way finish, and cuts what is left when the time is over. */
  drain(milliseconds: number, beforeCut?: () => void): Promise<void>
  unbind(): Promise<void>
  /** For new connections. Throws if the certificate cannot be used; the old one stays then. */
  setCertificate(certificate: Certificate): void
}

export function createStrictServer(options: StrictServerOptions): StrictServer {
  const peers = createPeers(options)
  const server = createBareServer(options)
  server.maxHeadersCount = 0 // all lines are seen; the limit of the head bounds them, and their number is checked
  server.maxRequestsPerSocket = options.requestsPerConnection ?? REQUESTS_PER_CONNECTION
  server.maxConnections = CONNECTIONS_MAX
  server.timeout = options.idleMilliseconds
  if (options.proxyProtocol) {
    acceptProxyProtocol(server, {
      peers,
      onRefused: options.onProxyProtocolRefused ?? (() => undefined),
      onAccepted: (socket, bytes) => connections.notePreamble(socket, bytes),
    })
  }
  const connections = watchConnections(server)
  return {
    server,
    peers,
    listen: (at) => bind(server, at),
    drain(milliseconds, beforeCut) {
      endConnectionsAfterAnswers(server)
      return connections.drain(milliseconds, beforeCut)
    },
    unbind: connections.unbind,
    setCertificate(certificate) {
      ;(server as TlsServer).setSecureContext(secureContextOf(certificate))
    },
  }
}

/** A client that sends one request after the other would never be idle. */
function endConnectionsAfterAnswers(server: Server): void {
  for (const event of ['request', 'checkContinue', 'checkExpectation']) {
    // A listener for an event that nobody handles would leave its requests without an answer.
    if (server.listenerCount(event) === 0) continue
    server.prependListener(event, (_request: unknown, response: ServerResponse) => {
      response.shouldKeepAlive = false
    })
  }
}

function createBareServer({ tls, requestMilliseconds }: StrictServerOptions): Server {
  const options = {
    insecureHTTPParser: false,
    maxHeaderSize: HEAD_MAX_BYTES,
    headersTimeout: requestMilliseconds === 0 ? HEAD_TIMEOUT_MILLISECONDS : Math.min(HEAD_TIMEOUT_MILLISECONDS, requestMilliseconds),
    requestTimeout: requestMilliseconds,
    connectionsCheckingInterval: CONNECTIONS_CHECK_MILLISECONDS,
    keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
    requireHostHeader: false, // the checks of the head refuse with a reason
    noDelay: true,
  }
  if (tls === undefined) return createServer(options)
  return createTlsServer({ ...options, ...secureContextOf(tls), ALPNProtocols: ['http/1.1'] })
}

function secureContextOf({ certificate, key }: Certificate) {
  return { cert: certificate, key, minVersion: 'TLSv1.2' as const }
}
