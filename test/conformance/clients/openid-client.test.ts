// openid-client, a client by others, runs the whole device grant with DPoP and nonces against the authz server and calls through the sidecar.
import { createHash, KeyObject, type webcrypto } from 'node:crypto'
import { calculateJwkThumbprint, generateKeyPair, SignJWT } from 'jose'
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportPublicJwk } from '../../../system/generate-key.ts'
import { startWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

interface ForeignDevice {
  readonly config: client.Configuration
  readonly DPoP: client.DPoPHandle
  readonly keys: webcrypto.CryptoKeyPair
}

/** The library has no DPoP at the device authorization endpoint, where a device must prove its key: a `customFetch` adds the proof. */
async function createForeignDevice(id: string, keys?: webcrypto.CryptoKeyPair): Promise<ForeignDevice> {
  const pair = keys ?? ((await generateKeyPair('ES256', { extractable: true })) as webcrypto.CryptoKeyPair)
  const config = await client.discovery(new URL(world.issuer), `device:${id}`, undefined, client.None(), {
    execute: [client.allowInsecureRequests],
    algorithm: 'oauth2',
  })
  config[client.customFetch] = async (url, options) => {
    if (!url.endsWith('/device_authorization')) return fetch(url, options as RequestInit)
    const send = async (nonce: string | null) => {
      const headers = { ...options.headers, dpop: await signProof(pair, { htm: options.method, htu: url, ...(nonce === null ? {} : { nonce }) }) }
      return fetch(url, { ...(options as RequestInit), headers })
    }
    const first = await send(null)
    return first.status === 400 && first.headers.has('dpop-nonce') ? send(first.headers.get('dpop-nonce')) : first
  }
  return { config, keys: pair, DPoP: client.getDPoPHandle(config, pair) }
}

async function signProof(pair: webcrypto.CryptoKeyPair, claims: Record<string, string>): Promise<string> {
  const header = { alg: 'ES256', typ: 'dpop+jwt', jwk: exportPublicJwk(KeyObject.from(pair.publicKey)) }
  return new SignJWT({ ...claims, jti: crypto.randomUUID() }).setProtectedHeader(header).setIssuedAt().sign(pair.privateKey)
}

async function pairForeignDevice(id: string): Promise<ForeignDevice & { readonly tokens: client.TokenEndpointResponse }> {
  const device = await createForeignDevice(id)
  await world.importDevice(id, await calculateJwkThumbprint(exportPublicJwk(KeyObject.from(device.keys.publicKey))))
  const started = await client.initiateDeviceAuthorization(device.config, {})
  await world.alice.confirm(await world.alice.enterCode(started.user_code))
  const tokens = await client.pollDeviceAuthorizationGrant(device.config, started, undefined, { DPoP: device.DPoP })
  return { ...device, tokens }
}

describe('TR55: openid-client as it is, without a fetch of its own', () => {
  test('TR55: an app pairs by the device grant, with DPoP from the token request on, and renews its tokens', async () => {
    const config = await client.discovery(new URL(world.issuer), 'band-app', undefined, client.None(), { execute: [client.allowInsecureRequests] })
    const keys = (await generateKeyPair('ES256', { extractable: true })) as webcrypto.CryptoKeyPair
    const DPoP = client.getDPoPHandle(config, keys)
    const started = await client.initiateDeviceAuthorization(config, { scope: 'openid' })
    const page = await world.alice.enterCode(started.user_code)
    expect(page.html).toContain('This app has not proved that it has a key yet')
    await world.alice.confirm(page)
    const tokens = await client.pollDeviceAuthorizationGrant(config, started, undefined, { DPoP })
    expect(tokens).toMatchObject({ token_type: 'dpop', scope: 'openid' })
    expect(tokens.claims()).toMatchObject({
      aud: 'band-app',
      email: 'alice@example.test',
      cnf: { jkt: await calculateJwkThumbprint(exportPublicJwk(KeyObject.from(keys.publicKey))) },
    })
    const renewed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP })
    expect(renewed.refresh_token).not.toBe(tokens.refresh_token)
  }, 30_000)

  test('TR55: without DPoP it reads why the token request is refused', async () => {
    const config = await client.discovery(new URL(world.issuer), 'band-app', undefined, client.None(), { execute: [client.allowInsecureRequests] })
    const started = await client.initiateDeviceAuthorization(config, { scope: 'openid' })
    await expect(client.pollDeviceAuthorizationGrant(config, started)).rejects.toMatchObject({
      error: 'invalid_dpop_proof',
      error_description: expect.stringMatching(/DPoP header is missing/),
    })
  }, 30_000)
})

describe('openid-client', () => {
  test('discovers the server under each of its three documents', async () => {
    for (const path of ['oauth-authorization-server', 'openid-configuration', 'uma2-configuration']) {
      const config = await client.discovery(new URL(`${world.issuer}/.well-known/${path}`), 'band-app', undefined, client.None(), {
        execute: [client.allowInsecureRequests],
      })
      expect(config.serverMetadata()).toMatchObject({ issuer: world.issuer, token_endpoint: `${world.issuer}/token` })
    }
  })

  test('pairs a device, calls through the sidecar, and renews its tokens', async () => {
    const { config, DPoP, tokens } = await pairForeignDevice('foreign-1')
    expect(tokens).toMatchObject({ token_type: 'dpop', expires_in: 600 })

    const uri = new URL(`${world.sidecar}/guitars/foreign-1/tuning`)
    const answer = await client.fetchProtectedResource(config, tokens.access_token, uri, 'GET', null, undefined, { DPoP })
    expect(answer.status).toBe(200)
    expect(world.recorder.requests.at(-1)).toMatchObject({ method: 'GET', url: '/guitars/foreign-1/tuning' })
    expect(world.recorder.requests.at(-1)?.headers).not.toHaveProperty('authorization')

    const renewed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP })
    expect(renewed.refresh_token).not.toBe(tokens.refresh_token)
    const again = await client.fetchProtectedResource(config, renewed.access_token, uri, 'GET', null, undefined, { DPoP })
    expect(again.status).toBe(200)
  }, 30_000)

  test('is refused with a key that is not in the registry', async () => {
    const device = await createForeignDevice('foreign-2')
    await world.importDevice('foreign-2', createHash('sha256').update('another key').digest('base64url'))
    await expect(client.initiateDeviceAuthorization(device.config, {})).rejects.toMatchObject({ error: expect.stringMatching(/^invalid_/) })
  })

  test('learns that the owner said no', async () => {
    const device = await createForeignDevice('foreign-3')
    await world.importDevice('foreign-3', await calculateJwkThumbprint(exportPublicJwk(KeyObject.from(device.keys.publicKey))))
    const started = await client.initiateDeviceAuthorization(device.config, {})
    await world.alice.deny(await world.alice.enterCode(started.user_code))
    await expect(client.pollDeviceAuthorizationGrant(device.config, started, undefined, { DPoP: device.DPoP })).rejects.toMatchObject({
      error: 'access_denied',
    })
  }, 30_000)

  test('cannot renew with another key than the one that was paired', async () => {
    const { config, tokens } = await pairForeignDevice('foreign-4')
    const thief = client.getDPoPHandle(config, (await generateKeyPair('ES256', { extractable: true })) as webcrypto.CryptoKeyPair)
    await expect(client.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP: thief })).rejects.toMatchObject({
      error: expect.stringMatching(/^invalid_(grant|client|dpop_proof)$/),
    })
  }, 30_000)
})
