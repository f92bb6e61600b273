// TR50: the times of an access token. 10 s of tolerance for `iat` and `nbf`, none for `exp`.
import { expect, test } from 'vitest'
import { buildKeyObject } from '../../../protocol/jwk.ts'
import { signJws } from '../../../protocol/jws.ts'
import { verifyAccessToken } from '../../../protocol/verify-access-token.ts'
import { createTestKey } from '../../support/issuer-fixture.ts'

const NOW = 1_700_000_000
const key = createTestKey()
const expected = { issuer: 'https://keys.example', audience: 'https://api.example', findKey: () => buildKeyObject(key.jwk) }

function reasonFor(changes: object): string {
  const claims = { iss: expected.issuer, aud: expected.audience, sub: 's', client_id: 'c', iat: NOW, exp: NOW + 600, jti: 'j', grant_id: 'g', scope: 'read' }
  const text = signJws(key, { typ: 'at+jwt', payload: { ...claims, cnf: { jkt: key.kid, jwk: key.jwk }, ...changes } })
  const verified = verifyAccessToken(text, expected, NOW)
  return verified.ok ? 'ok' : verified.error.reason
}

test.each([
  ['iat 10 s ahead', { iat: NOW + 10 }, 'ok'],
  ['iat 11 s ahead', { iat: NOW + 11 }, 'token_from_the_future'],
  ['nbf now', { nbf: NOW }, 'ok'],
  ['nbf 10 s ahead', { nbf: NOW + 10 }, 'ok'],
  ['nbf 11 s ahead', { nbf: NOW + 11 }, 'token_from_the_future'],
  ['nbf in an hour, iat in the past', { iat: NOW - 3600, nbf: NOW + 3600 }, 'token_from_the_future'],
  ['nbf as a string', { nbf: String(NOW) }, 'claims_malformed'],
  ['nbf null', { nbf: null }, 'claims_malformed'],
  ['nbf negative', { nbf: -1 }, 'claims_malformed'],
  ['exp one second ahead', { exp: NOW + 1 }, 'ok'],
  ['exp now', { exp: NOW }, 'token_expired'],
  ['exp as a string', { exp: String(NOW + 600) }, 'claims_malformed'],
])('TR50: %s', (_, changes, reason) => {
  expect(reasonFor(changes)).toBe(reason)
})
