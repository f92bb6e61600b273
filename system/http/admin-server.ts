// The operator's listener: /healthz, /readyz and /metrics by their exact names, on the loopback interface alone. Never forwards, and answers no page of another site.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isLoopbackAddress } from '../../protocol/address.ts'
import type { ListenAddress } from './connections.ts'
import { NO_TRUST } from './proxy-config.ts'
import { createStrictServer, HEADER_MAX_LINES, type StrictServer } from './strict-server.ts'

export interface AdminSources {
  /** False: requests should go elsewhere. Rejecting means false too. */
  readonly isReady: () => boolean | Promise<boolean>
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>
}

interface AdminAnswer {
  readonly status: number
  readonly text: string
}

const METHODS = 'GET, HEAD'
const IDLE_MILLISECONDS = 5_000
const REQUEST_MILLISECONDS = 5_000

export function createAdminServer(sources: AdminSources, listen: ListenAddress): StrictServer {
  const strict = createStrictServer({ idleMilliseconds: IDLE_MILLISECONDS, requestMilliseconds: REQUEST_MILLISECONDS, trust: () => NO_TRUST })
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    answer(request, sources, listen)
      .catch((): AdminAnswer => ({ status: 500, text: 'failed\n' }))
      .then(({ status, text }) => {
        response.writeHead(status, {
          'content-type': 'text/plain; charset=utf-8',
          'content-length': Buffer.byteLength(text),
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
          ...(status === 405 ? { allow: METHODS } : {}),
          ...(status === 200 || status === 503 ? {} : { connection: 'close' }),
        })
        response.end(request.method === 'HEAD' ? undefined : text)
      })
      .catch(() => response.destroy())
  }
  strict.server.on('request', serve)
  strict.server.on('checkContinue', serve)
  strict.server.on('checkExpectation', serve)
  return strict
}

async function answer(request: IncomingMessage, sources: AdminSources, listen: ListenAddress): Promise<AdminAnswer> {
  const { method = '', url = '', httpVersion, rawHeaders } = request
  if (httpVersion !== '1.1') return { status: 505, text: 'only HTTP/1.1\n' }
  if (rawHeaders.length / 2 > HEADER_MAX_LINES) return { status: 431, text: 'too many header lines\n' }
  const hosts = rawHeaders.filter((field, index) => index % 2 === 0 && field.toLowerCase() === 'host')
  if (hosts.length !== 1) return { status: 400, text: 'exactly one Host header is required\n' }
  if (!isOwnHost(request.headers.host ?? '', listen.host)) return { status: 421, text: 'this Host is not served here; use a loopback address\n' }
  if (!isPath(url)) return { status: 404, text: 'not found\n' }
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, text: `only ${METHODS}\n` }
  switch (url) {
    case '/healthz':
      return { status: 200, text: 'ok\n' }
    case '/readyz':
      return (await isReady(sources)) ? { status: 200, text: 'ready\n' } : { status: 503, text: 'not ready\n' }
    case '/metrics':
      return { status: 200, text: await sources.metrics() }
  }
}

const PATHS = ['/healthz', '/readyz', '/metrics'] as const

function isPath(url: string): url is (typeof PATHS)[number] {
  return (PATHS as readonly string[]).includes(url)
}

async function isReady({ isReady: ask }: AdminSources): Promise<boolean> {
  try {
    return await ask()
  } catch {
    return false
  }
}

/**
 * A name that points at this machine is not enough: a page of a site that changes its own name's address (DNS rebinding) sends that
 * name. Any port: a tunnel may have another one.
 */
export function isOwnHost(value: string, configured: string): boolean {
  const host = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/.exec(value.toLowerCase())?.[1]
  if (host === undefined) return false
  const bare = host.replace(/^\[|\]$/g, '')
  return bare === 'localhost' || bare === configured.toLowerCase().replace(/^\[|\]$/g, '') || isLoopbackAddress(bare)
}
