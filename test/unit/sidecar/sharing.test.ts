// A requester with a permission, through the owner's real compiled policy: allow, ask, deny, hide, and what happens when the rules change.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createOwnerRules } from '../../support/owner-rules.ts'
import { openRaw, statusOf, until } from '../../support/raw-socket.ts'
import { DEVICE, OWNER, REQUESTER, RESOURCE, refusalOf, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

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

const EVENTS = `/guitars/${DEVICE}/events`

const enforce = (shares: string) => rules.enforce(rig, shares)

const bob = (scopes: readonly string[] = ['read'], more: object = {}) =>
  rig.caller({ sub: REQUESTER, email: 'bob@example.test', email_verified: true, permissions: [{ resource_id: RESOURCE, resource_scopes: scopes }], ...more })

const DAY_AFTER_TOMORROW = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][(new Date().getUTCDay() + 2) % 7]
const share = (rest: string) => `shares:\n  - name: Bob may read\n    who: [bob@example.test]\n    what: [${DEVICE}]\n    may: [read]\n${rest}`
const answerJson = (body: string, headers = 'Content-Type: application/json') =>
  `HTTP/1.1 200 OK\r\n${headers}\r\nETag: "x"\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

test('allowed by a share; the line of the log names policy and reason', async () => {
  const digest = await enforce(share(''))
  expect(statusOf(await rig.call(bob()))).toBe(200)
  expect(rig.audit.at(-1)).toContain(digest)
  expect(rig.audit.at(-1)).toContain('share_allows')
})

test('a permission for another ability is none', async () => {
  await enforce(share(''))
  expect(refusalOf(await rig.call(bob(['play'])))).toMatchObject({ status: 401, reason: 'permission_needed' })
  expect(refusalOf(await rig.call(bob([], { permissions: [{ resource_id: RESOURCE, resource_scopes: ['read'], exp: 1 }] })))).toMatchObject({
    reason: 'permission_needed',
  })
  expect(rig.upstream.received()).toBe('')
})

test.each([
  ['on another day', share(`    only: { days: [${DAY_AFTER_TOMORROW}], timezone: Etc/UTC }\n`), { reason: 'not_these_days' }],
  ['from another network', share('    only: { from: [192.0.2.0/24] }\n'), { reason: 'not_from_this_network' }],
  ['after the end', share('    until: "2020-01-01T00:00:00Z"\n'), { reason: 'expired' }],
  ['blocked', `${share('')}block:\n  - who: [bob@example.test]\n`, { reason: 'no_share_for_this' }],
  ['no share', 'shares:\n  - name: Carol\n    who: [carol@example.test]\n    what: [everything]\n    may: [read]\n', { reason: 'no_share_for_this' }],
])('%s: 403 with a safe reason, though the permission is good', async (_, shares, expected) => {
  await enforce(shares)
  const refusal = refusalOf(await rig.call(bob()))
  expect(refusal).toMatchObject({ status: 403, error: 'policy_denied', ...expected })
  expect(rig.upstream.received()).toBe('')
})

test('a share that asks again sends the requester to the owner', async () => {
  await enforce(share('    ask: true\n'))
  const answer = await rig.call(bob())
  expect(refusalOf(answer)).toMatchObject({ status: 401, reason: 'approval_needed' })
  expect(answer).toMatch(/ticket="ticket-/)
})

test.each([
  { title: 'a public client', more: {}, status: 403 },
  { title: 'a client that authenticated', more: { client_authenticated: true }, status: 200 },
])('TR43: client:NAME opens for $title: $status', async ({ more, status }) => {
  const clientId = 'named-app'
  await enforce(`shares:\n  - { name: App, who: ["client:${clientId}"], what: [${DEVICE}], may: [read] }\n`)
  expect(statusOf(await rig.call(bob(['read'], { client_id: clientId, ...more })))).toBe(status)
})

describe('TR63: an approval of one request', () => {
  const once = (id: string, exp = Math.floor(Date.now() / 1000) + 60) =>
    bob([], { permissions: [{ resource_id: RESOURCE, resource_scopes: ['read'], exp, once: id }] })

  test.each(['once', 'each time'])('TR63: passes one request where the rules ask %s, and sends the next one to the owner', async (mode) => {
    await enforce(share(`    ask: ${mode}\n`))
    const caller = once(`approval ${mode}`)
    expect(statusOf(await rig.call(caller))).toBe(200)
    expect(refusalOf(await rig.call(caller))).toMatchObject({ status: 401, reason: 'approval_needed' })
  })

  test('TR63: of several requests at once, one passes', async () => {
    await enforce(share('    ask: each time\n'))
    const caller = once('approval at once')
    const answers = await Promise.all([rig.call(caller), rig.call(caller), rig.call(caller)])
    expect(answers.map(statusOf).sort()).toEqual([200, 401, 401])
  })

  test('TR63: denies all the same where the rules deny, and ends at its end', async () => {
    await enforce(`${share('    ask: each time\n')}block:\n  - who: [bob@example.test]\n`)
    expect(refusalOf(await rig.call(once('approval blocked')))).toMatchObject({ status: 403 })
    await enforce(share('    ask: each time\n'))
    expect(refusalOf(await rig.call(once('approval ended', 1)))).toMatchObject({ reason: 'permission_needed' })
  })
})

describe('what is hidden', () => {
  const HIDING = share('    hide: [$.location, $.owner.email, "$.notes[*].by"]\n')

  test.each([
    ['members', '{"hz":440.10,"location":{"lat":1},"owner":{"name":"A","email":"a@b"}}', '{"hz":440.10,"owner":{"name":"A"}}'],
    ['the only member', '{"location":1}', '{}'],
    ['neighbours', '{"a":1,"location":1,"owner":{"email":"x"}}', '{"a":1,"owner":{}}'],
    ['in a list', '{"notes":[{"by":"a","t":1},{"t":2,"by":"b"},{}]}', '{"notes":[{"t":1},{"t":2},{}]}'],
    ['an escaped name', '{"loc\\u0061tion":1,"a":2}', '{"a":2}'],
    ['numbers too exact for JavaScript stay', '{"n":9007199254740993,"location":1}', '{"n":9007199254740993}'],
    ['white space stays', '{ "a" : 1 , "location" : 2 }', '{ "a" : 1 }'],
    ['brackets in texts', '{"a":"},{\\"location\\":1]","location":"}"}', '{"a":"},{\\"location\\":1]"}'],
    ['nothing to hide', '[1,2]', '[1,2]'],
  ])('%s', async (_, body, shown) => {
    await enforce(HIDING)
    rig.upstream.answerWith(answerJson(body))
    const answer = await rig.call(bob(), 'GET', undefined, { headers: 'Accept-Encoding: gzip\r\nRange: bytes=0-3\r\nIf-None-Match: "x"\r\n' })
    expect(statusOf(answer)).toBe(200)
    const [head = '', rest] = answer.split('\r\n\r\n')
    expect(JSON.parse(rest ?? '')).toEqual(JSON.parse(shown))
    expect(rest?.replace(/\s/g, '')).toBe(shown.replace(/\s/g, ''))
    expect(head).toMatch(new RegExp(`content-length: ${Buffer.byteLength(rest ?? '')}\\b`, 'i'))
    expect(head).not.toMatch(/etag/i)
    expect(rig.upstream.received()).toMatch(/accept-encoding: identity/i)
    expect(rig.upstream.received()).not.toMatch(/range:|if-none-match|gzip/i)
  })

  test.each([
    ['another type', answerJson('<location>secret</location>', 'Content-Type: text/html')],
    ['no type', answerJson('{"location":"secret"}', 'X-A: 1')],
    ['another charset', answerJson('{"location":"secret"}', 'Content-Type: application/json; charset=utf-16')],
    ['an encoding', answerJson('{"location":"secret"}', 'Content-Type: application/json\r\nContent-Encoding: gzip')],
    ['two types', answerJson('{"location":"secret"}', 'Content-Type: application/json\r\nContent-Type: text/plain')],
    ['broken JSON', answerJson('{"location":"secret"')],
    ['one name twice', answerJson('{"location":"secret","a":2,"location":3}')],
    ['two values', answerJson('{"a":1}{"location":"secret"}')],
    ['bytes that are no UTF-8', answerJson('{"location":"\xff secret"}').replace(/Content-Length: \d+/, 'Content-Length: 23')],
    ['too deep', answerJson(`${'['.repeat(100_000)}"secret"${']'.repeat(100_000)}`)],
    ['too large', answerJson(`{"a":"${'x'.repeat(1024 * 1024)}","location":"secret"}`)],
  ])('an answer with %s is refused, never shown', async (_, upstream) => {
    await enforce(HIDING)
    rig.upstream.answerWith((socket) => socket.write(Buffer.from(upstream, 'latin1')))
    const answer = await rig.call(bob())
    expect(refusalOf(answer)).toMatchObject({ status: 403, reason: 'cannot_hide' })
    expect(answer).not.toContain('secret')
  })

  test('the owner sees everything', async () => {
    await enforce(HIDING)
    rig.upstream.answerWith(answerJson('{"location":1}'))
    expect(await rig.call(rig.device)).toContain('{"location":1}')
  })
})

test('U15: an open stream ends when the share goes, without waiting for the token', async () => {
  await enforce(share(''))
  rig.upstream.answerWith((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n'))
  await rig.nonce()
  const caller = bob()
  const client = await openRaw(rig.origin)
  client.send(`GET ${EVENTS} HTTP/1.1\r\nHost: ${rig.host}\r\n${caller.headers('GET', EVENTS)}\r\n`)
  await client.waitFor('\r\n\r\n1')
  rig.issuer.change({ kind: 'owner', owner: OWNER, policy_revision: 98, artifact: null })
  await client.waitForEnd(1000)
  expect(refusalOf(await rig.call(caller))).toMatchObject({ status: 403, reason: 'no_share_for_this' })
})

test('a policy that is not what its digest says, or is no policy, decides nothing', async () => {
  const digest = 'A'.repeat(43)
  rig.issuer.artifacts.set(digest, Buffer.from('not a module'))
  rig.issuer.change({ kind: 'owner', owner: OWNER, policy_revision: 99, artifact: digest })
  await until(async () => refusalOf(await rig.call(bob())).reason === 'policy_unavailable')
  expect(rig.upstream.received()).toBe('')
})
