// An upstream on bare TCP that writes down every byte it gets, and answers by a script. The judge of what a proxy really sent.

import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'

export interface RawUpstream {
  readonly origin: string
  /** Every byte of every connection, in order of arrival, as Latin-1. */
  received(): string
  /** Number of request lines seen. */
  requests(): number
  /** Number of connections that are open, and that were ever opened. */
  readonly open: () => number
  readonly opened: () => number
  /** What to do when a whole request head has come; the default says 200 with a short JSON body. */
  answerWith(answer: RawAnswer): void
  clear(): void
  close(): Promise<void>
}

export type RawAnswer = string | ((socket: Socket, head: string) => void)

export const PLAIN_ANSWER = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"hz":440.0}'

export async function startRawUpstream(): Promise<RawUpstream> {
  const sockets = new Set<Socket>()
  let bytes: Buffer[] = []
  let opened = 0
  let answer: RawAnswer = PLAIN_ANSWER

  const server = createServer((socket) => {
    sockets.add(socket)
    opened += 1
    let pending = ''
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => {
      bytes.push(chunk)
      pending += chunk.toString('latin1')
      for (let end = pending.indexOf('\r\n\r\n'); end >= 0; end = pending.indexOf('\r\n\r\n')) {
        const head = pending.slice(0, end)
        pending = pending.slice(end + 4)
        if (!/^[A-Z]+ \S+ HTTP\/1\.1/.test(head.replace(/^[\s\S]*?(?=[A-Z]+ \/)/, ''))) continue
        if (typeof answer === 'string') socket.write(answer)
        else answer(socket, head)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const received = (): string => Buffer.concat(bytes).toString('latin1')

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    requests: () => received().match(/^[A-Z]+ \S+ HTTP\/1\.[01]\r$/gm)?.length ?? 0,
    open: () => sockets.size,
    opened: () => opened,
    answerWith(next) {
      answer = next
    },
    clear() {
      bytes = []
      answer = PLAIN_ANSWER
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
