// Revocation from end to end: what the owner or the operator ends is refused at the sidecar a moment later, open streams included.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createGuitarsApi, DEMO_GUITARS } from '../../examples/guitars/guitars-api.ts'
import { startWorld, type World, type WorldClient } from '../support/world.ts'

let world: World
beforeAll(async () => {
  const ids = ['guitar-r1', 'guitar-r2', 'guitar-r3']
  const [model] = DEMO_GUITARS
  if (model === undefined) throw new Error('there is no guitar')
  world = await startWorld({ upstream: createGuitarsApi(ids.map((id) => ({ ...model, id }))) })
})
afterAll(() => world.stop())

async function untilRefused(device: WorldClient, id: string): Promise<number> {
  const started = performance.now()
  for (let tries = 0; tries < 500; tries += 1) {
    const outcome = await device.client.fetch(`${world.sidecar}/guitars/${id}/tuning`).then(
      (response) => response.status,
      (error: { code?: string }) => error.code,
    )
    if (outcome !== 200) {
      expect(outcome).toBe('revoked')
      return performance.now() - started
    }
  }
  throw new Error('never refused')
}

test('a device that its owner revokes is refused within 5 s, and can get no other token', async () => {
  const device = await world.pairDevice('guitar-r1')
  expect((await device.client.fetch(`${world.sidecar}/guitars/guitar-r1/tuning`)).status).toBe(200)
  await world.alice.revokeDevice('guitar-r1')
  expect(await untilRefused(device, 'guitar-r1')).toBeLessThan(5000)
  expect(await device.client.pair({ onCode: () => {} })).toMatchObject({ ok: false, error: { reason: 'client_refused' } })
})

test('a device that the operator revokes is refused too', async () => {
  const device = await world.pairDevice('guitar-r2')
  expect((await device.client.fetch(`${world.sidecar}/guitars/guitar-r2/tuning`)).status).toBe(200)
  await world.operator.call({ method: 'POST', path: '/registry/devices/guitar-r2/revoke' })
  expect(await untilRefused(device, 'guitar-r2')).toBeLessThan(5000)
})

test('T19: an open stream is cut when the device is revoked', async () => {
  const device = await world.pairDevice('guitar-r3')
  const response = await device.client.fetch(`${world.sidecar}/guitars/guitar-r3/events`)
  expect(response.status).toBe(200)
  const reader = response.body?.getReader()
  expect((await reader?.read())?.done).toBe(false)
  const revoked = performance.now()
  await world.alice.revokeDevice('guitar-r3')
  const ended = (async () => {
    for (;;) {
      const part = await reader?.read().catch(() => ({ done: true }))
      if (part?.done !== false) return performance.now() - revoked
    }
  })()
  expect(await ended).toBeLessThan(5000)
})
