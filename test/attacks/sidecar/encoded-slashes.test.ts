// TR12: an encoded slash is refused by its own reason; where a route allows it, it stays inside its segment for route, key, log and upstream alike.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RouteConfig } from '../../../sidecar/resources/route-table.ts'
import { statusOf, until } from '../../support/raw-socket.ts'
import { DEVICE, OWNER, refusalOf, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

const allow = { encoded_slashes: 'allow' } as const
const ROUTES: readonly RouteConfig[] = [
  { method: 'GET', path: '/guitars/{id}/tuning', resource: '{id}', scope: 'read' },
  { method: 'GET', path: '/api/queues/{vhost}', resource: 'vhost:{vhost}', scope: 'read', ...allow },
  { method: 'GET', path: '/api/queues/{vhost}/{queue}', resource: 'queue:{vhost}/{queue}', scope: 'read', ...allow },
  { method: 'GET', path: '/api/queues/{vhost}/{queue}/get', resource: 'queue:{vhost}/{queue}', scope: 'admin', ...allow },
  { method: 'GET', path: '/plain/{vhost}/{queue}', resource: 'queue:{vhost}/{queue}', scope: 'read' },
  { method: 'GET', path: '/files/{path+}', resource: 'files', scope: 'read', ...allow },
  { method: 'GET', path: '/files/secret/{id}', resource: 'secret', scope: 'admin' },
  { method: 'GET', path: '/files/{folder}/{file}/raw', resource: 'files', scope: 'admin' },
  { method: 'GET', path: '/fixed/%2F/{id}', resource: 'queue:%2F/{id}', scope: 'read', ...allow },
  { method: 'GET', path: '/tree/{path+}', resource: 'tree:{path}', scope: 'read', ...allow },
]

const KEYS = ['vhost:%2F', 'vhost:a%2Fb', 'queue:%2F/orders', 'queue:a/b%2Fc', 'queue:a%2Fb/c', 'files', 'secret', 'tree:a/b%2Fc']

let rig: SidecarRig
beforeAll(async () => {
  rig = await startRig({ config: { routes: ROUTES } })
  for (const key of KEYS)
    rig.issuer.change({
      kind: 'resource',
      id: `res-${key}`,
      key,
      name: key,
      type: 'queue',
      tags: [],
      resource_scopes: ['read', 'admin'],
      owner: OWNER,
      device_id: null,
    })
  await until(async () => statusOf(await call('/tree/a/b%2Fc')) === 200)
})
afterAll(() => rig.close())
beforeEach(() => {
  rig.upstream.clear()
  rig.audit.length = 0
})

const call = (path: string): Promise<string> => rig.call(rig.device, 'GET', path)
/** Of the call itself, not of the one that fetched a nonce. */
const auditOf = (): Record<string, unknown> => JSON.parse(rig.audit.at(-1) ?? '{}') as Record<string, unknown>

describe('TR12: by default an encoded slash is refused, and answer and log name it', () => {
  test.each(['/plain/%2F/orders', '/plain/%2f/orders', `/guitars/${DEVICE}%2Ftuning`, `/guitars/a%2Fb/tuning`, '/nowhere/%2F', '/%2fadmin', '/guitars%2F'])(
    'TR12: %s',
    async (path) => {
      const answer = await call(path)
      expect(refusalOf(answer)).toEqual({ status: 400, error: 'invalid_request', reason: 'encoded_slash' })
      expect(answer).toContain('An encoded slash (%2F) is not accepted in this path.')
      expect(rig.upstream.received()).toBe('')
      expect(auditOf()).toMatchObject({ outcome: 'refused', reason: 'encoded_slash', status: 400, path: path.replace(/%2f/g, '%2F') })
    },
  )
})

describe('TR12: a route that allows it judges one id, and the API gets the same bytes', () => {
  test.each([
    ['/api/queues/%2F/orders', 'res-queue:%2F/orders', '/api/queues/%2F/orders'],
    ['/api/queues/%2f/orders', 'res-queue:%2F/orders', '/api/queues/%2F/orders'],
    ['/api/queues/%2F', 'res-vhost:%2F', '/api/queues/%2F'],
    ['/api/queues/a%2Fb', 'res-vhost:a%2Fb', '/api/queues/a%2Fb'],
    ['/api/queues/a/b%2Fc', 'res-queue:a/b%2Fc', '/api/queues/a/b%2Fc'],
    ['/api/queues/a%2Fb/c', 'res-queue:a%2Fb/c', '/api/queues/a%2Fb/c'],
    ['/api/queues/%61%2fb/%63', 'res-queue:a%2Fb/c', '/api/queues/a%2Fb/c'],
    ['/fixed/%2f/orders', 'res-queue:%2F/orders', '/fixed/%2F/orders'],
    ['/tree/a/b%2Fc', 'res-tree:a/b%2Fc', '/tree/a/b%2Fc'],
    ['/files/x%2Fy', 'res-files', '/files/x%2Fy'],
  ])('TR12: %s', async (path, resource, upstream) => {
    expect(statusOf(await call(path))).toBe(200)
    expect(rig.upstream.received()).toContain(`GET ${upstream} HTTP/1.1\r\n`)
    expect(auditOf()).toMatchObject({ outcome: 'allowed', resource, path: upstream })
  })
  // Unknown things look like things of others (TR15).
  test.each([
    ['/api/queues/a/b/c', 404],
    ['/tree/a%2Fb/c', 401],
    ['/tree/a/b/c', 401],
    ['/api/queues/a%2Fb%2Fc', 401],
  ])('TR12: %s is another thing', async (path, status) => {
    expect(statusOf(await call(path))).toBe(status)
    expect(auditOf().reason).toMatch(/^unknown_(?:resource|route)$/)
    expect(rig.upstream.received()).toBe('')
  })
})

describe('TR12: what a server could make of it when it decodes early, or twice', () => {
  test.each([
    '/api/queues/%2F..%2F/orders',
    '/api/queues/..%2F..%2Fadmin/x',
    '/api/queues/a%2F..%2Fb/x',
    '/api/queues/a%2f%2e%2e%2fb/x',
    '/api/queues/a%2F.%2Fb/x',
    '/api/queues/a%2F..;x%2Fb/x',
    '/api/queues/a%2F..%3Bx%2Fb/x',
    '/tree/..%3Bx/b',
    '/tree/a/..%3b/b',
    '/tree/.%3B/b',
    '/api/queues/..%2F/x',
    '/api/queues/a%2F../x',
    '/api/queues/%2F..',
    '/files/..%2Fsecret',
    '/files/a%2F%2E%2E%2Fb',
    '/api/queues/%252F/orders',
    '/api/queues/%252f..%252f/orders',
    '/api/queues/%255C/orders',
    '/api/queues/%5C/orders',
    '/api/queues/%5c..%5c/orders',
    '/api/queues/%2F%00/orders',
    '/api/queues/%c0%af/orders',
    '/api/queues/%2/orders',
    '/files//a%2Fb',
  ])('TR12: %s is malformed', async (path) => {
    expect(refusalOf(await call(path))).toMatchObject({ status: 400, reason: 'target_malformed' })
    expect(rig.upstream.received()).toBe('')
  })
  test.each([
    '/files/secret%2F1',
    '/files%2Fsecret/1',
    '/files/secret%2f1',
    '/files/%2Fsecret%2F1',
    '/files/a%2Fb%2Fraw',
    '/files/a/b%2Fraw',
    '/api/queues/a/b%2Fget',
    '/api%2Fqueues/a/b',
  ])('TR12: %s does not get by the route that needs more', async (path) => {
    expect(refusalOf(await call(path))).toMatchObject({ status: 400, reason: 'encoded_slash' })
    expect(rig.upstream.received()).toBe('')
  })
})
