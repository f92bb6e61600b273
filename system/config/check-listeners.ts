// The listeners of a program: a host that can be bound, loopback where there is no TLS, and a port of its own for each.
import { isIP } from 'node:net'
import { isLoopbackHost } from '../origins.ts'
import type { OptionFault, OptionPath } from './option-fault.ts'

export interface ListenersConfig {
  readonly listen: { readonly host: string; readonly port: number; readonly tls?: object }
  readonly admin?: { readonly host: string; readonly port: number }
}

/** RFC 1123 section 2.1, and the underscores that container networks use. The last label is not a number: that would be an address. */
const HOST_NAME = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*(?!\d+$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i

export function checkListeners({ listen, admin }: ListenersConfig): readonly OptionFault[] {
  return [
    ...(checkHost(listen.host, ['listen', 'host']) ?? checkLoopback(listen)),
    ...(admin === undefined ? [] : (checkHost(admin.host, ['admin', 'host']) ?? checkAdmin(admin.host))),
    ...(admin === undefined ? [] : checkPorts(listen, admin)),
  ]
}

/** Undefined for a host that may be listened on. */
function checkHost(host: string, path: OptionPath): readonly OptionFault[] | undefined {
  if (isIP(host) !== 0 || HOST_NAME.test(host)) return undefined
  return [{ path, message: `"${host}" is not a host name or an IP address`, remedy: remedyOf(host) }]
}

function remedyOf(host: string): string {
  const bare = /^\[([^\]]*)\]/.exec(host)?.[1] ?? /^(?:https?:\/\/)?([^/:]+)(?::\d+)?\/?$/i.exec(host)?.[1]
  if (bare === undefined || (isIP(bare) === 0 && !HOST_NAME.test(bare))) return 'Write an address such as 127.0.0.1 or ::1, or a host name'
  return `Write ${bare}, without brackets and scheme; the port has an option of its own`
}

/** Without TLS only a loopback host is listened on. */
function checkLoopback({ host, tls }: ListenersConfig['listen']): readonly OptionFault[] {
  if (tls !== undefined || isLoopbackHost(host)) return []
  const remedy = 'Add listen.tls, or listen on 127.0.0.1 and let a proxy on this machine handle TLS'
  return [{ path: ['listen', 'host'], message: `"${host}" is not loopback, and there is no tls`, remedy }]
}

function checkAdmin(host: string): readonly OptionFault[] {
  if (isLoopbackHost(host)) return []
  return [{ path: ['admin', 'host'], message: `"${host}" is not loopback`, remedy: 'The admin listener has no TLS: use 127.0.0.1' }]
}

function checkPorts(listen: ListenersConfig['listen'], admin: { readonly port: number }): readonly OptionFault[] {
  if (listen.port === 0 || listen.port !== admin.port) return []
  const message = `listen.port and admin.port are both ${admin.port}`
  return [{ path: ['admin', 'port'], message, remedy: 'Give the admin listener another port, e.g. the next one' }]
}
