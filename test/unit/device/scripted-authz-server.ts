// A small authorization server over real HTTP whose answers a test writes down. Checks every proof and nonce for real; decides nothing else.
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isNonceRefusal, verifyProof } from '../../../protocol/dpop/verify-proof.ts'
import { createNonceSource } from '../../../protocol/nonce.ts'

export interface Seen {
  readonly path: string
  readonly form: Readonly<Record<string, string>>
  readonly jkt: string
  readonly authorization: string | undefined
}

export type Reply = { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } | 'hang up'
export type Handler = (seen: Seen) => Reply

export interface ScriptedServer {
  readonly origin: string
  readonly seen: Seen[]
  /** How many requests were answered with a nonce challenge. */
  readonly challenges: () => number
  readonly close: () => Promise<void>
}

/** `handlers` are by path; those of /resource answer the nonce challenge as a resource server does. */
export async function startScriptedServer(handlers: Record<string, Handler>, metadata: Record<string, unknown> = {}): Promise<ScriptedServer> {
  const seen: Seen[] = []
  let challenges = 0
  let origin = ''
  const secret = randomBytes(32)
  const now = () => Math.floor(Date.now() / 1000)

  const server = createServer(async (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    if (path === '/.well-known/oauth-authorization-server') return sendJson(response, { status: 200, body: { ...defaultMetadata(origin), ...metadata } })
    const handler = handlers[path]
    if (handler === undefined) return sendJson(response, { status: 404, body: { error: 'not_found' } })
    const body = await readBody(request)
    const nonces = createNonceSource({ secret, origin, randomBytes })
    const proof = verifyProof([request.headers['dpop'] as string].filter(Boolean), { method: request.method ?? '', uri: `${origin}${path}`, nonces }, now())
    response.setHeader('dpop-nonce', nonces.mint(now()))
    if (!proof.ok && isNonceRefusal(proof.error.reason)) {
      challenges += 1
      const isResource = path.startsWith('/resource')
      if (isResource) response.setHeader('www-authenticate', 'DPoP error="use_dpop_nonce"')
      return sendJson(response, { status: isResource ? 401 : 400, body: { error: 'use_dpop_nonce' } })
    }
    if (!proof.ok) return sendJson(response, { status: 400, body: { error: 'invalid_dpop_proof', error_description: proof.error.reason } })
    const entry = { path, form: Object.fromEntries(new URLSearchParams(body)), jkt: proof.value.jkt, authorization: request.headers.authorization }
    seen.push(entry)
    const reply = handler(entry)
    if (reply === 'hang up') return request.socket.destroy()
    return sendJson(response, reply)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    seen,
    challenges: () => challenges,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function defaultMetadata(origin: string): Record<string, unknown> {
  return { issuer: origin, token_endpoint: `${origin}/token`, device_authorization_endpoint: `${origin}/device_authorization` }
}

function sendJson(response: ServerResponse, reply: Exclude<Reply, string>): void {
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers }).end(JSON.stringify(reply.body ?? {}))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** Answers one after the other; the last one for ever. */
export function inTurn(...replies: readonly Reply[]): Handler {
  let next = 0
  return () => {
    const reply = replies[Math.min(next, replies.length - 1)]
    next += 1
    if (reply === undefined) throw new Error('a script needs one reply at least')
    return reply
  }
}

export const STARTED = {
  status: 200,
  body: { device_code: 'd-code', user_code: 'BCDF-GHJK', verification_uri: 'http://127.0.0.1/device', expires_in: 600, interval: 5 },
}

export function tokenReply(name: string, more: Record<string, unknown> = {}): Reply {
  return {
    status: 200,
    body: { access_token: `access-${name}`, token_type: 'DPoP', expires_in: 600, refresh_token: `refresh-${name}`, scope: 'read', ...more },
  }
}

export function errorReply(error: string, more: Record<string, unknown> = {}, status = 400): Reply {
  return { status, body: { error, ...more } }
}

/** A resource server's refusal with a permission ticket (UMA 2.0 Grant section 3.2.1). */
export function umaChallenge(ticket: string, asUri: string): Reply {
  return { status: 401, headers: { 'www-authenticate': `DPoP algs="ES256", UMA realm="guitars", as_uri="${asUri}", ticket="${ticket}"` } }
}
