// The connections to the one upstream: the one used last is used first, and exchanges wait in order when all of them are busy.
import type { Socket } from 'node:net'
import { UPSTREAM_CONNECTIONS_MAX } from '../limits.ts'
import { type ConnectFault, createConnect } from './connect.ts'
import type { UpstreamExchange } from './exchange.ts'
import { UpstreamConnection } from './upstream-connection.ts'

export interface UpstreamPoolOptions {
  readonly origin: string
  readonly idleMilliseconds: number
  readonly connections?: number
}

export interface UpstreamPool {
  /** `fresh`: on a connection that was not used before. */
  dispatch(exchange: UpstreamExchange, connection?: 'any' | 'fresh'): void
  /** Forgets an exchange that still waits for a connection. */
  cancel(exchange: UpstreamExchange): void
  close(): Promise<void>
}

export function createUpstreamPool(options: UpstreamPoolOptions): UpstreamPool {
  const connectionsMax = options.connections ?? UPSTREAM_CONNECTIONS_MAX
  const connect = createConnect(options.origin)
  const idle: UpstreamConnection[] = []
  const open = new Set<UpstreamConnection>()
  const connecting = new Set<Socket>()
  const waiting = new Set<UpstreamExchange>()
  /** Waiting exchanges that take no used connection. */
  const fresh = new WeakSet<UpstreamExchange>()
  /** Exchanges whose connection is being looked at once more. */
  const deferred = new Set<UpstreamExchange>()
  let isClosed = false

  function takeIdle(): UpstreamConnection | undefined {
    for (let connection = idle.pop(); connection !== undefined; connection = idle.pop()) if (connection.isAlive) return connection
    return undefined
  }

  function send(exchange: UpstreamExchange, connection: UpstreamConnection): void {
    if (!connection.isUsed || exchange.isRetriable) {
      connection.send(exchange)
      return
    }
    // The upstream may have just closed it. Pending events are read first, since this exchange cannot be sent twice.
    deferred.add(exchange)
    setImmediate(() => {
      if (!deferred.delete(exchange)) free(connection)
      else if (connection.isAlive) connection.send(exchange)
      else dispatch(exchange)
    })
  }

  /** The connection takes what has waited longest, or is idle. */
  function free(connection: UpstreamConnection): void {
    if (!connection.isAlive) return
    for (const exchange of waiting) {
      if (connection.isUsed && fresh.has(exchange)) continue
      waiting.delete(exchange)
      connection.send(exchange)
      return
    }
    if (isClosed) connection.abandon()
    else idle.push(connection)
  }

  function openOne(): void {
    const socket = connect(
      () => {
        connecting.delete(socket)
        const connection = new UpstreamConnection(socket, { idleMilliseconds: options.idleMilliseconds, onFree: free, onClosed })
        open.add(connection)
        free(connection)
      },
      (fault) => {
        connecting.delete(socket)
        failOne(fault)
      },
    )
    connecting.add(socket)
  }

  function failOne(fault: ConnectFault): void {
    const [exchange] = waiting
    if (exchange === undefined) return
    waiting.delete(exchange)
    exchange.onFault(fault, { isUntouched: false })
    openAsNeeded()
  }

  function openAsNeeded(): void {
    while (!isClosed && connecting.size < waiting.size && open.size + connecting.size < connectionsMax) openOne()
  }

  function onClosed(connection: UpstreamConnection): void {
    open.delete(connection)
    const index = idle.lastIndexOf(connection)
    if (index >= 0) idle.splice(index, 1)
    openAsNeeded()
  }

  function dispatch(exchange: UpstreamExchange, kind: 'any' | 'fresh' = 'any'): void {
    if (isClosed) {
      exchange.onFault('upstream_unreachable', { isUntouched: false })
      return
    }
    const connection = kind === 'fresh' ? undefined : takeIdle()
    if (connection !== undefined) {
      send(exchange, connection)
      return
    }
    if (kind === 'fresh') {
      fresh.add(exchange)
      // Idle connections make room: the upstream has just closed one of them.
      if (open.size + connecting.size >= connectionsMax) takeIdle()?.abandon()
    }
    waiting.add(exchange)
    openAsNeeded()
  }

  return {
    dispatch,
    cancel(exchange) {
      waiting.delete(exchange)
      deferred.delete(exchange)
    },
    async close() {
      isClosed = true
      for (const socket of connecting) socket.destroy()
      for (const exchange of [...waiting]) {
        waiting.delete(exchange)
        exchange.onFault('upstream_unreachable', { isUntouched: false })
      }
      for (const connection of [...open]) connection.destroy()
    },
  }
}
