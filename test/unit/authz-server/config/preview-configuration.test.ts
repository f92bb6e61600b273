// TR48: `latchkey authz-server --dry-run` shows what a start would change, while the server runs, and changes nothing.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuthzServerConfig } from '../../../../authz-server/config/config.ts'
import { runCli } from '../../cli/run-cli.ts'
import { type AuthzWorld, startAuthzWorld } from '../support/authz-world.ts'

let world: AuthzWorld
beforeAll(async () => {
  world = await startAuthzWorld()
  await world.addPerson('alice')
  const device = await world.addDevice('guitar-1')
  await world.pair(device.fetch, device.clientId, 'alice')
})
afterAll(() => world.close())

function writeConfig(name: string, change: (config: AuthzServerConfig) => AuthzServerConfig): string {
  const file = join(world.directory, name)
  writeFileSync(file, JSON.stringify(change(world.server.context.config)))
  return file
}

const takeAway = (config: AuthzServerConfig): AuthzServerConfig => ({
  ...config,
  device_types: config.device_types.map((type) => ({ ...type, resources: type.resources.map((one) => ({ ...one, scopes: ['read'] })) })),
})

test('TR48: each change is a line, and nothing is written', async () => {
  const { read } = world.server.context.store
  const before = [await read.resources.listAll(), await read.feedLog.newestRevision()]
  const run = await runCli('authz-server', writeConfig('less.yaml', takeAway), '--dry-run')
  expect(run.exitCode).toBe(0)
  expect(run.stdout).toContain('thing guitar-1 loses play')
  expect(run.stdout).toContain('the tokens of device:guitar-1 are limited to read')
  expect([await read.resources.listAll(), await read.feedLog.newestRevision()]).toEqual(before)
})

test('TR48: the same configuration changes nothing, and a data directory without a database has nothing to change', async () => {
  expect(
    (
      await runCli(
        'authz-server',
        writeConfig('same.yaml', (config) => config),
        '--dry-run',
      )
    ).stdout,
  ).toBe('a start would not change any existing data\n')
  const elsewhere = writeConfig('new.yaml', (config) => ({ ...config, data_directory: join(world.directory, 'nothing-here') }))
  expect(JSON.parse((await runCli('authz-server', elsewhere, '--dry-run', '--json')).stdout)).toEqual({ changes: [] })
})
