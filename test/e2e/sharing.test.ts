// UMA from end to end: a requester asks, the owner answers in part, the rules decide each call, and what is taken back is refused.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { AccessRefusal, AccessRequest } from '../../device/request-access.ts'
import { ALL_DAY, buildRules } from '../../examples/dev-world/household.ts'
import { textOf } from '../../examples/dev-world/page-visitor.ts'
import type { Result } from '../../protocol/result.ts'
import { startWorld, type World, type WorldClient } from '../support/world.ts'

// The first save waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

let world: World
let guitar: WorldClient
let app: WorldClient
const tuning = () => `${world.sidecar}/guitars/guitar-0042/tuning`
const diagnose = () => `${world.sidecar}/guitars/guitar-0042/diagnose`
const RULES = buildRules(ALL_DAY).replace('[read, play]', '[read, play, diagnose]')

beforeAll(async () => {
  world = await startWorld()
  guitar = await world.pairDevice('guitar-0042')
  app = await world.pairApp(world.bob)
})
afterAll(() => world.stop())

type Access = Promise<Result<Response, AccessRefusal>>

/** Asks and waits until the owner has been asked; the answer comes later. */
async function ask(uri: string, more: Partial<AccessRequest>): Promise<{ readonly access: Access }> {
  let submitted: (() => void) | undefined
  const asked = new Promise<void>((resolve) => {
    submitted = resolve
  })
  const access = app.client.requestAccess({ uri, patienceSeconds: 300, onSubmitted: () => submitted?.(), ...more })
  await Promise.race([asked, access])
  return { access }
}

describe('a requester', { timeout: 60_000 }, () => {
  test('is refused when the owner shares nothing', async () => {
    const before = world.recorder.requests.length
    expect(await app.client.requestAccess({ uri: tuning() })).toEqual({ ok: false, error: { reason: 'denied' } })
    expect(world.recorder.requests).toHaveLength(before)
  })

  test('is told no when the owner refuses, and again when it asks again', async () => {
    await world.saveRules(RULES)
    const before = world.recorder.requests.length
    const { access } = await ask(diagnose(), { request: { method: 'POST' } })
    await world.alice.refuse()
    expect(await access).toEqual({ ok: false, error: { reason: 'denied' } })
    expect(await app.client.requestAccess({ uri: diagnose(), request: { method: 'POST' } })).toEqual({ ok: false, error: { reason: 'denied' } })
    expect(world.recorder.requests).toHaveLength(before)
  })

  test('gets what the owner approves, no more, and without what is hidden', async () => {
    const { access } = await ask(tuning(), { scope: 'read play' })
    expect(textOf((await world.alice.openInbox()).html)).toContain('bob@example.test')
    await world.alice.approve(['read'])
    const answer = await access
    expect(answer.ok && answer.value.status).toBe(200)
    const body: unknown = answer.ok && (await answer.value.json())
    expect(body).toEqual({ id: 'guitar-0042', tuning: { name: 'standard', hz: 440.02 }, owner: { name: 'Alice' } })
    expect(world.recorder.requests.at(-1)?.headers).toMatchObject({ 'latchkey-resource': expect.any(String), 'latchkey-scope': 'read' })
  })

  test('keeps that answer: the next call needs nobody', async () => {
    expect(await app.client.requestAccess({ uri: tuning() })).toMatchObject({ ok: true, value: { status: 200 } })
  })

  test('is refused with the reason outside the hours, with the token that worked', async () => {
    const rules = await world.alice.readRules()
    const hour = new Date().getUTCHours()
    await world.saveRules(rules.replaceAll(ALL_DAY, hour < 12 ? '20:00-21:00' : '07:00-08:00'))
    const refused = await until(403)
    expect(JSON.stringify(await refused.json())).toContain('not_these_hours')
    await world.saveRules(rules)
    expect((await until(200)).status).toBe(200)
  })

  test('is refused at once when the owner takes the share back', async () => {
    await world.saveRules('version: 1\nshares: []\n')
    expect((await until(403)).status).toBe(403)
  })

  test('the owner and her device need no rule', async () => {
    expect((await guitar.client.fetch(tuning())).status).toBe(200)
  })
})

/** The sidecar learns of a save within moments; a test waits for it and no longer. */
async function until(status: number): Promise<Response> {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await app.client.requestAccess({ uri: tuning(), patienceSeconds: 1 })
    if (answer.ok && answer.value.status === status) return answer.value
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`the sidecar never answered ${status}`)
}

describe('an owner', () => {
  test('is shown the line of a mistake, and her rules stay', async () => {
    await world.saveRules()
    const page = await world.alice.saveRules(buildRules(ALL_DAY).replace('between', 'betwen'))
    expect(textOf(page.html)).toMatch(/line 9, column/i)
    expect(textOf(page.html)).toContain('between')
    expect(await world.alice.readRules()).toBe(buildRules(ALL_DAY))
  })
})
