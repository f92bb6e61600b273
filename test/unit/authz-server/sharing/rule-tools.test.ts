// The rule tools over HTTP: the results of the command line for the signed-in owner, and nobody else; nothing is saved, nobody may keep the server busy.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { beginTool, createToolLimits, endTool, TOOL_POINTS, TOOLS_MAX_AT_ONCE } from '../../../../authz-server/sharing/tool-limits.ts'
import { type AuthzWorld, START, startAuthzWorld } from '../../../support/authz-world.ts'
import { createVisitor, type Visitor } from '../../../support/visitor.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const ALICE = 'alice@example.test'
const RULES = `version: 1
shares:
  - { name: Band, who: [bob@example.test], what: ["type:smart-guitar"], may: [play], until: "2030-01-01T00:00:00Z" }
expect:
  - { who: bob@example.test, what: guitar-1, may: play, answer: allow }
`

let world: AuthzWorld
let alice: string
let visitor: Visitor

beforeAll(async () => {
  world = await startAuthzWorld()
}, 60_000)
afterAll(() => world.close())
beforeEach(async () => {
  await world.reset()
  world.context.toolLimits.busy.clear()
  alice = await world.person(ALICE)
  await world.thing({ id: 'r-1', key: 'guitar-1', owner: alice })
  visitor = createVisitor(world.origin)
  await visitor.signIn(ALICE)
})

interface Called {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

const JSON_TYPE = { 'content-type': 'application/json' }

async function call(tool: string, members: unknown, headers: Record<string, string> = {}): Promise<Called> {
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const body = typeof members === 'string' ? members : JSON.stringify(members)
  const response = await fetch(`${world.origin}/api/rules/${tool}`, { method: 'POST', body, headers: { ...JSON_TYPE, cookie, ...headers } })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Called['body'] }
}

const QUESTION = { who: 'bob@example.test', what: 'guitar-1', may: 'play' }

describe('results', () => {
  test.each<[tool: string, members: object, body: object]>([
    [
      'check',
      { text: RULES },
      { ok: true, files: [{ file: 'rules.yaml', kind: 'shares', shares: 1, block: 0, pause: 0, guardrails: 0, expect: 1 }], diagnostics: [] },
    ],
    ['check', { text: 'version: 2\n' }, { ok: false, files: [], diagnostics: [{ file: 'rules.yaml', line: 1, column: 10, code: 'bad_value' }] }],
    ['test', { text: RULES }, { ok: true, expect: 1, failed: 0 }],
    ['test', { text: RULES, at: '2030-06-01T00:00:00Z' }, { ok: false, expect: 1, failed: 1, diagnostics: [{ code: 'expectation_failed', line: 5 }] }],
    [
      'explain',
      { text: RULES, ...QUESTION },
      { ok: true, answer: 'allow', deciding: [{ code: 'share_allows', line: 3 }], input: { resource: { type: 'smart-guitar', tags: ['studio'] } } },
    ],
    ['explain', { text: RULES, ...QUESTION, type: 'drum' }, { ok: true, answer: 'deny', reasons: [{ code: 'no_share_for_this' }] }],
    [
      'can',
      { text: RULES, what: 'guitar-1' },
      { ok: true, coverage: 'complete', cells: [{ who: 'bob@example.test', what: 'thing:guitar-1', may: 'play', answer: 'sometimes' }] },
    ],
    ['diff', { text: RULES }, { ok: true, changed: true, gains: [{ people: ['bob@example.test'], abilities: ['play'] }], loses: [], coverage: 'complete' }],
    ['diff', { text: RULES, from_text: RULES }, { ok: true, changed: false, gains: [], loses: [], limits: [], reworded: [] }],
    ['fmt', { text: RULES }, { ok: true, files: [{ file: 'rules.yaml', changed: expect.any(Boolean), text: expect.stringContaining('version: 1\n') }] }],
    ['rego', { text: RULES }, { ok: true, rego: expect.stringContaining('package latchkey.sharing\n') }],
    ['build', { text: RULES, form: 'bundle' }, { ok: true, form: 'bundle', content: expect.stringMatching(/^H4sI/) }],
  ])('%s %j', async (tool, members, body) => {
    const called = await call(tool, members)
    expect(called).toMatchObject({ status: 200, body })
    expect(Object.keys(called.body)).toEqual(expect.arrayContaining(['ok', 'diagnostics', 'warnings']))
  })

  test('without a text, the saved rules are meant', async () => {
    expect(await call('explain', QUESTION)).toMatchObject({ body: { answer: 'deny' } })
    await world.rules(alice, RULES)
    expect(await call('explain', QUESTION)).toMatchObject({ body: { answer: 'allow' } })
  })

  test('nothing is saved', async () => {
    await call('test', { text: RULES })
    await call('build', { text: RULES })
    expect(await world.context.store.read.policies.find(alice)).toBeUndefined()
  })

  test('somebody else’s things and rules are not known', async () => {
    const mallory = await world.person('mallory@example.test')
    await world.rules(mallory, RULES.replace(/expect:[\s\S]*/, ''))
    await world.thing({ id: 'r-2', key: 'guitar-2', owner: mallory })
    expect(await call('explain', { text: RULES, ...QUESTION, what: 'guitar-2' })).toMatchObject({ body: { answer: 'deny' } })
    expect(await call('explain', QUESTION)).toMatchObject({ body: { answer: 'deny' } })
  })
})

describe('TR42: words that stand for nothing', () => {
  const open = 'version: 1\nshares:\n  - { name: A, who: [bob@example.test], what: [nothing-of-mine], may: [play] }\n'

  test('TR42: nothing is saved before the owner says so, and the text is kept', async () => {
    const asked = await visitor.submit('/rules', '/rules', { text: open, revision: '0' })
    expect(asked.status).toBe(422)
    expect(asked.html).toMatch(/Not saved yet[\s\S]*Line 3[\s\S]*You have no thing[\s\S]*nothing-of-mine[\s\S]*Save anyway/)
    expect(asked.html).not.toContain('never ends')
    expect(await world.context.store.read.policies.find(alice)).toBeUndefined()
  })

  test('TR42: a second POST saves them anyway, and the warnings stay on the page', async () => {
    const { status, location } = await visitor.submit('/rules', '/rules', { text: open, revision: '0', acknowledge_warnings: 'yes' })
    expect(status).toBe(303)
    for (const page of [location, '/rules'])
      expect((await visitor.open(page)).html).toMatch(/Saved, with warnings[\s\S]*Line 3, column 5[\s\S]*never ends[\s\S]*You have no thing/)
  })

  test('TR42: acknowledging warnings does not save a text with errors', async () => {
    const refused = await visitor.submit('/rules', '/rules', { text: 'version: 2\n', revision: '0', acknowledge_warnings: 'yes' })
    expect(refused.status).toBe(422)
    expect(refused.html).not.toContain('Save anyway')
  })

  test('TR42: other warnings are no reason to ask', async () => {
    const endless = open.replace('nothing-of-mine', 'guitar-1')
    const { location } = await visitor.submit('/rules', '/rules', { text: endless, revision: '0' })
    expect((await visitor.open(location)).html).toMatch(/Saved, with warnings[\s\S]*never ends/)
  })

  test('TR42: an owner without any thing yet is not asked', async () => {
    await world.person('new@example.test')
    visitor = createVisitor(world.origin)
    await visitor.signIn('new@example.test')
    expect((await visitor.submit('/rules', '/rules', { text: open, revision: '0' })).status).toBe(303)
  })

  test('TR42: a thing that comes later takes the warning away', async () => {
    await visitor.submit('/rules', '/rules', { text: open, revision: '0', acknowledge_warnings: 'yes' })
    await world.thing({ id: 'r-9', key: 'nothing-of-mine', owner: alice })
    expect((await visitor.open('/rules')).html).not.toContain('You have no thing')
  })
})

describe('used wrongly', () => {
  test.each<[tool: string, members: unknown, option: string]>([
    ['check', '[]', 'body'],
    ['check', 'no JSON', 'body'],
    ['check', { text: RULES, save: true }, 'save'],
    ['check', { text: 5 }, 'text'],
    ['test', { text: RULES, at: 'noon' }, 'at'],
    ['explain', { text: RULES, who: 'bob@example.test', what: 'x' }, 'may'],
    ['explain', { text: RULES, ...QUESTION, who: 5 }, 'who'],
    ['explain', { text: RULES, ...QUESTION, who: 'nobody' }, 'who'],
    ['explain', { text: RULES, ...QUESTION, proof: 'password' }, 'proof'],
    ['explain', { text: RULES, ...QUESTION, from: 'home' }, 'from'],
    ['explain', { text: RULES, ...QUESTION, attributes: { a: [] } }, 'attributes'],
    ['can', { text: RULES, what: 'drum' }, 'what'],
    ['diff', { text: RULES, from_text: 5 }, 'from_text'],
    ['build', { text: RULES, form: 'zip' }, 'form'],
  ])('%s %j: %s', async (tool, members, option) => {
    expect(await call(tool, members)).toMatchObject({
      status: 400,
      body: { ok: false, error: { code: 'usage', option, message: expect.any(String) }, diagnostics: [], warnings: [] },
    })
  })

  test('a body that is too large is not read', async () => {
    expect(await call('check', { text: 'x'.repeat(2 * 1024 * 1024) })).toMatchObject({ status: 413 })
    expect(await call('check', { text: `# ${'x'.repeat(256 * 1024)}` })).toMatchObject({
      status: 200,
      body: { ok: false, diagnostics: [{ code: 'too_large' }] },
    })
  })
})

describe('C04: only the owner, from our own pages', () => {
  test.each<[title: string, headers: Record<string, string>, status: number, error: string]>([
    ['not signed in', { cookie: '' }, 401, 'signed_out'],
    ['from another site', { origin: 'https://evil.example' }, 403, 'foreign_request'],
    ['from another site, as browsers tell it', { 'sec-fetch-site': 'cross-site' }, 403, 'foreign_request'],
    ['as a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'invalid_request'],
    ['JSON sent as text', { 'content-type': 'text/plain' }, 415, 'invalid_request'],
  ])('%s', async (_title, headers, status, error) => {
    expect(await call('check', { text: RULES }, headers)).toMatchObject({ status, body: { error } })
  })

  test('from our own page', async () => {
    expect(await call('check', { text: RULES }, { origin: world.origin, 'sec-fetch-site': 'same-origin' })).toMatchObject({ status: 200 })
  })
})

function isLike(value: unknown, pattern: object): boolean {
  try {
    expect(value).toMatchObject(pattern)
    return true
  } catch {
    return false
  }
}

describe('nobody keeps the server busy', () => {
  test('one request of an owner at a time', async () => {
    const both = await Promise.all([call('test', { text: RULES }), call('test', { text: RULES })])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 429])
    expect(both.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('2')
    expect(await call('check', { text: RULES })).toMatchObject({ status: 200 })
  })

  test('so many in a minute, counted for each owner', () => {
    const limits = createToolLimits()
    const ask = (owner: string, now: number) => {
      const refusal = beginTool(limits, { owner, cost: 5 }, now)
      if (refusal === undefined) endTool(limits, owner)
      return refusal?.reason
    }
    expect(Array.from({ length: TOOL_POINTS / 5 }, () => ask('a', START))).toEqual(Array.from({ length: TOOL_POINTS / 5 }))
    expect(ask('a', START + 59)).toBe('too_many')
    expect(ask('b', START + 59)).toBeUndefined()
    expect(ask('a', START + 60)).toBeUndefined()
  })

  test('rules that are hard to compare end after a second, with the reason, where they are not done by then', async () => {
    const words = (share: number) =>
      `who: [anyone-signed-in], what: [everything], may: [everything], only: { days: [${['mon', 'tue', 'wed'][share % 3]}], between: "0${share % 10}:0${share % 7}-1${share % 10}:00", from: [10.${share % 250}.0.0/16], purpose: [p${share}] }`
    const text = `version: 1\ndefaults: { timezone: Europe/Paris }\nshares:\n${Array.from({ length: 900 }, (_, share) => `  - { name: S${share}, ${words(share)} }\n`).join('')}`
    const started = Date.now()
    const ended = { ok: false, diagnostics: [{ code: 'too_large', message: expect.stringContaining('command line') }] }
    const listed = await call('can', { text })
    expect(listed).toMatchObject({ status: 200, body: expect.toSatisfy((body: { readonly ok: boolean }) => body.ok || isLike(body, ended)) })
    const checked = await call('check', { text })
    const warned = { ok: true, warnings: [{ code: 'too_large', severity: 'warning' }] }
    expect(checked).toMatchObject({
      status: 200,
      body: expect.toSatisfy((body: { readonly warnings: readonly unknown[] }) => isLike(body, warned) || body.warnings.length > 1),
    })
    // Reading a text of this size takes its time on a busy machine; the comparisons, left alone, took minutes.
    expect(Date.now() - started).toBeLessThan(20_000)
  })

  test('so many owners at once', () => {
    const limits = createToolLimits()
    for (let owner = 0; owner < TOOLS_MAX_AT_ONCE; owner += 1) expect(beginTool(limits, { owner: `o${owner}`, cost: 1 }, START)).toBeUndefined()
    expect(beginTool(limits, { owner: 'one-more', cost: 1 }, START)).toEqual({ reason: 'all_busy' })
    endTool(limits, 'o0')
    expect(beginTool(limits, { owner: 'one-more', cost: 1 }, START)).toBeUndefined()
  })
})
