// Opens a connection to the upstream, over TLS where its origin says so. The address is the configured one, whatever a request says.
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { UPSTREAM_CONNECT_MILLISECONDS } from '../limits.ts'

export type ConnectFault = 'upstream_unreachable' | 'upstream_timeout'

export type Connect = (onConnected: (socket: Socket) => void, onFault: (fault: ConnectFault) => void) => Socket

export function createConnect(origin: string): Connect {
  const { protocol, hostname, port } = new URL(origin)
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  const isTls = protocol === 'https:'
  const address = { host, port: port === '' ? (isTls ? 443 : 80) : Number(port) }
  const tlsOptions = { ...address, ALPNProtocols: ['http/1.1'], ...(isIP(host) === 0 ? { servername: host } : {}) }
  let session: Buffer | undefined

  function open(): Socket {
    if (!isTls) return connectTcp(address)
    const socket = connectTls({ ...tlsOptions, ...(session === undefined ? {} : { session }) })
    socket.on('session', (ticket) => {
      session = ticket
    })
    return socket
  }

  return (onConnected, onFault) => {
    const socket = open()
    let fault: ConnectFault | undefined = 'upstream_unreachable'
    const timer = setTimeout(() => {
      fault = 'upstream_timeout'
      socket.destroy()
    }, UPSTREAM_CONNECT_MILLISECONDS)
    const onClose = (): void => {
      clearTimeout(timer)
      if (fault !== undefined) onFault(fault)
    }
    socket.on('error', () => undefined) // 'close' follows
    socket.once('close', onClose)
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      fault = undefined
      socket.off('close', onClose)
      onConnected(socket)
    })
    return socket
  }
}
