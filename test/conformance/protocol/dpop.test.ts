// RFC 9449 section 4.3, check by check; RFC 7638's example; and our JWS held against jose, both ways.
import { randomBytes } from 'node:crypto'
import { CompactSign, calculateJwkThumbprint, compactVerify, exportJWK, importJWK, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { buildProof } from '../../../protocol/dpop/proof.ts'
import { type ProofExpectation, verifyProof } from '../../../protocol/dpop/verify-proof.ts'
import { sha256Base64url } from '../../../protocol/encoding.ts'
import { buildKeyObject, buildThumbprint, parsePublicJwk } from '../../../protocol/jwk.ts'
import { isSignedBy, parseJws, signJws } from '../../../protocol/jws.ts'
import { createNonceSource, NONCE_LIFETIME_SECONDS } from '../../../protocol/nonce.ts'
import { exportPrivateJwk, generateSigningKey } from '../../../system/generate-key.ts'

const NOW = 1_700_000_000
const URI = 'https://api.example.com/guitars/7'
const nonces = createNonceSource({ secret: randomBytes(32), origin: 'https://api.example.com', randomBytes })

const createKey = generateSigningKey

const key = createKey()
const token = { text: 'token', jkt: key.kid }
const expected: ProofExpectation = { method: 'GET', uri: URI, nonces, accessToken: token }
const claims = (changes: object = {}) => ({ jti: 'a', htm: 'GET', htu: URI, iat: NOW, nonce: nonces.mint(NOW), ath: sha256Base64url('token'), ...changes })
const proof = (changes: object = {}, header: object = {}, signer = key) =>
  signJws(signer, { typ: 'dpop+jwt', header: { jwk: signer.jwk, ...header }, payload: claims(changes) })
const reasonOf = (texts: readonly string[], now = NOW) => {
  const verified = verifyProof(texts, expected, now)
  return verified.ok ? 'ok' : verified.error.reason
}

describe('RFC 9449 4.3', () => {
  test.each([
    ['(1) no proof', () => [], 'proof_missing'],
    ['(1) two proofs', () => [proof(), proof()], 'proof_repeated'],
    ['(1) two in one line', () => [`${proof()}, ${proof()}`], 'proof_repeated'],
    ['(2) no JWT', () => ['x'], 'proof_malformed'],
    ['(2) four parts', () => [`${proof()}.x`], 'proof_malformed'],
    ['(3) no jti', () => [proof({ jti: undefined })], 'proof_malformed'],
    ['(3) an empty jti', () => [proof({ jti: '' })], 'proof_malformed'],
    ['(3) a jti of 256 characters', () => [proof({ jti: 'j'.repeat(256) })], 'ok'],
    ['(3) a jti of 257 characters', () => [proof({ jti: 'j'.repeat(257) })], 'proof_malformed'],
    ['(3) no htm', () => [proof({ htm: undefined })], 'proof_malformed'],
    ['(3) no htu', () => [proof({ htu: undefined })], 'proof_malformed'],
    ['(3) no iat', () => [proof({ iat: undefined })], 'proof_malformed'],
    ['(3) an iat that is a text', () => [proof({ iat: '1' })], 'proof_malformed'],
    ['(4) another type', () => [proof({}, { typ: 'JWT' })], 'proof_type'],
    ['(5) no algorithm', () => [proof({}, { alg: 'none' })], 'proof_malformed'],
    ['(5) a MAC', () => [proof({}, { alg: 'HS256' })], 'proof_malformed'],
    ['(5) an algorithm of another key type', () => [proof({}, { alg: 'EdDSA' })], 'proof_key_unusable'],
    ['(6) signed by another key', () => [proof({}, { jwk: key.jwk }, createKey())], 'proof_signature'],
    ['(7) a private key', () => [proof({}, { jwk: exportPrivateJwk(key.privateKey) })], 'proof_key_unusable'],
    ['(7) no key', () => [proof({}, { jwk: undefined })], 'proof_key_unusable'],
    ['(7) a symmetric key', () => [proof({}, { jwk: { kty: 'oct', k: 'AAAA' } })], 'proof_key_unusable'],
    ['(7) a point off the curve', () => [proof({}, { jwk: { ...key.jwk, x: 'A'.repeat(43) } })], 'proof_key_unusable'],
    ['(8) another method', () => [proof({ htm: 'POST' })], 'proof_method_mismatch'],
    ['(8) the method in lower case', () => [proof({ htm: 'get' })], 'proof_method_mismatch'],
    ['(9) another path', () => [proof({ htu: `${URI}/` })], 'proof_uri_mismatch'],
    ['(9) another scheme', () => [proof({ htu: URI.replace('https', 'http') })], 'proof_uri_mismatch'],
    ['(9) another port', () => [proof({ htu: URI.replace('.com', '.com:444') })], 'proof_uri_mismatch'],
    ['(9) a user', () => [proof({ htu: URI.replace('//', '//a@') })], 'proof_uri_mismatch'],
    ['(9) with a query, which is ignored', () => [proof({ htu: `${URI}?a=1#b` })], 'ok'],
    ['(9) the host in upper case', () => [proof({ htu: URI.replace('api.example.com', 'API.example.COM') })], 'ok'],
    ['(9) the default port', () => [proof({ htu: URI.replace('.com', '.com:443') })], 'ok'],
    ['(9) an escape that need not be', () => [proof({ htu: URI.replace('guitars', '%67uitars') })], 'ok'],
    ['(10) no nonce', () => [proof({ nonce: undefined })], 'proof_nonce_missing'],
    ['(10) a nonce that is none of ours', () => [proof({ nonce: 'x'.repeat(43) })], 'proof_nonce_unknown'],
    ['(10) a nonce that is a number', () => [proof({ nonce: 1 })], 'proof_nonce_unknown'],
    ['(12) no ath', () => [proof({ ath: undefined })], 'proof_token_mismatch'],
    ['(12) ath of another token', () => [proof({ ath: sha256Base64url('other') })], 'proof_token_mismatch'],
    ['(12) another key than the token is bound to', () => [proof({}, {}, createKey())], 'proof_key_mismatch'],
    ['all right', () => [proof()], 'ok'],
  ])('%s', (_, texts, reason) => {
    expect(reasonOf(texts())).toBe(reason)
  })

  test.each([
    [`a nonce of ${NONCE_LIFETIME_SECONDS} s`, NONCE_LIFETIME_SECONDS, 'ok'],
    [`a nonce of ${NONCE_LIFETIME_SECONDS + 1} s`, NONCE_LIFETIME_SECONDS + 1, 'proof_nonce_stale'],
  ])('(11) %s, whatever the device’s clock says', (_, age, reason) => {
    expect(reasonOf([proof({ nonce: nonces.mint(NOW - age), iat: 0 })])).toBe(reason)
  })

  test('a proof that we build is one, with both kinds of key', () => {
    for (const signer of [createKey(), createKey('Ed25519')]) {
      const text = buildProof(signer, { method: 'GET', uri: `${URI}?q`, now: NOW, jti: 'j', nonce: nonces.mint(NOW), accessToken: 'token' })
      expect(verifyProof([text], { ...expected, accessToken: { text: 'token', jkt: signer.kid } }, NOW)).toMatchObject({ ok: true })
    }
  })

  test('a known key is not imported again, and a wrong one is still refused', () => {
    const known: ProofExpectation = { ...expected, findKey: (jkt) => (jkt === key.kid ? buildKeyObject(key.jwk) : undefined) }
    expect(verifyProof([proof()], known, NOW).ok).toBe(true)
    expect(verifyProof([proof({}, { jwk: key.jwk }, createKey())], known, NOW)).toMatchObject({ error: { reason: 'proof_signature' } })
  })
})

test('RFC 9449 6.1: the thumbprint of the key in the examples is the jkt of the examples', () => {
  const jwk = parsePublicJwk({ kty: 'EC', x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs', y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA', crv: 'P-256' })
  expect(jwk.ok && buildThumbprint(jwk.value)).toBe('0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I')
})

test('RFC 8037 A.3: the thumbprint of its Ed25519 key', () => {
  const jwk = parsePublicJwk({ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' })
  expect(jwk.ok && buildThumbprint(jwk.value)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
})

describe('held against jose', () => {
  test.each(['P-256', 'Ed25519'] as const)('%s: thumbprint, our signature, its signature', async (curve) => {
    const signer = createKey(curve)
    expect(await calculateJwkThumbprint({ ...signer.jwk })).toBe(signer.kid)
    const ours = signJws(signer, { typ: 'at+jwt', payload: { a: 'é' } })
    const verified = await compactVerify(ours, await importJWK({ ...signer.jwk }, signer.alg))
    expect(JSON.parse(new TextDecoder().decode(verified.payload))).toEqual({ a: 'é' })
    const theirs = await new SignJWT({ b: 1 }).setProtectedHeader({ alg: signer.alg, typ: 'application/at+jwt' }).sign(signer.privateKey)
    const jws = parseJws(theirs)
    expect(jws).toMatchObject({ ok: true, value: { typ: 'at+jwt', payload: { b: 1 } } })
    expect(jws.ok && isSignedBy(jws.value, buildKeyObject(signer.jwk))).toBe(true)
    expect(jws.ok && isSignedBy(jws.value, buildKeyObject(createKey(curve).jwk))).toBe(false)
    expect(await exportJWK(buildKeyObject(signer.jwk))).toMatchObject(signer.jwk)
  })

  test('`crit` is refused (RFC 7515 4.1.11)', async () => {
    const text = await new CompactSign(Buffer.from('{}')).setProtectedHeader({ alg: 'ES256', crit: ['b64'], b64: true }).sign(key.privateKey)
    expect(parseJws(text)).toMatchObject({ ok: false, error: 'jws_critical_header' })
  })
})
