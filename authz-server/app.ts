// The authz server as an Express application: finds the endpoint of a request in the table of routes.ts. Decides nothing itself.
import express, { type ErrorRequestHandler, type Express } from 'express'
import type { Context } from './context.ts'
import { buildAnswerHeaders } from './http/answer-headers.ts'
import type { Endpoint } from './http/exchange.ts'
import { createUnservedRefusal } from './http/refuse-unserved.ts'
import { describeFault, serveEndpoint } from './http/serve-endpoint.ts'

const PATH_REFUSAL = { error: 'invalid_request', error_description: 'the path has an invalid percent escape' }
const FAULT = { error: 'server_error', error_description: 'the server failed; the reason is in its log' }

export function createApp(context: Context, endpoints: readonly Endpoint[]): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', false)
  app.set('case sensitive routing', true)
  app.set('strict routing', true)
  for (const endpoint of endpoints) mount(app, endpoint, context)
  const refuseUnserved = createUnservedRefusal(endpoints, context)
  app.use((request, response) => {
    context.monitor.watchRequest({ method: 'other', path: 'other' }, response)
    refuseUnserved(request, response)
  })
  app.use(((fault, _request, response, next) => {
    // Express would answer with a stack.
    const isPath = fault instanceof URIError
    if (isPath) context.ports.log.info('request_refused', { reason: 'path_undecodable' })
    else context.ports.log.error('endpoint_fault', { fault: describeFault(fault) })
    if (response.headersSent) return next(fault)
    response
      .status(isPath ? 400 : 500)
      .set(buildAnswerHeaders(context.config.issuer))
      .json(isPath ? PATH_REFUSAL : FAULT)
  }) satisfies ErrorRequestHandler)
  return app
}

function mount(app: Express, endpoint: Endpoint, context: Context): void {
  const method = endpoint.method.toLowerCase() as 'get' | 'post' | 'put' | 'delete'
  app[method](endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (request, response) => {
    context.monitor.watchRequest(endpoint, response)
    const [path = '', ...rest] = request.originalUrl.split('?')
    const pathValues = new Map(Object.entries(request.params as Record<string, string>))
    await serveEndpoint(request, response, { endpoint, path, query: new URLSearchParams(rest.join('?')), pathValues }, context)
  })
}
