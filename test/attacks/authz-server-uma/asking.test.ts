// From a wish to an owner's answer and back: what rules say before there is a request, requests that flood nobody, approvals that become shares.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { approveRequest, denyRequest } from '../../../authz-server/sharing/answer-request.ts'
import { assessAll } from '../../../authz-server/sharing/assess.ts'
import { savePolicy } from '../../../authz-server/sharing/save-policy.ts'
import { ACCESS_REQUEST_LIFETIME_SECONDS, REFUSAL_STANDS_SECONDS, REQUESTS_MAX_PER_REQUESTER } from '../../../authz-server/uma/open-request.ts'
import { parsePolicy } from '../../../policies/parse-policy.ts'
import { parseAccessTokenClaims } from '../../../protocol/claims.ts'
import { parseJws } from '../../../protocol/jws.ts'
import { type AuthzWorld, startAuthzWorld } from '../../support/authz-world.ts'
import { type App, app, type GrantAnswer, redeem, sidecar, withClaims } from './uma-world.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

let world: AuthzWorld
let alice: string
let bob: { id: string; email: string }
let bobsApp: App

const ASK = `version: 1
timezone: Europe/Paris
people:
  band: [bob@example.test]
shares:
  # the band must ask
  - name: The band may ask
    who: [band]
    what: [guitar-0042]
    may: [read, play]
    only: { days: [mon-fri], between: "08:00-22:00", from: [192.0.2.0/24] }
    hide: [$.location, $.owner.email]
    ask: true
`
const share = (rest: string) =>
  `version: 1\ntimezone: Europe/Paris\nshares:\n  - { name: One, who: [bob@example.test], what: [guitar-0042], may: [read], ${rest} }\n`

beforeAll(async () => {
  world = await startAuthzWorld()
})
beforeEach(async () => {
  await world.reset()
  alice = await world.person('alice@example.test')
  bob = { id: await world.person('bob@example.test', 'Bob'), email: 'bob@example.test' }
  bobsApp = app(world, bob)
  await world.thing({ id: 'res-1', key: 'guitar-0042', owner: alice })
})
afterAll(() => world.close())

async function ask(scopes: readonly string[], by: App = bobsApp): Promise<GrantAnswer> {
  return redeem(world, by, withClaims(await sidecar(world).ticket('res-1', scopes), by.idToken()))
}

const pending = () => world.context.store.read.accessRequests.listPending(alice, world.now())

function permissionsOf(answer: GrantAnswer): unknown {
  const jws = parseJws(String(answer.body.access_token))
  const claims = jws.ok ? parseAccessTokenClaims(jws.value.payload) : undefined
  return claims?.ok ? claims.value.permissions : undefined
}

describe('U09: nothing said is no', () => {
  test('U09: no policy at all', async () => {
    expect((await ask(['read'])).body.error).toBe('request_denied')
  })

  test.each([
    ['a policy without shares', 'version: 1\nshares: []\n'],
    ['an empty text', '\n'],
    ['a share for another person', 'version: 1\nshares:\n  - { name: One, who: [carol@example.test], what: [guitar-0042], may: [read] }\n'],
    ['a share for another ability', share('ask: false').replace('may: [read]', 'may: [play]')],
    ['a share that has ended', share('until: 2026-11-22')],
    ['a share that has ended, and it is not the hour either', share('until: 2026-11-22, only: { between: "20:00-21:00" }')],
    ['a block beside a share', `${share('ask: false')}block:\n  - { who: [bob@example.test] }\n`],
    ['a block beside a share for other hours', `${share('only: { between: "20:00-21:00" }')}block:\n  - { who: [bob@example.test] }\n`],
  ])('U09: %s', async (_title, text) => {
    await world.rules(alice, text)
    expect((await ask(['read'])).body.error).toBe('request_denied')
    expect(await pending()).toEqual([])
  })

  test('U09: a policy that was deleted again (saved empty) denies', async () => {
    await world.rules(alice, share('ask: false'))
    expect((await ask(['read'])).status).toBe(200)
    await world.rules(alice, 'version: 1\nshares: []\n')
    expect((await ask(['read'])).body.error).toBe('request_denied')
  })

  test('U09: an address that is not verified opens no share and asks nobody', async () => {
    await world.rules(alice, `${share('ask: false')}  - { name: Two, who: [anyone-signed-in], what: [guitar-0042], may: [play], ask: true }\n`)
    const requester = { id: bob.id, email: bob.email, emailVerified: false, displayName: 'Bob', createdAt: 0 }
    const resource = await world.context.store.read.resources.find('res-1')
    const wishes = ['read', 'play'].flatMap((scope) => (resource === undefined ? [] : [{ requester, clientId: 'band-app', resource, scope }]))
    expect(await assessAll(world.context, wishes, world.now())).toEqual([{ kind: 'denied' }, { kind: 'denied' }])
  })

  test('U09: a resource that changed hands since the ticket was made gives nothing', async () => {
    await world.rules(alice, share('ask: false'))
    const ticket = await sidecar(world).ticket('res-1', ['read'])
    const moved = await world.context.store.read.resources.find('res-1')
    expect(moved?.owner).toBe(alice)
    await world.moveThing('res-1', bob.id)
    // Bob is the owner now, and still this ticket, which asked Alice, is worth nothing.
    expect((await redeem(world, bobsApp, withClaims(ticket, bobsApp.idToken()))).body.error).toBe('request_denied')
  })
})

describe('conditions of the moment are judged at the request', () => {
  test.each([
    ['hours', share('only: { between: "20:00-21:00" }')],
    ['days', share('only: { days: [sat] }')],
    ['a network', share('only: { from: [192.0.2.0/24] }')],
    ['hours, days and a network', share('only: { days: [sat], between: "20:00-21:00", from: [192.0.2.0/24] }')],
  ])('a share that waits for %s gives the permission', async (_title, text) => {
    await world.rules(alice, text)
    const answer = await ask(['read'])
    expect(answer.status).toBe(200)
    expect(permissionsOf(answer)).toEqual([{ resource_id: 'res-1', resource_scopes: ['read'] }])
  })

  test('a rule that lets them ask in other hours still asks', async () => {
    await world.rules(alice, share('ask: true, only: { between: "20:00-21:00" }'))
    expect((await ask(['read'])).body.error).toBe('request_submitted')
  })

  test('a share for a network is not shut out by a rule that asks', async () => {
    await world.rules(
      alice,
      `${share('only: { from: [192.0.2.0/24] }')}  - { name: Two, who: [bob@example.test], what: [guitar-0042], may: [read], ask: true }\n`,
    )
    expect((await ask(['read'])).status).toBe(200)
  })

  test('an owner needs no rule for their own thing', async () => {
    const alicesApp = app(world, { id: alice, email: 'alice@example.test' })
    expect(permissionsOf(await ask(['diagnose'], alicesApp))).toEqual([{ resource_id: 'res-1', resource_scopes: ['diagnose'] }])
  })
})

describe('asking the owner', () => {
  test('asking: some allowed and none pending is a token with those; some pending asks first', async () => {
    await world.rules(alice, `${share('ask: false')}  - { name: Two, who: [bob@example.test], what: [guitar-0042], may: [play], ask: true }\n`)
    expect(permissionsOf(await ask(['read', 'diagnose']))).toEqual([{ resource_id: 'res-1', resource_scopes: ['read'] }])
    expect((await ask(['read', 'play'])).body.error).toBe('request_submitted')
    expect(await pending()).toMatchObject([{ scopes: ['play'], requester: bob.id, clientId: 'band-app' }])
  })

  test('asking: whoever asks again and again is one request', async () => {
    await world.rules(alice, ASK)
    for (let turn = 0; turn < 5; turn += 1) expect((await ask(['play', 'read'])).body.error).toBe('request_submitted')
    expect(await Promise.all([ask(['play']), ask(['play', 'read'])]).then((answers) => answers.map((answer) => answer.body.error))).toEqual([
      'request_submitted',
      'request_submitted',
    ])
    expect(await pending()).toHaveLength(1)
  })

  test('asking: one person cannot flood inboxes', async () => {
    for (let index = 0; index <= REQUESTS_MAX_PER_REQUESTER; index += 1) await world.thing({ id: `many-${index}`, key: `many-${index}`, owner: alice })
    await world.rules(alice, 'version: 1\nshares:\n  - { name: All, who: [anyone-signed-in], what: [everything], may: [everything], ask: true }\n')
    const rs = sidecar(world)
    const errors: unknown[] = []
    for (let index = 0; index <= REQUESTS_MAX_PER_REQUESTER; index += 1) {
      const answer = await redeem(world, bobsApp, withClaims(await rs.ticket(`many-${index}`, ['read']), bobsApp.idToken()))
      errors.push(answer.body.error)
    }
    expect(errors.slice(0, -1).every((error) => error === 'request_submitted')).toBe(true)
    expect(errors.at(-1)).toBe('request_denied')
    expect(world.log.some((line) => line.event === 'access_requests_limit')).toBe(true)
  })

  test('asking: silence ends a request, and asking starts anew', async () => {
    await world.rules(alice, ASK)
    await ask(['read'])
    world.advance(ACCESS_REQUEST_LIFETIME_SECONDS)
    expect(await pending()).toEqual([])
    expect((await ask(['read'])).body.error).toBe('request_submitted')
    expect(await pending()).toHaveLength(1)
  })
})

describe('the answer', () => {
  test('answering: approving a part becomes a share with the limits of the asking rule; the next poll has it', async () => {
    await world.rules(alice, ASK)
    const submitted = await ask(['play', 'read'])
    const [request] = await pending()
    const revision = await approveRequest(world.context, { requestId: request?.id ?? '', owner: alice, scopes: ['read'], until: '2026-12-24' }, world.now())
    expect(revision).toEqual({ ok: true, value: 2 })
    const text = (await world.context.store.read.policies.find(alice))?.text ?? ''
    expect(text.startsWith(ASK)).toBe(true)
    const rules = parsePolicy({ text, file: 'rules.yaml' })
    expect(rules.ok && rules.value.shares[1]).toMatchObject({
      name: 'Approved for bob@example.test on 2026-11-23',
      who: [{ kind: 'email', email: 'bob@example.test' }],
      what: [{ kind: 'thing', name: 'guitar-0042' }],
      may: ['read'],
      ask: false,
      obligations: [{ kind: 'hide', paths: ['$.location', '$.owner.email'], other_answers: 'refuse' }],
      conditions: [
        { kind: 'days', days: ['mon', 'tue', 'wed', 'thu', 'fri'], timezone: 'Europe/Paris' },
        { kind: 'between', start: 480, end: 1320, timezone: 'Europe/Paris' },
        { kind: 'from', networks: ['192.0.2.0/24'] },
        { kind: 'until', date: [2026, 12, 24], timezone: 'Europe/Paris' },
      ],
    })
    const poll = await redeem(world, bobsApp, withClaims(String(submitted.body.ticket), bobsApp.idToken()))
    expect(permissionsOf(poll)).toEqual([{ resource_id: 'res-1', resource_scopes: ['read'] }])
    expect(await pending()).toEqual([])
  })

  test('answering: all of it under one rule is one share; abilities of two rules are two, each with the limits of its own', async () => {
    const second = '  - { name: Diagnosis, who: [anyone-signed-in], what: [everything], may: [diagnose], hide: [$.serial], ask: true }\n'
    await world.rules(alice, ASK + second)
    await ask(['read', 'play', 'diagnose'])
    const [request] = await pending()
    expect(request?.scopes).toEqual(['diagnose', 'play', 'read'])
    const answer = { requestId: request?.id ?? '', owner: alice, scopes: ['read', 'play', 'diagnose'], until: undefined }
    expect((await approveRequest(world.context, answer, world.now())).ok).toBe(true)
    const rules = parsePolicy({ text: (await world.context.store.read.policies.find(alice))?.text ?? '', file: 'rules.yaml' })
    expect(rules.ok && rules.value.shares.slice(2).map(({ may, obligations, conditions }) => ({ may, obligations, conditions: conditions.length }))).toEqual([
      { may: ['diagnose'], obligations: [{ kind: 'hide', paths: ['$.serial'], other_answers: 'refuse' }], conditions: 0 },
      { may: ['play', 'read'], obligations: [{ kind: 'hide', paths: ['$.location', '$.owner.email'], other_answers: 'refuse' }], conditions: 3 },
    ])
  })

  test('answering: a share without a zone of its own ends in UTC', async () => {
    await world.rules(alice, 'version: 1\nshares:\n  - { name: Ask, who: [bob@example.test], what: [guitar-0042], may: [read], ask: true }\n')
    await ask(['read'])
    const [request] = await pending()
    await approveRequest(world.context, { requestId: request?.id ?? '', owner: alice, scopes: ['read'], until: '2026-11-23' }, world.now())
    expect((await ask(['read'])).status).toBe(200)
    world.advance(Date.parse('2026-11-23T23:59:59Z') / 1000 - world.now() - 1)
    expect((await ask(['read'])).status).toBe(200)
    world.advance(1)
    expect((await ask(['read'])).body.error).toBe('request_submitted')
  })

  test('answering: a refusal is told, stands for a day, and then they may ask again', async () => {
    await world.rules(alice, ASK)
    const submitted = await ask(['read'])
    const [request] = await pending()
    expect(await denyRequest(world.context, { requestId: request?.id ?? '', owner: alice }, world.now())).toBe(true)
    expect((await redeem(world, bobsApp, withClaims(String(submitted.body.ticket), bobsApp.idToken()))).body.error).toBe('request_denied')
    world.advance(REFUSAL_STANDS_SECONDS - 1)
    expect((await ask(['read'])).body.error).toBe('request_denied')
    world.advance(1)
    expect((await ask(['read'])).body.error).toBe('request_submitted')
  })

  test.each([
    ['nothing', [], undefined, 'nothing_chosen'],
    ['an ability that was not asked for', ['diagnose'], undefined, 'nothing_chosen'],
    ['an end in the past', ['read'], '2026-11-22', 'until_unusable'],
    ['an end that does not exist', ['read'], '2027-02-30', 'until_unusable'],
    ['an end that is no day', ['read'], '"]}, may: [everything', 'until_unusable'],
  ])('answering: approving %s changes nothing', async (_title, scopes, until, reason) => {
    await world.rules(alice, ASK)
    await ask(['read', 'play'])
    const [request] = await pending()
    const result = await approveRequest(world.context, { requestId: request?.id ?? '', owner: alice, scopes, until }, world.now())
    expect(result).toEqual({ ok: false, error: { reason } })
    expect((await world.context.store.read.policies.find(alice))?.revision).toBe(1)
    expect(await pending()).toHaveLength(1)
  })

  test("answering: nobody answers another owner's request", async () => {
    await world.rules(alice, ASK)
    await ask(['read'])
    const [request] = await pending()
    const requestId = request?.id ?? ''
    expect(await approveRequest(world.context, { requestId, owner: bob.id, scopes: ['read'], until: undefined }, world.now())).toEqual({
      ok: false,
      error: { reason: 'request_not_open' },
    })
    expect(await denyRequest(world.context, { requestId, owner: bob.id }, world.now())).toBe(false)
    expect(await pending()).toHaveLength(1)
  })

  test('answering: of an approval and a refusal at once, one counts', async () => {
    await world.rules(alice, ASK)
    await ask(['read'])
    const [request] = await pending()
    const requestId = request?.id ?? ''
    const [approved, denied] = await Promise.all([
      approveRequest(world.context, { requestId, owner: alice, scopes: ['read'], until: undefined }, world.now()),
      denyRequest(world.context, { requestId, owner: alice }, world.now()),
    ])
    expect([approved.ok, denied].filter(Boolean)).toHaveLength(1)
    const policy = await world.context.store.read.policies.find(alice)
    expect(policy?.text.includes('Approved for')).toBe(approved.ok)
  })

  test('answering: an approval survives a save of the owner in between', async () => {
    await world.rules(alice, ASK)
    await ask(['read'])
    const [request] = await pending()
    const edit = savePolicy(world.context, { owner: alice, text: `# mine\n${ASK}`, fromRevision: 1 }, world.now())
    const approval = approveRequest(world.context, { requestId: request?.id ?? '', owner: alice, scopes: ['read'], until: undefined }, world.now())
    const results = await Promise.all([edit, approval])
    expect(results[1].ok).toBe(true)
    const text = (await world.context.store.read.policies.find(alice))?.text ?? ''
    expect(text).toContain('Approved for bob@example.test')
    expect(text.startsWith('# mine')).toBe(results[0].ok)
  })

  test('answering: where the rule that let them ask is gone, an approval says so and adds nothing', async () => {
    await world.rules(alice, ASK)
    await ask(['read'])
    const [request] = await pending()
    await world.rules(alice, 'version: 1\nshares: []\n')
    expect(await approveRequest(world.context, { requestId: request?.id ?? '', owner: alice, scopes: ['read'], until: undefined }, world.now())).toEqual({
      ok: false,
      error: { reason: 'rule_gone' },
    })
  })

  test('U15: a share that was taken back gives no further token, and asking is possible again after a minute', async () => {
    await world.rules(alice, ASK)
    const submitted = await ask(['read'])
    const [request] = await pending()
    await approveRequest(world.context, { requestId: request?.id ?? '', owner: alice, scopes: ['read'], until: undefined }, world.now())
    expect((await redeem(world, bobsApp, withClaims(String(submitted.body.ticket), bobsApp.idToken()))).status).toBe(200)
    const before = await world.context.store.read.feedLog.newestRevision()
    await world.rules(alice, ASK)
    // Sidecars are told in the same transaction, so that a live token is judged by the new rules at its next request.
    const [change] = await world.context.store.read.feedLog.listAfter(before, 10)
    expect(change?.entries).toMatchObject([{ kind: 'owner', owner: alice, policy_revision: 3 }])
    expect((await ask(['read'])).status).toBe(403)
    world.advance(61)
    expect((await ask(['read'])).body.error).toBe('request_submitted')
    expect(await pending()).toHaveLength(1)
  })
})

describe('G15: lost updates', () => {
  test('G15: fifty saves at once from one revision: one is accepted, and history holds exactly that', async () => {
    await world.rules(alice, ASK)
    const saves = Array.from({ length: 50 }, (_, index) =>
      savePolicy(world.context, { owner: alice, text: `# ${index}\n${ASK}`, fromRevision: 1 }, world.now()),
    )
    const results = await Promise.all(saves)
    const accepted = results.flatMap((result, index) => (result.ok ? [index] : []))
    expect(accepted).toHaveLength(1)
    expect(results.filter((result) => !result.ok && result.error.reason === 'revision_stale')).toHaveLength(49)
    const versions = await world.context.store.read.policies.listVersions(alice)
    expect(versions.map((version) => version.revision)).toEqual([1, 2])
    expect(versions[1]?.text).toBe(`# ${accepted[0]}\n${ASK}`)
  })

  test('G15: a text that does not compile publishes nothing, not even its artifact', async () => {
    await world.rules(alice, ASK)
    const before = await world.context.store.read.feedLog.newestRevision()
    const result = await savePolicy(world.context, { owner: alice, text: 'version: 1\nshares: {', fromRevision: 1 }, world.now())
    expect(result.ok === false && result.error.reason).toBe('text_wrong')
    expect(await world.context.store.read.feedLog.newestRevision()).toBe(before)
    expect(await world.context.store.read.policies.listVersions(alice)).toHaveLength(1)
  })
})
