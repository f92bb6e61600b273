// Small servers on this machine: listens on loopback and nowhere else, and ends with everything that is still connected.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

export const LOOPBACK = '127.0.0.1'

export interface Listening {
  readonly origin: string
  close(): Promise<void>
}

/** Port 0 takes any free one. */
export async function listenOn(handler: RequestListener, port: number): Promise<Listening> {
  const server = createServer(handler)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, LOOPBACK, resolve)
  })
  return {
    origin: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Ports that are free at this moment, for servers whose own address is part of their configuration. All are held until all are known. */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const held = await Promise.all(Array.from({ length: count }, () => listenOn(() => {}, 0)))
  const ports = held.map(({ origin }) => Number(new URL(origin).port))
  await Promise.all(held.map((one) => one.close()))
  return ports
}
