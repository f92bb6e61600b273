// The process itself: a clean end on SIGTERM, a start that refuses with its reason, codes and keys that outlive it, and keys that turn while it is used.
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { createProvingFetch } from '../../../protocol/dpop/proving-fetch.ts'
import { buildKeyObject, type PublicJwk } from '../../../protocol/jwk.ts'
import { verifyAccessToken } from '../../../protocol/verify-access-token.ts'
import { type AuthzWorld, GUITARS, generateKey, startAuthzWorld } from '../../unit/authz-server/support/authz-world.ts'
import { buildProgram, createServerProcess, type ServerProcess } from './server-process.ts'

let server: ServerProcess | undefined
let world: AuthzWorld | undefined
beforeAll(buildProgram)
afterEach(async () => {
  await server?.dispose()
  await world?.close()
  server = undefined
  world = undefined
})

const provingFetch = (key: ReturnType<typeof generateKey>) =>
  createProvingFetch(key, { fetch, clock: () => Math.floor(Date.now() / 1000), randomBytes: (count) => randomBytes(count) })

test('FA31: SIGTERM lets the streams and requests end, exits 0 within 10 s, and says why', async () => {
  server = await createServerProcess()
  await server.start()
  const running = server
  const keepAlive = await fetch(`${running.issuer}/jwks`)
  expect(keepAlive.status).toBe(200)
  const started = performance.now()
  expect(await running.stop()).toBe(0)
  expect(performance.now() - started).toBeLessThan(10_000)
  expect(running.output()).toContain('"event":"stopping"')
})

test.each([
  { title: 'an unknown option', spoil: (text: string) => `${text}\nunknwon: 1\n`, code: 2, expected: /authz-server\.yaml:\d+:1 unknwon: unknown option/ },
  { title: 'no such file', spoil: undefined, code: 2, expected: /does not exist\. Give the path/ },
])('FA37: $title: it refuses to start, with exit code $code', async ({ spoil, code, expected }) => {
  server = await createServerProcess()
  if (spoil) writeFileSync(server.configFile, spoil(readFileSync(server.configFile, 'utf8')))
  const file = spoil ? server.configFile : `${server.configFile}.missing`
  const ended = spawnSync(process.execPath, [join('dist', 'cli', 'main.js'), 'authz-server', file], { encoding: 'utf8', timeout: 20_000 })
  expect([ended.status, ended.stderr]).toEqual([code, expect.stringMatching(expected)])
})

test('S03: with a key file that others can read it refuses to start', async () => {
  server = await createServerProcess()
  await server.start()
  await server.stop()
  chmodSync(join(server.dataDirectory, 'keys', 'signing-keys.json'), 0o644)
  const ended = spawnSync(process.execPath, [join('dist', 'cli', 'main.js'), 'authz-server', server.configFile], { encoding: 'utf8', timeout: 20_000 })
  expect([ended.status, ended.stderr]).toEqual([2, expect.stringMatching(/signing-keys\.json: others can read this key; run chmod 600/)])
})

test('a port in use and a lenient parser are said plainly', { timeout: 60_000 }, async () => {
  server = await createServerProcess()
  await server.start()
  // With a data directory of its own: the one that is in use would be refused first (TR26).
  const other = join(server.directory, 'other.yaml')
  writeFileSync(other, readFileSync(server.configFile, 'utf8').replace(/^data_directory: .*$/m, 'data_directory: ./other-data'))
  const again = spawnSync(process.execPath, [join('dist', 'cli', 'main.js'), 'authz-server', other], { encoding: 'utf8', timeout: 20_000 })
  expect([again.status, again.stderr]).toEqual([2, expect.stringMatching(/EADDRINUSE/)])
  const lenient = spawnSync(process.execPath, ['--insecure-http-parser', join('dist', 'cli', 'main.js'), 'authz-server', server.configFile], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  expect([lenient.status, lenient.stderr]).toEqual([2, expect.stringMatching(/insecure-http-parser/)])
})

test('a code and the keys outlive the process', async () => {
  server = await createServerProcess()
  await server.start()
  const key = generateKey()
  const manifest = { type: 'text/csv', text: `id,kind,model,jkt\nguitar-1,guitar,Model,${key.kid}\n` }
  await server.operator.call({ method: 'POST', path: '/registry/devices/import', body: manifest })
  await server.operator.call({ method: 'POST', path: '/registry/devices/guitar-1/activate' })
  const device = provingFetch(key)
  const started = await device(`${server.issuer}/device_authorization`, { method: 'POST', body: new URLSearchParams({ client_id: 'device:guitar-1' }) })
  const { device_code: deviceCode } = (await started.json()) as { device_code: string }
  const keysBefore = await (await fetch(`${server.issuer}/jwks`)).json()
  await server.kill()
  await server.start()
  expect(await (await fetch(`${server.issuer}/jwks`)).json()).toEqual(keysBefore)
  const form = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: 'device:guitar-1', device_code: deviceCode }
  const polled = await device(`${server.issuer}/token`, { method: 'POST', body: new URLSearchParams(form) })
  expect(((await polled.json()) as { error: string }).error).toBe('authorization_pending')
})

test('FA25: keys turn every 200 ms while tokens are made and used: none is refused, by us or by a key list that is minutes old', {
  timeout: 60_000,
}, async () => {
  world = await startAuthzWorld()
  await world.addPerson('alice')
  const device = await world.addDevice('guitar-1')
  let { body } = await world.pair(device.fetch, device.clientId, 'alice')
  const keysOf = async () => ((await (await fetch(`${world?.issuer}/jwks`)).json()) as { keys: (PublicJwk & { kid: string })[] }).keys
  const kids = new Set<string>()
  for (let round = 0; round < 20; round += 1) {
    // A resource server that took the list before the turn knows the key that signs after it.
    const listed = await keysOf()
    await world.call('operator', 'registry', '/registry/keys/rotate', { method: 'POST' })
    const refreshed = await world.refresh(device.fetch, device.clientId, String(body['refresh_token']))
    expect(refreshed.status).toBe(200)
    body = refreshed.body
    const findKey = (kid: string) => {
      const found = listed.find((key) => key.kid === kid)
      return found && buildKeyObject(found)
    }
    expect(verifyAccessToken(String(body['access_token']), { issuer: world.issuer, audience: GUITARS, findKey }, world.now())).toMatchObject({ ok: true })
    kids.add(world.keyring.active().kid)
    const { status } = await world.call('sidecar', 'feed', '/feed/snapshot')
    expect(status).toBe(200)
  }
  expect(kids.size).toBe(20)
})

test('FA25: a key that was retired for two hours is gone, and not before', async () => {
  world = await startAuthzWorld()
  const first = world.keyring.active().kid
  world.keyring.rotate(1000)
  world.keyring.rotate(1000 + 7199)
  expect(world.keyring.find(first)).toBeDefined()
  world.keyring.rotate(1000 + 7200)
  expect(world.keyring.find(first)).toBeUndefined()
})
