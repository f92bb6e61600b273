// Answers what no endpoint serves: 404 for an unknown path, 405 with `Allow` for another method of a known one, 204 for OPTIONS (RFC 9110 section 9.3.7).
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from '../context.ts'
import { buildAnswerHeaders } from './answer-headers.ts'
import type { Endpoint } from './exchange.ts'

interface ServedPath {
  readonly pattern: RegExp
  readonly methods: readonly string[]
}

/** The table of paths is built once; `HEAD` comes with `GET`. No answer lets another origin in: there is no CORS here. */
export function createUnservedRefusal(endpoints: readonly Endpoint[], context: Context): (request: IncomingMessage, response: ServerResponse) => void {
  const served = buildServedPaths(endpoints)
  return (request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1)
    const methods = [...new Set(served.filter(({ pattern }) => pattern.test(path)).flatMap((one) => one.methods))]
    for (const [name, value] of Object.entries(buildAnswerHeaders(context.config.issuer))) response.setHeader(name, value)
    // A body that nobody reads must not be taken for the next request.
    if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined) response.setHeader('connection', 'close')
    if (methods.length === 0) return answer(response, { status: 404, error: 'not_found', description: 'there is nothing at this path' })
    const allow = [...methods, 'OPTIONS'].join(', ')
    response.setHeader('allow', allow)
    if (request.method === 'OPTIONS') return void response.writeHead(204).end()
    answer(response, { status: 405, error: 'invalid_request', description: `this path supports ${allow}` })
  }
}

function buildServedPaths(endpoints: readonly Endpoint[]): readonly ServedPath[] {
  const methodsOf = groupByPath(endpoints)
  return [...methodsOf].map(([path, group]) => ({
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    methods: group.filter(({ isRefused }) => isRefused !== true).flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])),
  }))
}

function groupByPath(endpoints: readonly Endpoint[]): ReadonlyMap<string, readonly Endpoint[]> {
  const groups = new Map<string, Endpoint[]>()
  for (const endpoint of endpoints) groups.set(endpoint.path, [...(groups.get(endpoint.path) ?? []), endpoint])
  return groups
}

function answer(
  response: ServerResponse,
  { status, error, description }: { readonly status: number; readonly error: string; readonly description: string },
): void {
  response.statusCode = status
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ error, error_description: description }))
}
