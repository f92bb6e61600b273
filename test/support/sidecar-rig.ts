// A sidecar alone: between a bare-TCP upstream that records and an issuer of the tests, with an owner, her device, a requester and their keys.
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePorts } from '../../examples/dev-world/listen.ts'
import { loadPolicyModule } from '../../policies/runtime/policy-module.ts'
import { buildProof } from '../../protocol/dpop/proof.ts'
import type { SigningKey } from '../../protocol/jws.ts'
import type { SidecarConfig, UpstreamConfig } from '../../sidecar/config/sidecar-config.ts'
import { createDataFiles } from '../../sidecar/files/data-files.ts'
import type { SidecarPorts } from '../../sidecar/ports.ts'
import { createSidecar, type Sidecar } from '../../sidecar/server.ts'
import { createTestKey, type IssuerFixture, startIssuer } from './issuer-fixture.ts'
import { sendRaw, statusOf, until } from './raw-socket.ts'
import { type RawUpstream, startRawUpstream } from './raw-upstream.ts'

export const OWNER = 'person-alice'
export const REQUESTER = 'person-bob'
export const DEVICE = 'guitar-0042'
export const RESOURCE = 'res-0042'

/** Somebody with a key and a token. */
export interface Caller {
  readonly key: SigningKey
  token: string
  /** `Authorization` and `DPoP` lines for that request, with the nonce of now. */
  headers(method: string, path: string, proof?: ProofChanges): string
}

export type ProofChanges = Partial<{
  uri: string
  method: string
  nonce: string | undefined
  jti: string
  accessToken: string
  key: SigningKey
  scheme: string
}>

export interface SidecarRig {
  readonly origin: string
  readonly adminOrigin: string
  readonly host: string
  readonly issuer: IssuerFixture
  readonly upstream: RawUpstream
  sidecar: Sidecar
  readonly config: SidecarConfig
  readonly ports: SidecarPorts
  readonly audit: string[]
  readonly notices: string[]
  /** Seconds added to the wall clock of sidecar and issuer. */
  skew: number
  /** Lets time pass: on the wall clock and on the monotonic one. */
  pass(seconds: number): void
  readonly dataDirectory: string
  /** The owner's device. */
  readonly device: Caller
  caller(claims: Record<string, unknown>, key?: SigningKey): Caller
  nonce(): Promise<string>
  /** A fresh nonce, then that request; gives the whole raw answer. */
  call(
    caller: Caller,
    method?: string,
    path?: string,
    more?: { readonly headers?: string; readonly body?: string; readonly proof?: ProofChanges },
  ): Promise<string>
  /** Stops the sidecar and starts another with the same configuration and data. */
  restart(): Promise<void>
  close(): Promise<void>
}

export interface RigOptions {
  readonly config?: Partial<SidecarConfig>
  readonly ports?: Partial<SidecarPorts>
  readonly waitReady?: boolean
  readonly upstream?: string
  /** Options of `upstream` other than its origin. */
  readonly upstreamOptions?: Omit<UpstreamConfig, 'origin'>
  /** How callers reach the sidecar, where a proxy stands before it. */
  readonly publicOrigin?: string
}

export const ROUTES: SidecarConfig['routes'] = [
  { method: 'GET', path: '/guitars/{id}/tuning', resource: '{id}', scope: 'read' },
  { method: 'HEAD', path: '/guitars/{id}/tuning', resource: '{id}', scope: 'read' },
  { method: 'DELETE', path: '/guitars/{id}/tuning', resource: '{id}', scope: 'read' },
  { method: 'POST', path: '/guitars/{id}/notes', resource: '{id}', scope: 'play' },
  { method: 'PUT', path: '/guitars/{id}/recording', resource: '{id}', scope: 'play', streaming: true },
  { method: 'GET', path: '/guitars/{id}/events', resource: '{id}', scope: 'read', streaming: true },
  { method: 'GET', path: '/admin', resource: DEVICE, scope: 'admin' },
]

export async function startRig(options: RigOptions = {}): Promise<SidecarRig> {
  const [port = 0, adminPort = 0] = await findFreePorts(2)
  const origin = `http://127.0.0.1:${port}`
  const upstream = await startRawUpstream()
  const upstreamOrigin = options.upstream ?? upstream.origin
  const clock = (): number => Math.floor(Date.now() / 1000) + rig.skew
  const publicOrigin = options.publicOrigin ?? origin
  const issuer = await startIssuer({ audience: publicOrigin, clock })
  const dataDirectory = mkdtempSync(join(tmpdir(), 'latchkey-sidecar-'))
  const audit: string[] = []
  const notices: string[] = []
  let latestNonce = ''
  let passed = 0

  issuer.entries.push(
    { kind: 'device', id: DEVICE, status: 'active', owner: OWNER, epoch: 1 },
    {
      kind: 'resource',
      id: RESOURCE,
      key: DEVICE,
      name: 'Guitar',
      type: 'smart-guitar',
      tags: [],
      resource_scopes: ['read', 'play', 'admin'],
      owner: OWNER,
      device_id: DEVICE,
    },
    { kind: 'owner', owner: OWNER, policy_revision: 1, artifact: null },
  )
  const config: SidecarConfig = {
    listen: { host: '127.0.0.1', port },
    admin: { host: '127.0.0.1', port: adminPort },
    public_origin: publicOrigin,
    upstream: options.upstreamOptions === undefined ? upstreamOrigin : { origin: upstreamOrigin, ...options.upstreamOptions },
    authz_server: { issuer: issuer.origin, client_id: 'sidecar-1', key_file: 'unused.json' },
    data_directory: dataDirectory,
    feed: { max_age_seconds: 900 },
    limits: { answer_seconds: 5, idle_seconds: 10, request_seconds: 5 },
    routes: ROUTES,
    ...options.config,
  }
  const ports: SidecarPorts = {
    clock,
    monotonic: () => performance.now() + passed * 1000,
    randomBytes,
    fetch,
    key: createTestKey(),
    files: createDataFiles(dataDirectory),
    loadPolicy: loadPolicyModule,
    audit: (line) => audit.push(line) > 0,
    notice: (text) => notices.push(text),
    ...options.ports,
  }

  function caller(claims: Record<string, unknown>, key = createTestKey()): Caller {
    return {
      key,
      token: issuer.token({ jwk: key.jwk, jkt: key.kid, ...claims }),
      headers(method, path, proof = {}) {
        const text = buildProof(proof.key ?? key, {
          method: proof.method ?? method,
          uri: proof.uri ?? publicOrigin + path,
          now: clock(),
          jti: proof.jti ?? randomUUID(),
          nonce: 'nonce' in proof ? proof.nonce : latestNonce,
          accessToken: proof.accessToken ?? this.token,
        })
        return `Authorization: ${proof.scheme ?? 'DPoP'} ${this.token}\r\nDPoP: ${text}\r\n`
      },
    }
  }

  const rig: SidecarRig = {
    origin,
    adminOrigin: `http://127.0.0.1:${adminPort}`,
    host: `127.0.0.1:${port}`,
    issuer,
    upstream,
    sidecar: createSidecar(config, ports),
    config,
    ports,
    audit,
    notices,
    skew: 0,
    pass(seconds) {
      passed += seconds
      rig.skew += seconds
    },
    dataDirectory,
    device: undefined as never,
    caller,
    async nonce() {
      const answer = await fetch(`${origin}/guitars/${DEVICE}/tuning`, { headers: { authorization: 'Bearer x' } })
      await answer.arrayBuffer()
      latestNonce = answer.headers.get('dpop-nonce') ?? ''
      return latestNonce
    },
    async call(who, method = 'GET', path = `/guitars/${DEVICE}/tuning`, more = {}) {
      await rig.nonce()
      const framing =
        more.body === undefined || /^(content-length|transfer-encoding):/im.test(more.headers ?? '')
          ? ''
          : `Content-Length: ${Buffer.byteLength(more.body)}\r\n`
      const proofPath = path.split('?', 1)[0] ?? ''
      return sendRaw(
        origin,
        `${method} ${path} HTTP/1.1\r\nHost: ${rig.host}\r\n${who.headers(method, proofPath, more.proof)}${more.headers ?? ''}${framing}\r\n${more.body ?? ''}`,
      )
    },
    async restart() {
      await rig.sidecar.close()
      rig.sidecar = createSidecar(config, ports)
      await rig.sidecar.listen()
    },
    async close() {
      await rig.sidecar.close()
      await issuer.close()
      await upstream.close()
      rmSync(dataDirectory, { recursive: true, force: true })
    },
  }
  Object.assign(rig, {
    device: caller({ sub: OWNER, client_id: `device:${DEVICE}`, device_id: DEVICE, act: { sub: `device:${DEVICE}` }, epoch: 1, scope: 'read play' }),
  })
  await rig.sidecar.listen()
  if (options.waitReady !== false) {
    await rig.sidecar.whenReady()
    await until(() => issuer.openStreams() > 0)
  }
  return rig
}

/** The `error` and `reason` of a refusal. */
export function refusalOf(answer: string): { readonly status: number; readonly error?: string; readonly reason?: string } {
  const [, body = ''] = answer.split('\r\n\r\n', 2)
  try {
    const { error, reason } = JSON.parse(body) as { error: string; reason: string }
    return { status: statusOf(answer), error, reason }
  } catch {
    return { status: statusOf(answer) }
  }
}
