// Random and mutated tokens and proofs at the sidecar's own verification: a result each time, never an exception, never a high cost.
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildProof } from '../../../protocol/dpop/proof.ts'
import { sha256Base64url } from '../../../protocol/encoding.ts'
import { buildKeyObject } from '../../../protocol/jwk.ts'
import { signJws } from '../../../protocol/jws.ts'
import { createNonceSource } from '../../../protocol/nonce.ts'
import { createMemoryReplayStore } from '../../../protocol/replay.ts'
import type { MonotonicSeconds } from '../../../protocol/time.ts'
import { createLru } from '../../../sidecar/lru.ts'
import { createProofCheck } from '../../../sidecar/proofs/check-proof.ts'
import { readCredentials } from '../../../sidecar/tokens/read-credentials.ts'
import { createTokenVerifier } from '../../../sidecar/tokens/token-verifier.ts'
import { fuzzCases } from '../../support/fuzz-cases.ts'
import { createTestKey } from '../../support/issuer-fixture.ts'
import { anyJwt, mutated } from '../../support/mutated.ts'

const NOW = 1_700_000_000
const ISSUER = 'https://keys.example'
const API = 'https://api.example'
const CPU_MAX_MILLISECONDS = 50

const issuerKey = createTestKey()
const MONOTONIC_NOW = 1_000 as MonotonicSeconds
const deviceKey = createTestKey()
const facts = { iss: ISSUER, aud: API, sub: 's', client_id: 'c', iat: NOW, exp: NOW + 600, jti: 'j', grant_id: 'g', scope: 'read' }
const claims = { ...facts, cnf: { jkt: deviceKey.kid, jwk: deviceKey.jwk } }
const goodToken = signJws(issuerKey, { typ: 'at+jwt', payload: claims })
const keys = new Map([[issuerKey.kid, buildKeyObject(issuerKey.jwk)]])
const nonces = createNonceSource({ secret: randomBytes(32), origin: API, randomBytes })
const request = { method: 'GET', uri: `${API}/guitars/7` }
const goodProof = () =>
  buildProof(deviceKey, { ...request, now: NOW, jti: randomBytes(16).toString('hex'), nonce: nonces.mint(MONOTONIC_NOW), accessToken: goodToken })
const proofFacts = { jti: 'j', htm: 'GET', htu: request.uri, iat: NOW, nonce: nonces.mint(MONOTONIC_NOW), ath: sha256Base64url(goodToken), exp: 1, nbf: 1 }

const tokenKeys = createLru<ReturnType<typeof buildKeyObject>>(1000)
const verifier = createTokenVerifier({ issuer: ISSUER, audience: API, keys: tokenKeys })
const checkProof = createProofCheck({ nonces, replays: createMemoryReplayStore(), keys: tokenKeys, monotonic: () => MONOTONIC_NOW * 1000 })

function costOf(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** A garbage collection can fall into any input: an expensive one must be expensive every time. */
function expectCheap(work: () => unknown): void {
  let cost = costOf(work)
  for (let tries = 0; tries < 5 && cost > CPU_MAX_MILLISECONDS; tries += 1) cost = Math.min(cost, costOf(work))
  expect(cost).toBeLessThan(CPU_MAX_MILLISECONDS)
}

test('TR50: the good token and the good proof are accepted', () => {
  const verified = verifier.verify(goodToken, keys, NOW)
  expect(verified.ok).toBe(true)
  if (verified.ok)
    expect(checkProof({ ...request, proofs: [goodProof()], token: { text: goodToken, claims: verified.value } })).toEqual({ ok: true, value: 'dpop' })
})

test('TR50: any token is a result, and one that is accepted says what the signature covers', () => {
  const text = fc.oneof(mutated(goodToken), anyJwt(issuerKey, claims), fc.string({ unit: 'binary' }))
  fc.assert(
    fc.property(text, (token) => {
      readCredentials(`DPoP ${token}`, '')
      const verified = verifier.verify(token, keys, NOW)
      if (verified.ok) expect(verified.value).toMatchObject({ iss: ISSUER, aud: [API], cnf: { jkt: expect.any(String) } })
      else expect(verified.error.reason).toMatch(/^[a-z_]+$/)
      expectCheap(() => verifier.verify(token, keys, NOW))
    }),
    { numRuns: fuzzCases() },
  )
})

test('TR50: any proof is a result, and one that is accepted is the good one of this request', () => {
  const verified = verifier.verify(goodToken, keys, NOW)
  if (!verified.ok) throw new Error(verified.error.reason)
  const withToken = { ...request, token: { text: goodToken, claims: verified.value } }
  const text = fc.oneof(
    fc.constant(undefined).chain(() => mutated(goodProof())),
    anyJwt(deviceKey, proofFacts),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(fc.array(text, { maxLength: 2 }), (proofs) => {
      const checked = checkProof({ ...withToken, proofs })
      if (checked.ok) expect(proofs).toHaveLength(1)
      else expect(checked.error).toMatch(/^(proof|replay)_[a-z_]+$/)
      expectCheap(() => checkProof({ ...withToken, proofs }))
    }),
    { numRuns: fuzzCases() },
  )
})
