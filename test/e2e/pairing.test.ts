// A whole pairing: registry, code, the owner's pages, token, call through the sidecar, renewal, and the ways it can end otherwise.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { textOf } from '../../examples/dev-world/page-visitor.ts'
import { claimsOf, startPairing } from '../../examples/dev-world/story/pairing-steps.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

describe('a pairing from end to end', () => {
  test('ends with a token of the owner that works through the sidecar', async () => {
    const { client, key } = await world.pairDevice('guitar-e1')
    const claims = claimsOf((await client.tokens()).access_token)
    expect(claims).toMatchObject({
      client_id: 'device:guitar-e1',
      device_id: 'guitar-e1',
      act: { sub: 'device:guitar-e1' },
      cnf: { jkt: key.kid, jwk: key.jwk },
    })

    const answer = await client.fetch(`${world.sidecar}/guitars/guitar-e1/tuning?verbose=1`)
    expect(answer.status).toBe(200)
    const forwarded = world.recorder.requests.at(-1)
    expect(forwarded).toMatchObject({ method: 'GET', url: '/guitars/guitar-e1/tuning?verbose=1' })
    expect(forwarded?.headers).toMatchObject({ 'latchkey-subject': claims['sub'], 'latchkey-device': 'guitar-e1' })
    expect(Object.keys(forwarded?.headers ?? {})).not.toContain('dpop')
  })

  test('shows the owner what asks, and decides nothing before the button', async () => {
    const { client } = await world.createDevice('guitar-e2')
    const { code, ended } = await startPairing(client)
    const page = await world.alice.enterCode(code.userCode.toLowerCase().replace('-', ' '))
    const text = textOf(page.html)
    for (const word of code.fingerprintWords) expect(text).toContain(word)
    expect(text).toContain('smart-guitar')
    expect(text).toContain('Nightingale S')
    await world.alice.visitor.open(new URL(code.verificationUriComplete).pathname + new URL(code.verificationUriComplete).search)
    expect(client.isPaired()).toBe(false)
    await world.alice.confirm(page)
    expect(await ended).toMatchObject({ ok: true })
  })

  test('ends with "denied" when the owner says no', async () => {
    const { client } = await world.createDevice('guitar-e3')
    const { code, ended } = await startPairing(client)
    await world.alice.deny(await world.alice.enterCode(code.userCode))
    expect(await ended).toEqual({ ok: false, error: { reason: 'denied' } })
  })

  test('ends with "expired" when nobody enters the code', async () => {
    const { client } = await world.createDevice('guitar-e4')
    const { ended } = await startPairing(client)
    expect(await ended).toEqual({ ok: false, error: { reason: 'expired' } })
  })

  test('does not begin for a device that is not in the registry', async () => {
    const { client } = await world.createDevice('guitar-e5')
    await world.operator.call({ method: 'POST', path: '/registry/devices/guitar-e5/revoke' })
    expect(await client.pair({ onCode: () => {} })).toMatchObject({ ok: false, error: { reason: 'client_refused' } })
  })

  test('lasts: tokens are renewed after their end, each time with a new refresh token', async () => {
    const { client } = await world.pairDevice('guitar-e6')
    const first = await client.tokens()
    world.pass(700)
    await untilReady()
    expect((await client.fetch(`${world.sidecar}/guitars/guitar-e6/tuning`)).status).toBe(200)
    const second = await client.tokens()
    expect(second.access_token).not.toBe(first.access_token)
    expect(second.refresh_token).not.toBe(first.refresh_token)
  })

  test("is for the owner's things alone: another's are not reached", async () => {
    await world.pairDevice('guitar-e7')
    const bobs = await world.createDevice('guitar-e8')
    const { code, ended } = await startPairing(bobs.client)
    await world.bob.confirm(await world.bob.enterCode(code.userCode))
    expect(await ended).toMatchObject({ ok: true })
    const before = world.recorder.requests.length
    expect([401, 403]).toContain((await bobs.client.fetch(`${world.sidecar}/guitars/guitar-e7/tuning`)).status)
    expect(world.recorder.requests).toHaveLength(before)
  })
})

/** The sidecar's clock jumped too: it decides again once its feed has said something of now. */
async function untilReady(): Promise<void> {
  await expect.poll(async () => (await fetch(`${world.sidecarAdmin}/readyz`)).status, { timeout: 15_000, interval: 50 }).toBe(200)
}
