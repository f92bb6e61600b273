// The sidecar with all its checks against the same forwarder without them, and against a bare one: each in a process of its own, in alternating order.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createKey } from '../device/index.ts'
import { buildProof } from '../protocol/dpop/proof.ts'
import { verifyProof } from '../protocol/dpop/verify-proof.ts'
import { buildKeyObject } from '../protocol/jwk.ts'
import { createNonceSource } from '../protocol/nonce.ts'
import { type LoadResult, runLoad } from './load.ts'
import { type Child, startChild } from './processes.ts'
import { printTable } from './report.ts'
import { median, percentile, round } from './statistics.ts'
import { type PairedCaller, startProtectedWorld } from './world.ts'

const ROUNDS = 5
const SECONDS_PER_ROUND = 3
const CONNECTIONS = 32
/** More than the fastest row can use up in a round. */
const PROOFS_PER_ROUND = 40_000
const SERVE = join(import.meta.dirname, 'servers', 'serve.js')
const PLAIN_HEADERS = ['accept', 'application/json', 'user-agent', 'bench']

interface Contender {
  readonly name: string
  readonly origin: string
  /** The request's headers, made before the clock starts. */
  readonly prepare: () => Promise<readonly string[][]>
}

export async function benchForwarding(): Promise<void> {
  const upstream = await startChild(SERVE, ['upstream'])
  const children: Child[] = [upstream]
  const world = await startProtectedWorld(upstream.origin)
  try {
    for (const role of ['bare', 'unchecked']) children.push(await startChild(SERVE, [role, upstream.origin]))
    const [, bare, unchecked] = children
    if (bare === undefined || unchecked === undefined) throw new Error('a forwarder did not start')
    const plain = async () => Array.from({ length: PROOFS_PER_ROUND }, () => PLAIN_HEADERS)
    const contenders: readonly Contender[] = [
      { name: 'bare forwarder, 20 lines', origin: bare.origin, prepare: plain },
      { name: 'our forwarder, no checks', origin: unchecked.origin, prepare: plain },
      { name: 'sidecar, new DPoP proof each', origin: world.sidecar, prepare: () => prepareProofs(world.caller) },
    ]
    await compare(contenders, world.caller.path)
  } finally {
    await world.stop()
    for (const child of children) child.end()
  }
}

async function compare(contenders: readonly Contender[], path: string): Promise<void> {
  const results = new Map<string, LoadResult[]>(contenders.map(({ name }) => [name, []]))
  for (let index = 0; index <= ROUNDS; index += 1) {
    const order = index % 2 === 0 ? contenders : [...contenders].reverse()
    for (const { name, origin, prepare } of order) {
      const headers = await prepare()
      let next = 0
      const result = await runLoad({
        origin,
        path,
        connections: CONNECTIONS,
        seconds: SECONDS_PER_ROUND,
        nextHeaders: () => headers[next++] as string[] | undefined,
      })
      if (result.failures > 0) throw new Error(`${name}: ${result.failures} answers were not 200`)
      // The first round warms up.
      if (index > 0) results.get(name)?.push(result)
    }
  }
  const rows = contenders.map(({ name }) => ({ name, rounds: (results.get(name) ?? []).map(({ requestsPerSecond }) => requestsPerSecond) }))
  printTable({ title: 'Requests through a forwarder, 32 connections', unit: 'requests/s', measure: 'our forwarder, no checks', rows })
  printLimit(rows.map(({ rounds }) => median(rounds)))
  for (const { name } of contenders) {
    const latencies = (results.get(name) ?? []).flatMap((result) => result.latencies)
    console.log(`  ${name}: p50 ${round(percentile(latencies, 0.5))} ms, p99 ${round(percentile(latencies, 0.99))} ms`)
  }
}

/** What no sidecar that verifies each proof could exceed: the forwarder's time and one verification, one after the other on one core. */
function printLimit([bare = Number.NaN, unchecked = Number.NaN, checked = Number.NaN]: readonly number[]): void {
  const verification = measureVerification()
  const limit = 1 / (1 / unchecked + verification / 1e6)
  console.log(
    `  forwarder over bare ${round(unchecked / bare)}; one proof verified ${round(verification)} microseconds; limit ${round(limit)} requests/s; sidecar over limit ${round(checked / limit)}`,
  )
}

/** Microseconds of `verifyProof` with the key at hand. */
function measureVerification(): number {
  const key = createKey()
  const now = 1_800_000_000
  const nonces = createNonceSource({ secret: randomBytes(32), origin: 'https://bench.example.test', randomBytes })
  const request = { method: 'GET', uri: 'https://bench.example.test/things', now, nonce: nonces.mint(now), accessToken: 'token' }
  const proofs = Array.from({ length: 5000 }, (_, index) => buildProof(key, { ...request, jti: `proof-${index}-of-the-bench` }))
  const keyObject = buildKeyObject(key.jwk)
  const expected = { method: 'GET', uri: request.uri, nonces, accessToken: { text: 'token', jkt: key.kid }, findKey: () => keyObject }
  const started = performance.now()
  for (const proof of proofs) if (!verifyProof([proof], expected, now).ok) throw new Error('a proof of the bench is refused')
  return ((performance.now() - started) * 1000) / proofs.length
}

async function prepareProofs(caller: PairedCaller): Promise<readonly string[][]> {
  const { accessToken, nonce } = await caller.freshen()
  const now = Math.floor(Date.now() / 1000)
  return Array.from({ length: PROOFS_PER_ROUND }, () => {
    const jti = randomBytes(16).toString('base64url')
    const proof = buildProof(caller.key, { method: 'GET', uri: caller.uri, now, jti, nonce, accessToken })
    return [...PLAIN_HEADERS, 'authorization', `DPoP ${accessToken}`, 'dpop', proof]
  })
}
