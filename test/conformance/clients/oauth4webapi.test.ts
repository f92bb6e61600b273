// oauth4webapi, a strict reader by others, validates our metadata, tokens, error bodies and challenges.
import type { webcrypto } from 'node:crypto'
import { exportJWK, generateKeyPair, importPKCS8 } from 'jose'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from '../../support/world.ts'
import { type AuthzWorld, payloadOf, startAuthzWorld } from '../../unit/authz-server/support/authz-world.ts'

const insecure = { [oauth.allowInsecureRequests]: true }
let world: World
let server: oauth.AuthorizationServer
beforeAll(async () => {
  world = await startWorld()
  server = await discover('oauth2')
})
afterAll(() => world.stop())

async function discover(algorithm: 'oauth2' | 'oidc'): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(world.issuer)
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm, ...insecure }))
}

const device = (id: string): oauth.Client => ({ client_id: `device:${id}` })

describe('oauth4webapi: metadata', () => {
  test('takes both discovery documents, which say the same', async () => {
    expect(await discover('oidc')).toEqual(await discover('oauth2'))
    expect(server.dpop_signing_alg_values_supported).toContain('ES256')
  })
})

describe('oauth4webapi: an access token for an API that is not behind a sidecar', () => {
  const API = 'https://lamps.example.test'
  let authz: AuthzWorld
  let authzServer: oauth.AuthorizationServer
  beforeAll(async () => {
    authz = await startAuthzWorld((config) => ({
      ...config,
      resource_servers: [...config.resource_servers, { id: API, name: 'Lamps' }],
      device_types: [
        ...config.device_types,
        { kind: 'lamp', resource_server: API, resources: [{ key: '{device}', name: 'Lamp {device}', type: 'lamp', tags: [], scopes: ['read'] }] },
      ],
    }))
    const issuer = new URL(authz.issuer)
    authzServer = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }))
    await authz.addPerson('alice')
  })
  afterAll(() => authz.close())

  test('is valid with its proof, as RFC 9068 and RFC 9449 say', async () => {
    const device = await authz.addDevice('lamp-1', { kind: 'lamp' })
    const { body } = await authz.pair(device.fetch, device.clientId, 'alice')
    const token = String(body['access_token'])
    const pem = device.key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const request = await buildRequest({ url: `${API}/lamps/1`, pem, jwk: device.key.jwk, accessToken: token })
    const validated = await oauth.validateJwtAccessToken(authzServer, request, API, { requireDPoP: true, signingAlgorithms: ['ES256'], ...insecure })
    expect(validated).toMatchObject({ client_id: 'device:lamp-1', sub: 'alice', cnf: { jkt: device.key.kid } })
  })

  test('a token for an API behind a sidecar carries the key as well, and one for this server does not', async () => {
    const device = await authz.addDevice('guitar-1')
    const { body } = await authz.pair(device.fetch, device.clientId, 'alice')
    expect(payloadOf(body['access_token'])['cnf']).toEqual({ jkt: device.key.kid, jwk: device.key.jwk })
    const { token } = await authz.serviceToken('operator', 'registry')
    expect(payloadOf(token)['cnf']).toEqual({ jkt: authz.keys.operator.kid })
  })
})

interface SentRequest {
  readonly url: string
  readonly pem: string
  readonly jwk: object
  readonly accessToken: string
}

/** A request as a resource server gets it, with a proof that the library made. */
async function buildRequest({ url, pem, jwk, accessToken }: SentRequest): Promise<Request> {
  const privateKey = await importPKCS8(pem, 'ES256', { extractable: true })
  const publicKey = await crypto.subtle.importKey('jwk', jwk as webcrypto.JsonWebKey, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify'])
  const DPoP = oauth.DPoP({}, { privateKey: privateKey as webcrypto.CryptoKey, publicKey })
  let sent: Headers | undefined
  await oauth.protectedResourceRequest(accessToken, 'GET', new URL(url), new Headers(), null, {
    DPoP,
    ...insecure,
    [oauth.customFetch]: async (_url, options) => {
      sent = new Headers(options.headers)
      return new Response()
    },
  })
  return new Request(url, { headers: { authorization: `DPoP ${accessToken}`, dpop: sent?.get('dpop') ?? '' } })
}

describe('oauth4webapi: errors of the token endpoint', () => {
  test('a missing nonce is one that the library answers by itself', async () => {
    const keys = (await generateKeyPair('ES256', { extractable: true })) as webcrypto.CryptoKeyPair
    const DPoP = oauth.DPoP({}, keys)
    const ask = () => oauth.deviceCodeGrantRequest(server, device('strict-1'), oauth.None(), 'no-such-code', { DPoP, ...insecure })
    const first = await oauth.processDeviceCodeResponse(server, device('strict-1'), await ask()).catch((error: unknown) => error)
    expect(oauth.isDPoPNonceError(first)).toBe(true)
    const second = await oauth.processDeviceCodeResponse(server, device('strict-1'), await ask()).catch((error: unknown) => error)
    expect(oauth.isDPoPNonceError(second)).toBe(false)
    expect(second).toBeInstanceOf(oauth.ResponseBodyError)
    expect((second as oauth.ResponseBodyError).error).toMatch(/^invalid_(grant|client)$/)
  })

  test('a request without any proof is refused in the form of RFC 6749 5.2', async () => {
    const response = await oauth.deviceCodeGrantRequest(server, device('strict-1'), oauth.None(), 'no-such-code', insecure)
    const error = await oauth.processDeviceCodeResponse(server, device('strict-1'), response).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(oauth.ResponseBodyError)
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test('a ticket that nobody gave is an invalid grant', async () => {
    const keys = (await generateKeyPair('ES256', { extractable: true })) as webcrypto.CryptoKeyPair
    const DPoP = oauth.DPoP({}, keys)
    const app: oauth.Client = { client_id: 'band-app' }
    const ask = () =>
      oauth.genericTokenEndpointRequest(
        server,
        app,
        oauth.None(),
        'urn:ietf:params:oauth:grant-type:uma-ticket',
        { ticket: 'no-such-ticket' },
        { DPoP, ...insecure },
      )
    await oauth.processGenericTokenEndpointResponse(server, app, await ask()).catch(() => undefined)
    await expect(oauth.processGenericTokenEndpointResponse(server, app, await ask())).rejects.toMatchObject({ error: 'invalid_grant', status: 400 })
  })
})

describe('oauth4webapi: a service', () => {
  test('gets a token by a signed assertion, introspects with it, and reads the answer', async () => {
    const service: oauth.Client = { client_id: world.sidecarClient.clientId }
    const { jwk, privateKey, kid } = world.sidecarClient.key
    const signing = (await importPKCS8(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'ES256', { extractable: true })) as webcrypto.CryptoKey
    const publicKey = await crypto.subtle.importKey('jwk', { ...jwk }, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify'])
    expect(await exportJWK(publicKey)).toMatchObject(jwk)
    const DPoP = oauth.DPoP({}, { privateKey: signing, publicKey })
    const authentication = oauth.PrivateKeyJwt({ key: signing, kid })
    const ask = () => oauth.clientCredentialsGrantRequest(server, service, authentication, { scope: 'uma_protection' }, { DPoP, ...insecure })
    await oauth.processClientCredentialsResponse(server, service, await ask()).catch(() => undefined)
    const token = await oauth.processClientCredentialsResponse(server, service, await ask())
    expect(token).toMatchObject({ token_type: 'dpop', scope: 'uma_protection' })
  })
})

describe('oauth4webapi: the challenges of the sidecar', () => {
  test('are read as DPoP and UMA, with their parameters', async () => {
    const { key } = await world.pairDevice('strict-2')
    const refused = await fetch(`${world.sidecar}/guitars/${'strict-2'}/tuning`)
    const challenges = await readChallenges(refused)
    expect(challenges.map(({ scheme }) => scheme)).toEqual(['dpop', 'uma'])
    expect(challenges[0]?.parameters['algs']).toContain('ES256')
    expect(challenges[1]?.parameters).toMatchObject({ as_uri: world.issuer, ticket: expect.stringMatching(/./), realm: expect.stringMatching(/./) })
    expect(key.kid).toMatch(/./)
  })
})

/** The library reads challenges only where it makes requests itself, so the answer is handed to it as one. */
async function readChallenges(response: Response): Promise<readonly oauth.WWWAuthenticateChallenge[]> {
  const error = await oauth
    .protectedResourceRequest('unused', 'GET', new URL(response.url), new Headers(), null, { ...insecure, [oauth.customFetch]: async () => response })
    .catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(oauth.WWWAuthenticateChallengeError)
  return (error as oauth.WWWAuthenticateChallengeError).cause
}
