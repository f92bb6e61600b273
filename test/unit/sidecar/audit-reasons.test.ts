// The audit line says why: reason, share, line, policy, how long it took and how much was sent. The requester reads a sentence that says nothing of the rules.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createOwnerRules } from '../../support/owner-rules.ts'
import { openRaw, statusOf, until } from '../../support/raw-socket.ts'
import { DEVICE, OWNER, REQUESTER, RESOURCE, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

let rig: SidecarRig
const rules = createOwnerRules()

beforeAll(async () => {
  rig = await startRig()
}, 60_000)
afterAll(async () => {
  await rig.close()
  await rules.close()
})
beforeEach(() => {
  rig.upstream.clear()
  rig.audit.length = 0
})

const TUNING = `/guitars/${DEVICE}/tuning`
const EVENTS = `/guitars/${DEVICE}/events`
const STREAM_HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n'
const YESTERDAY = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][(new Date().getUTCDay() + 6) % 7]
/** The share stands in line 3 of the document. */
const share = (rest = '') => `shares:\n  - name: Bob may read\n    who: [bob@example.test]\n    what: [${DEVICE}]\n    may: [read]\n${rest}`

const useRules = (shares: string) => rules.enforce(rig, shares)

const bob = () =>
  rig.caller({
    sub: REQUESTER,
    email: 'bob@example.test',
    email_verified: true,
    permissions: [{ resource_id: RESOURCE, resource_scopes: ['read'] }],
  })

async function lastLine(): Promise<Record<string, unknown>> {
  await until(() => rig.audit.some((line) => JSON.parse(line).sub === REQUESTER))
  return JSON.parse(rig.audit.findLast((line) => JSON.parse(line).sub === REQUESTER) ?? '{}') as Record<string, unknown>
}

async function openStream(): Promise<Awaited<ReturnType<typeof openRaw>>> {
  rig.upstream.answerWith((socket) => socket.write(STREAM_HEAD))
  await rig.nonce()
  const client = await openRaw(rig.origin)
  client.send(`GET ${EVENTS} HTTP/1.1\r\nHost: ${rig.host}\r\n${bob().headers('GET', EVENTS)}\r\n`)
  await client.waitFor('\r\n\r\n1')
  return client
}

test.each([
  {
    title: 'a share on another day',
    rules: share(`    only: { days: [${YESTERDAY}], timezone: Etc/UTC }\n`),
    reason: 'policy_denied',
    decision: ['not_these_days'],
    why: { share: 'Bob may read', line: 3 },
    sentence: 'The owner shares this with you, but not today.',
  },
  {
    title: 'a share from another network',
    rules: share('    only: { from: [192.0.2.0/24] }\n'),
    reason: 'policy_denied',
    decision: ['not_from_this_network'],
    why: { share: 'Bob may read', line: 3 },
    sentence: 'The owner shares this with you, but not from where you are.',
  },
  {
    title: 'a blocked person',
    rules: `${share()}block:\n  - who: [bob@example.test]\n`,
    reason: 'policy_denied',
    decision: ['blocked'],
    why: { line: 8 },
    sentence: 'The owner does not share this with you.',
  },
  {
    title: 'no share for this person',
    rules: 'shares:\n  - name: Carol\n    who: [carol@example.test]\n    what: [everything]\n    may: [read]\n',
    reason: 'policy_denied',
    decision: ['no_share_for_this'],
    why: {},
    sentence: 'The owner does not share this with you.',
  },
  {
    title: 'a share whose uses are over',
    rules: share('    limit: 1 uses\n'),
    uses: 1,
    reason: 'limit_used_up',
    decision: ['share_allows'],
    why: { share: 'Bob may read', line: 3 },
    sentence: 'You have used this as often as the owner allows.',
  },
])('TR14: $title is refused with share, line and policy in the audit line, and with a safe sentence', async (row) => {
  const digest = await useRules(row.rules)
  for (let use = 0; use < (row.uses ?? 0); use += 1) expect(statusOf(await rig.call(bob()))).toBe(200)
  rig.audit.length = 0
  const answer = await rig.call(bob())
  const line = await lastLine()
  expect(line).toMatchObject({ outcome: 'refused', reason: row.reason, policy: digest, decision: row.decision, ...row.why })
  if (!('share' in row.why)) expect(line).not.toHaveProperty('share')
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ error_description: row.sentence })
  expect(answer).not.toMatch(/Bob may read|192\.0\.2|Carol/)
})

test('TR14: an allowed request names the share, its line, its policy, the time and the bytes', async () => {
  const digest = await useRules(share())
  rig.upstream.answerWith('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5000\r\n\r\n'.concat('x'.repeat(5000)))
  await rig.call(bob())
  const line = await lastLine()
  expect(line).toMatchObject({ outcome: 'allowed', status: 200, policy: digest, share: 'Bob may read', line: 3 })
  expect(line['duration_ms']).toBeTypeOf('number')
  expect(line['bytes_in']).toBeGreaterThan(100)
  expect(line['bytes_out']).toBeGreaterThan(5000)
  expect(line['bytes_out']).toBeLessThan(6000)
})

test('TR14: two requests of one connection have their own bytes', async () => {
  await useRules(share())
  const answers = [3000, 10]
  rig.upstream.answerWith((socket) => {
    const length = answers.shift() ?? 0
    socket.write(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(length)}`)
  })
  await rig.nonce()
  const client = await openRaw(rig.origin)
  for (const index of [1, 2]) {
    client.send(`GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n${bob().headers('GET', TUNING)}\r\n`)
    await until(() => rig.audit.filter((line) => JSON.parse(line).sub === REQUESTER).length === index)
  }
  client.close()
  const [first, second] = rig.audit.filter((line) => JSON.parse(line).sub === REQUESTER).map((line) => JSON.parse(line))
  expect(first.bytes_out).toBeGreaterThan(3000)
  expect(second.bytes_out).toBeLessThan(1500)
  expect(second.bytes_in).toBeGreaterThan(500)
})

describe('TR14: a stream that was cut says why', () => {
  test('the share is gone', async () => {
    await useRules(share())
    const client = await openStream()
    await useRules('shares:\n  - name: Carol\n    who: [carol@example.test]\n    what: [everything]\n    may: [read]\n')
    await client.waitForEnd(5000)
    expect(await lastLine()).toMatchObject({ outcome: 'cut', reason: 'policy_denied', decision: ['no_share_for_this'] })
  })

  test('the share now hides a field', async () => {
    await useRules(share())
    const client = await openStream()
    const digest = await useRules(share('    hide: [$.location]\n'))
    await client.waitForEnd(5000)
    expect(await lastLine()).toMatchObject({ outcome: 'cut', reason: 'rules_changed', policy: digest, share: 'Bob may read', line: 3 })
  })

  test('the person is blocked', async () => {
    await useRules(share())
    const client = await openStream()
    const digest = await useRules(`${share()}block:\n  - who: [bob@example.test]\n`)
    await client.waitForEnd(5000)
    expect(await lastLine()).toMatchObject({ outcome: 'cut', reason: 'policy_denied', policy: digest, decision: ['blocked'], line: 8 })
  })

  test('the thing is gone', async () => {
    await useRules(share())
    const client = await openStream()
    const resource = rig.issuer.entries.find((entry) => entry.kind === 'resource')
    rig.issuer.change({ kind: 'resource_removed', id: RESOURCE })
    await client.waitForEnd(5000)
    expect(await lastLine()).toMatchObject({ outcome: 'cut', reason: 'unknown_resource' })
    expect(await lastLine()).not.toHaveProperty('decision')
    if (resource !== undefined) rig.issuer.change(resource)
  })

  test('the sidecar stops', async () => {
    await useRules(share())
    const client = await openStream()
    const stopped = rig.sidecar.close()
    await client.waitForEnd(15_000)
    await stopped
    expect(await lastLine()).toMatchObject({ outcome: 'cut', reason: 'server_stopping', share: 'Bob may read' })
    await rig.restart()
    await rig.sidecar.whenReady()
  })
})

describe('TR15: existing and unknown things look alike', () => {
  const answerFor = async (path: string, headers: string): Promise<string> => {
    const { sendRaw } = await import('../../support/raw-socket.ts')
    return sendRaw(rig.origin, `GET ${path} HTTP/1.1\r\nHost: ${rig.host}\r\n${headers}Connection: close\r\n\r\n`)
  }
  /** Without what differs from one response to the next in any case. */
  const shape = (answer: string): string => answer.replaceAll(/ticket-[0-9a-f-]+/g, 'ticket').replaceAll(/^(dpop-nonce|x-request-id|date): .*$/gim, '$1')

  test.each([
    { title: 'an unknown thing', path: '/guitars/guitar-9999/tuning' },
    { title: 'a thing without this ability', path: '/guitars/guitar-noread/tuning' },
  ])('without a token: $title', async ({ path }) => {
    rig.issuer.change({
      kind: 'resource',
      id: 'res-noread',
      key: 'guitar-noread',
      name: 'Guitar',
      type: 'smart-guitar',
      tags: [],
      resource_scopes: ['play'],
      owner: OWNER,
      device_id: null,
    })
    const known = await answerFor(TUNING, '')
    const unknown = await answerFor(path, '')
    expect(statusOf(known)).toBe(401)
    expect(shape(known)).toMatch(/UMA realm=.*ticket/)
    expect(shape(unknown)).toBe(shape(known))
  })

  test.each([
    { title: 'an identity token of a stranger', claims: { sub: 'person-eve', scope: 'read' } },
    { title: 'a permission for something else', claims: { sub: 'person-eve', permissions: [{ resource_id: 'res-else', resource_scopes: ['read'] }] } },
  ])('with $title', async ({ claims }) => {
    await rig.nonce()
    const known = await answerFor(TUNING, rig.caller(claims).headers('GET', TUNING))
    const path = '/guitars/guitar-9999/tuning'
    const unknown = await answerFor(path, rig.caller(claims).headers('GET', path))
    expect(statusOf(known)).toBe(401)
    expect(shape(unknown)).toBe(shape(known))
    expect(JSON.parse(rig.audit.at(-1) ?? '')).toMatchObject({ reason: 'unknown_resource' })
  })
})
