// How long one exchange took and how many bytes its connection carried meanwhile, for the audit line. Measures only.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

export interface ExchangeFigures {
  readonly durationMilliseconds: number
  /** Heads included. Requests that were pipelined behind this one count here if they arrived meanwhile. */
  readonly bytesIn: number
  readonly bytesOut: number
}

interface Counted {
  readonly read: number
  readonly written: number
}

/** A connection carries one exchange at a time: what it has carried since the previous one belongs to this one. */
const countedBefore = new WeakMap<Socket, Counted>()
const NOTHING: Counted = { read: 0, written: 0 }

/** Starts now; the answer is called once, at the end of the exchange. */
export function startMeter({ socket }: IncomingMessage, monotonic: () => number): () => ExchangeFigures {
  const startedAt = monotonic()
  return () => {
    const before = countedBefore.get(socket) ?? NOTHING
    countedBefore.set(socket, { read: socket.bytesRead, written: socket.bytesWritten })
    return {
      durationMilliseconds: Math.round(monotonic() - startedAt),
      bytesIn: socket.bytesRead - before.read,
      bytesOut: socket.bytesWritten - before.written,
    }
  }
}
