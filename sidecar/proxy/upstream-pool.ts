// The connections to the one upstream. Its address is fixed by configuration; each handler learns how much its connection had read before it.
import { buildConnector, Client, type Dispatcher, Pool } from 'undici'
import { UPSTREAM_CONNECT_MILLISECONDS, UPSTREAM_CONNECTIONS_MAX, UPSTREAM_HEAD_MAX_BYTES, UPSTREAM_KEEP_ALIVE_MILLISECONDS } from '../limits.ts'

/** Tells whether the connection under a request had been used before, and whether it gave any byte of an answer. */
export interface ConnectionMeter {
  bytesRead(): number
}

export interface MeteredHandler extends Dispatcher.DispatchHandler {
  connection: ConnectionMeter | undefined
}

export interface UpstreamPoolOptions {
  readonly origin: string
  readonly idleMilliseconds: number
  readonly connections?: number
}

export function createUpstreamPool(options: UpstreamPoolOptions): Pool {
  return new Pool(options.origin, {
    connections: options.connections ?? UPSTREAM_CONNECTIONS_MAX,
    pipelining: 1,
    keepAliveTimeout: UPSTREAM_KEEP_ALIVE_MILLISECONDS,
    keepAliveMaxTimeout: UPSTREAM_KEEP_ALIVE_MILLISECONDS,
    maxHeaderSize: UPSTREAM_HEAD_MAX_BYTES,
    // The forwarder has its own timer for the head; undici's is too coarse.
    headersTimeout: 0,
    bodyTimeout: options.idleMilliseconds,
    factory: createMeteredClient,
  })
}

function createMeteredClient(origin: URL, options: object): Client {
  const clientOptions = options as Client.Options
  const connect = buildConnector({ timeout: UPSTREAM_CONNECT_MILLISECONDS })
  let socket: { readonly bytesRead: number } | undefined
  const meter: ConnectionMeter = { bytesRead: () => socket?.bytesRead ?? 0 }
  const client = new Client(origin, {
    ...clientOptions,
    connect: (target, callback) =>
      connect(target, (...outcome) => {
        socket = outcome[1] ?? undefined
        callback(...outcome)
      }),
  })
  const dispatch = client.dispatch.bind(client)
  client.dispatch = (request, handler) => {
    ;(handler as MeteredHandler).connection = meter
    return dispatch(request, handler)
  }
  return client
}
