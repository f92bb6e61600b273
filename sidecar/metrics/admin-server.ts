// The operator's listener: /healthz, /readyz and /metrics by their exact names, nothing else. Never forwards.
import { createServer, type Server } from 'node:http'

export interface AdminSources {
  readonly isReady: () => boolean
  readonly metrics: () => Promise<string>
}

export function createAdminServer(sources: AdminSources): Server {
  return createServer({ headersTimeout: 5_000, requestTimeout: 5_000, connectionsCheckingInterval: 1_000, keepAliveTimeout: 5_000 }, (request, response) => {
    answer(request.method ?? '', request.url ?? '')
      .catch((): readonly [number, string] => [500, 'cannot be read now\n'])
      .then(([status, body]) => {
        response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
        response.end(request.method === 'HEAD' ? undefined : body)
      })
      .catch(() => response.destroy())
  })

  async function answer(method: string, target: string): Promise<readonly [number, string]> {
    if (method !== 'GET' && method !== 'HEAD') return [405, 'only GET\n']
    switch (target) {
      case '/healthz':
        return [200, 'ok\n']
      case '/readyz':
        return sources.isReady() ? [200, 'ready\n'] : [503, 'not ready\n']
      case '/metrics':
        return [200, await sources.metrics()]
      default:
        return [404, 'not found\n']
    }
  }
}
