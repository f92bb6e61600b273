// Obligations and facts from an owner's compiled rules to the answer that a requester gets: limits, notices, purposes, what is shown of an answer.
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createBob, createOwnerRules } from '../../../support/owner-rules.ts'
import { statusOf } from '../../../support/raw-socket.ts'
import { refusalOf, type SidecarRig, startRig } from '../../../support/sidecar-rig.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

let rig: SidecarRig
const rules = createOwnerRules()

beforeAll(async () => {
  rig = await startRig()
}, 60_000)
afterAll(async () => {
  await rig.close()
  await rules.close()
})
beforeEach(() => rig.upstream.clear())

const enforce = (rest: string) => rules.share(rig, rest)

const bob = () => createBob(rig)
const answer = (body: string, type = 'application/json') =>
  `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
const bodyOf = (text: string) => text.split('\r\n\r\n')[1]

test('what is shown of an answer: only these fields, coarser', async () => {
  await enforce('    only_fields: [$.hz, $.at]\n    round: { $.hz: 5, $.at: 1 h }\n')
  rig.upstream.answerWith(answer('{"hz":442,"at":"2026-11-23T11:59:00Z","secret":1}'))
  expect(bodyOf(await rig.call(bob()))).toBe('{"hz":440,"at":"2026-11-23T11:00:00Z"}')
  rig.upstream.answerWith(answer('{"hz":"442"}'))
  expect(refusalOf(await rig.call(bob()))).toMatchObject({ status: 403, reason: 'obligation_impossible' })
})

test('what is too recent is not shown yet', async () => {
  await enforce('    delay: { by: 15 min, at: $.at }\n')
  rig.upstream.answerWith(answer(JSON.stringify({ at: new Date().toISOString(), secret: 1 })))
  const refused = await rig.call(bob())
  expect(refusalOf(refused)).toMatchObject({ status: 403, reason: 'answer_too_recent' })
  expect(refused).not.toContain('secret')
})

test('an answer that is no JSON passes only where the rule says so', async () => {
  rig.upstream.answerWith(answer('picture', 'image/png'))
  await enforce('    hide: [$.a]\n')
  expect(refusalOf(await rig.call(bob()))).toMatchObject({ status: 403, reason: 'cannot_hide' })
  await enforce('    hide: [$.a]\n    other_answers: allow\n')
  expect(bodyOf(await rig.call(bob()))).toBe('picture')
  rig.upstream.answerWith(answer('{"a":1', 'application/json'))
  expect(refusalOf(await rig.call(bob()))).toMatchObject({ reason: 'cannot_hide' })
})

test('a limit counts what is let through, and nothing else', async () => {
  await enforce('    limit: 2 per hour\n    only: { purpose: [rehearsal] }\n')
  const purpose = { headers: 'Latchkey-Purpose: rehearsal\r\n' }
  expect(refusalOf(await rig.call(bob()))).toMatchObject({ status: 403, reason: 'not_for_this_purpose' })
  expect(statusOf(await rig.call(bob(), 'GET', undefined, purpose))).toBe(200)
  expect(statusOf(await rig.call(bob(), 'GET', undefined, purpose))).toBe(200)
  rig.upstream.clear()
  const over = await rig.call(bob(), 'GET', undefined, purpose)
  expect(refusalOf(over)).toMatchObject({ status: 429, reason: 'limit_reached' })
  expect(over).toMatch(/\r\nretry-after: (?:3[56]\d\d)\r\n/i)
  expect(rig.upstream.received()).toBe('')
})

test('uses in all are used up across a restart', async () => {
  await enforce('    limit: 2 uses\n')
  expect(statusOf(await rig.call(bob()))).toBe(200)
  await rig.restart()
  await rig.sidecar.whenReady()
  expect(statusOf(await rig.call(bob()))).toBe(200)
  expect(refusalOf(await rig.call(bob()))).toMatchObject({ status: 403, reason: 'limit_used_up' })
})

test('a purpose is declared once, in one word; it is written down and goes no further', async () => {
  await enforce('    only: { purpose: [rehearsal] }\n    notify: true\n')
  await rig.call(bob(), 'GET', undefined, { headers: 'Latchkey-Purpose: rehearsal\r\n' })
  expect(rig.upstream.received()).not.toMatch(/purpose/i)
  expect(JSON.parse(rig.audit.at(-1) ?? '')).toMatchObject({ outcome: 'allowed', purpose: 'rehearsal', notify: ['Bob may read'] })
  for (const headers of [
    'Latchkey-Purpose: two words\r\n',
    'Latchkey-Purpose: a\r\nLatchkey-Purpose: rehearsal\r\n',
    `Latchkey-Purpose: ${'x'.repeat(65)}\r\n`,
    'Latchkey-Purpose: \r\n',
  ]) {
    expect(statusOf(await rig.call(bob(), 'GET', undefined, { headers }))).toBe(400)
  }
})

test('the state of the device behind the thing is known', async () => {
  await enforce('    only: { state: active, proof: dpop }\n')
  expect(statusOf(await rig.call(bob()))).toBe(200)
  await enforce('    only: { state: revoked }\n')
  expect(refusalOf(await rig.call(bob()))).toMatchObject({ reason: 'not_in_this_state' })
  await enforce('    only: { proof: httpsig }\n')
  expect(refusalOf(await rig.call(bob()))).toMatchObject({ reason: 'proof_too_weak' })
})
