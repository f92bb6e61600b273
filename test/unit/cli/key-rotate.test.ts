// TR33: `latchkey key rotate`, against a real authz server.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatPrivateKey } from '../../../system/private-key.ts'
import { type AuthzWorld, startAuthzWorld } from '../authz-server/support/authz-world.ts'
import { runCli } from './run-cli.ts'

let world: AuthzWorld
let directory: string
beforeAll(async () => {
  world = await startAuthzWorld()
  directory = mkdtempSync(join(tmpdir(), 'latchkey-rotate-'))
  for (const [name, key] of Object.entries(world.keys)) writeFileSync(join(directory, `${name}.json`), formatPrivateKey(key), { mode: 0o600 })
  await world.addPerson('alice')
})
afterAll(async () => {
  rmSync(directory, { recursive: true })
  await world.close()
})

const options = (client = 'operator') => ['--issuer', world.issuer, '--client-id', client, '--key-file', join(directory, `${client}.json`)]
const listKids = async () => ((await (await fetch(`${world.issuer}/jwks`)).json()) as { keys: { kid: string }[] }).keys.map((key) => key.kid)

test('TR33: key rotate: the published next key signs, the one before stays valid, tokens of both are accepted', async () => {
  const device = await world.addDevice('guitar-1')
  const paired = await world.pair(device.fetch, device.clientId, 'alice')
  const [signing, next] = await listKids()
  const run = await runCli('key', 'rotate', '--json', ...options())
  expect([run.exitCode, run.stderr]).toEqual([0, ''])
  const answer = JSON.parse(run.stdout) as Record<string, unknown>
  const listed = await listKids()
  expect(answer).toEqual({ kid: next, retired_kid: signing, retired_until: world.now() + 7200, next_kid: listed[1] })
  expect(listed).toEqual([next, answer['next_kid'], signing])
  const introspect = (token: unknown) => {
    const body = new URLSearchParams({ token: String(token) }).toString()
    return world.call('sidecar', 'uma_protection', '/introspect', { method: 'POST', type: 'application/x-www-form-urlencoded', body })
  }
  expect((await introspect(paired.body['access_token'])).body['active']).toBe(true)
  const refreshed = await world.refresh(device.fetch, device.clientId, String(paired.body['refresh_token']))
  expect((await introspect(refreshed.body['access_token'])).body['active']).toBe(true)
})

test('TR33: key rotate says in words what happened, and warns when the new key is hardly known yet', async () => {
  world.keyring.rotate(world.now() - 60)
  const run = await runCli('key', 'rotate', ...options())
  const [signing, next, retired] = await listKids()
  expect(run.stdout).toContain(
    `signs now   ${signing}\nretired     ${retired}, accepted until ${new Date((world.now() + 7200) * 1000).toISOString()}\nnext        ${next}\n`,
  )
  expect(run.stdout).toContain('warning: the new key had been in /jwks for only 60 s')
  world.keyring.rotate(world.now() - 3600)
  expect((await runCli('key', 'rotate', ...options())).stdout).not.toContain('warning')
})

test('TR33: key rotate is for operators: another client is refused, with the reason', async () => {
  const before = await listKids()
  const run = await runCli('key', 'rotate', ...options('sidecar'))
  expect(run.exitCode).toBe(1)
  expect(run.stderr).toMatch(/sidecar/)
  expect(await listKids()).toEqual(before)
})
