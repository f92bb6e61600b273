import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXAMPLE_RULES } from '../../../../authz-server/console/pages/rules.ts'
import { type AuthzWorld, startAuthzWorld } from '../../../support/authz-world.ts'
import { createVisitor, type Visitor } from '../../../support/visitor.ts'

let world: AuthzWorld
let alice: string
let visitor: Visitor
let revision: number

beforeAll(async () => {
  world = await startAuthzWorld()
  alice = await world.person('alice@example.test')
  revision = await world.context.store.read.feedLog.newestRevision()
  visitor = createVisitor(world.origin)
  expect((await visitor.signIn('alice@example.test')).location).toBe('/')
})
afterAll(() => world.close())

describe('the rules page', () => {
  test('a new owner shares nothing, and the text shown can be saved as it is', async () => {
    const page = await visitor.open('/rules')
    expect(page.status).toBe(200)
    expect(page.html).toContain('version: 1\nshares: []')
    expect(page.html).toContain('Only you and your devices may use your things.')
  })

  test('a text with mistakes is not saved; each mistake is shown with its line, and the text comes back as it was', async () => {
    const text = 'version: 1\nshares:\n  - name: Band\n    who: [bob@example.test]\n    what: [guitar-0042]\n    may: [play]\n    onyl: { days: [mon] }\n'
    const answer = await visitor.submit('/rules', '/rules', { text, revision: '0' })
    expect(answer.status).toBe(422)
    expect(answer.html).toContain('Line 7, column')
    expect(answer.html).toContain('Did you mean')
    expect(answer.html).toContain('onyl: { days: [mon] }\n</textarea>')
    expect(await world.context.store.read.policies.find(alice)).toBeUndefined()
    expect(await world.context.store.read.feedLog.newestRevision()).toBe(revision)
  })

  test('the example can be saved, is read back in words and is told to sidecars', async () => {
    const answer = await visitor.submit('/rules', '/rules', { text: EXAMPLE_RULES.replaceAll('\n', '\r\n'), revision: '0' })
    expect([answer.status, answer.location]).toEqual([303, '/rules?saved=1'])
    const page = await visitor.open(answer.location)
    expect(page.html).toContain('Enforced from revision 1')
    expect(page.html).toContain('band (bob@example.test and carol@example.test) may play and read on guitar-0042')
    expect(page.html).toContain('mallory@example.test may do nothing')
    const policy = await world.context.store.read.policies.find(alice)
    expect(policy?.text).toBe(EXAMPLE_RULES)
    const [change] = await world.context.store.read.feedLog.listAfter(revision, 10)
    expect(change?.entries).toEqual([{ kind: 'owner', owner: alice, policy_revision: 1, artifact: policy?.artifact }])
    expect(await world.context.store.read.artifacts.find(policy?.artifact ?? '')).toBeDefined()
  })

  test('a claim of "saved" that is not true is not repeated', async () => {
    expect((await visitor.open('/rules?saved=7')).html).not.toContain('Enforced from')
  })

  test('G15: a text made from an older revision comes back beside the one in force, with 409, and can then be saved', async () => {
    const mine = `# mine <b>\n${EXAMPLE_RULES}`
    await world.rules(alice, `# theirs\n${EXAMPLE_RULES}`)
    const answer = await visitor.submit('/rules', '/rules', { text: mine, revision: '1' })
    expect(answer.status).toBe(409)
    expect(answer.html).toContain('# mine &lt;b&gt;\n')
    expect(answer.html).toContain('# theirs\n')
    expect(answer.html).toContain('name="revision" value="2"')
    expect((await world.context.store.read.policies.find(alice))?.text).toContain('# theirs')
    expect((await visitor.submit('/rules', '/rules', { text: mine, revision: '2' })).location).toBe('/rules?saved=3')
  })

  test.each(['', '-1', '1e3', '99999999999', 'x'])('G15: a revision of %j is none: nothing is saved', async (given) => {
    const answer = await visitor.submit('/rules', '/rules', { text: EXAMPLE_RULES, revision: given })
    expect(answer.status).toBe(409)
  })

  test('a text that is larger than a policy may be is refused before it is read', async () => {
    const answer = await visitor.submit('/rules', '/rules', { text: `# ${'x'.repeat(900_000)}`, revision: '3' })
    expect(answer.status).toBe(413)
    expect(answer.html).toContain('That is too long')
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    const within = await visitor.submit('/rules', '/rules', { text: `# ${'x'.repeat(300_000)}`, revision: '3' })
    expect(within.status).toBe(422)
  })

  test('a fault is told as a page without detail, and goes into the log', async () => {
    await world.breakArtifactOf(alice)
    const before = world.log.length
    const bob = { id: await world.person('bob@example.test'), email: 'bob@example.test' }
    await world.thing({ id: 'res-1', key: 'guitar-0042', owner: alice })
    await world.ask({ owner: alice, requester: bob, resourceId: 'res-1', scopes: ['read'] })
    const answer = await visitor.open('/inbox')
    expect(answer.status).toBe(500)
    expect(answer.html).toContain('Something went wrong')
    expect(answer.html).not.toMatch(/artifact|at .*\.ts/)
    expect(answer.headers.get('x-frame-options')).toBe('DENY')
    expect(world.log.slice(before).some((line) => line.event === 'endpoint_fault')).toBe(true)
  })
})
