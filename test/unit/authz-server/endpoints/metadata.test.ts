import { expect, test } from 'vitest'
import { buildMetadata } from '../../../../authz-server/endpoints/metadata.ts'
import { GRANTS } from '../../../../authz-server/endpoints/token.ts'
import { ENDPOINTS } from '../../../../authz-server/routes.ts'

const ISSUER = 'https://keys.example.test'
const metadata = buildMetadata(ISSUER) as Record<string, unknown>

test('every endpoint that the metadata names is served', () => {
  const named = Object.values(metadata).filter((value): value is string => typeof value === 'string' && value.startsWith(`${ISSUER}/`))
  expect(named.length).toBeGreaterThan(5)
  for (const uri of named) expect(ENDPOINTS.map((endpoint) => endpoint.path)).toContain(uri.slice(ISSUER.length))
})

test('the grant types that it names are those of the token endpoint', () => {
  expect([...(metadata['grant_types_supported'] as string[])].sort()).toEqual(GRANTS.map((grant) => grant.grantType).sort())
})

test('RFC 8414: the issuer is exactly the configured one, and all three documents are one', () => {
  expect(metadata['issuer']).toBe(ISSUER)
  const documents = ENDPOINTS.filter((endpoint) => endpoint.path.startsWith('/.well-known/'))
  expect(documents).toHaveLength(3)
  expect(new Set(documents.map((endpoint) => endpoint.handle)).size).toBe(1)
})

test('no path is served twice by one method', () => {
  const keys = ENDPOINTS.map((endpoint) => `${endpoint.method} ${endpoint.path}`)
  expect(new Set(keys).size).toBe(keys.length)
})

test('every endpoint that takes a service token or changes something has a step that lets few in', () => {
  const open = ENDPOINTS.filter((endpoint) => endpoint.method !== 'GET' && endpoint.steps.length < 2).map((endpoint) => endpoint.path)
  expect(open).toEqual([])
})
