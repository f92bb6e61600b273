// A client that sends exactly the bytes it is told to, and keeps exactly those it gets. For requests that no well-behaved client makes.
import { connect, type Socket } from 'node:net'

export interface RawClient {
  readonly socket: Socket
  send(bytes: string | Uint8Array): void
  /** All that came so far, as Latin-1. */
  received(): string
  /** Resolves when the text has come; throws after the time. */
  waitFor(text: string | RegExp, milliseconds?: number): Promise<string>
  /** Resolves with all that came when the other side has closed; throws after the time. */
  waitForEnd(milliseconds?: number): Promise<string>
  readonly isEnded: () => boolean
  close(): void
}

export async function openRaw(origin: string): Promise<RawClient> {
  const { hostname, port } = new URL(origin)
  const chunks: Buffer[] = []
  let ended = false
  const socket = connect(Number(port), hostname)
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.on('close', () => {
    ended = true
  })
  socket.on('error', () => {
    ended = true
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  const received = (): string => Buffer.concat(chunks).toString('latin1')

  return {
    socket,
    received,
    isEnded: () => ended,
    send: (bytes) => void socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    close: () => socket.destroy(),
    async waitFor(text, milliseconds = 3000) {
      const isThere = () => (typeof text === 'string' ? received().includes(text) : text.test(received()))
      await until(isThere, milliseconds, () => `${text} did not come; got ${JSON.stringify(received().slice(0, 500))}`)
      return received()
    },
    async waitForEnd(milliseconds = 3000) {
      await until(
        () => ended,
        milliseconds,
        () => `the connection was not closed; got ${JSON.stringify(received().slice(0, 500))}`,
      )
      return received()
    },
  }
}

/** Sends, and gives what came back by the time the answer is whole or the connection closed. */
export async function sendRaw(origin: string, bytes: string | Uint8Array, milliseconds = 1500): Promise<string> {
  const client = await openRaw(origin)
  client.send(bytes)
  await until(
    () => client.isEnded() || isWholeAnswer(client.received()),
    milliseconds,
    () => '',
  ).catch(() => undefined)
  client.close()
  return client.received()
}

function isWholeAnswer(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  const length = /^content-length: (\d+)/im.exec(text)?.[1]
  return end > 0 && length !== undefined && text.length >= end + 4 + Number(length)
}

export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)
}

export async function until(condition: () => boolean | Promise<boolean>, milliseconds = 3000, why: () => string = () => 'it did not come true'): Promise<void> {
  const end = performance.now() + milliseconds
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(why())
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
