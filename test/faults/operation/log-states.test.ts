// TR30: what happens to a running program is logged once each way, and challenges for a nonce only at the level debug.

import { join } from 'node:path'
import Database from 'libsql'
import { afterEach, expect, test } from 'vitest'
import { type AuthzWorld, newKey, startAuthzWorld } from '../../support/authz-world.ts'
import { until } from '../../support/raw-socket.ts'
import { type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

let rig: SidecarRig | undefined
let world: AuthzWorld | undefined
afterEach(async () => {
  await rig?.close()
  await world?.close()
  rig = undefined
  world = undefined
})

test('TR30: the sidecar says that the feed is lost, and that it is back', async () => {
  const started = await startRig()
  rig = started
  const seen = () => started.notices.map((notice) => notice.split(':')[0]).filter((event) => event?.startsWith('feed_'))
  started.issuer.mode = 'down'
  started.issuer.endStreams()
  await until(() => seen().includes('feed_lost'), 10_000)
  started.issuer.mode = 'up'
  await until(() => started.issuer.openStreams() > 0, 15_000)
  started.issuer.beat()
  await until(() => seen().includes('feed_back'), 10_000)
  expect(seen()).toEqual(['feed_lost', 'feed_back'])
})

test('TR30: challenges for a nonce are debug, other refusals are info', async () => {
  world = await startAuthzWorld()
  await world.provingFetch(newKey())(`${world.origin}/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'x', client_id: 'band-app' }) })
  await fetch(`${world.origin}/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'x' }) })
  const refusals = world.log.filter(({ event }) => event === 'proof_refused').map(({ level, facts }) => `${level} ${String(facts['reason'])}`)
  expect(refusals).toContain('debug proof_nonce_missing')
  expect(refusals).toContain('info proof_missing')
  expect(refusals.filter((line) => line.includes('nonce') && !line.startsWith('debug'))).toEqual([])
})

test('TR30: a locked database is logged once, and once when it is free', { timeout: 60_000 }, async () => {
  world = await startAuthzWorld()
  const started = world
  const locker = new Database(join(started.context.config.data_directory, 'latchkey.db'))
  const write = () => started.context.store.transaction(({ pairings }) => pairings.prune(0))
  locker.exec('BEGIN IMMEDIATE')
  for (let turn = 0; turn < 2; turn += 1) await expect(write()).rejects.toThrow(/locked/)
  locker.exec('ROLLBACK')
  for (let turn = 0; turn < 2; turn += 1) await write()
  locker.close()
  expect(started.log.map(({ event }) => event).filter((event) => event.startsWith('store_'))).toEqual(['store_busy', 'store_ok'])
})
