import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXAMPLE_RULES } from '../../../../authz-server/console/pages/rules.ts'
import { type AuthzWorld, startAuthzWorld } from '../../../world/authz-world.ts'
import { createVisitor, type Visitor } from '../../../world/visitor.ts'

let world: AuthzWorld
let alice: string
let visitor: Visitor

beforeAll(async () => {
  world = await startAuthzWorld()
  alice = await world.person('alice@example.test')
  visitor = createVisitor(world.origin)
  expect((await visitor.signIn('alice@example.test')).location).toBe('/')
})
afterAll(() => world.close())

describe('the rules page', () => {
  test('a new owner shares nothing, and the text shown can be saved as it is', async () => {
    const page = await visitor.open('/rules')
    expect(page.status).toBe(200)
    expect(page.html).toContain('version: 1\nshares: []')
    expect(page.html).toContain('Nobody but you and your devices may use your things.')
  })

  test('a text with mistakes is not saved; each mistake is shown with its line, and the text comes back as it was', async () => {
    const text = 'version: 1\nshares:\n  - name: Band\n    who: [bob@example.test]\n    what: [guitar-0042]\n    may: [play]\n    onyl: { days: [mon] }\n'
    const answer = await visitor.submit('/rules', '/rules', { text, revision: '0' })
    expect(answer.status).toBe(422)
    expect(answer.html).toContain('Line 7, column')
    expect(answer.html).toContain('Did you mean')
    expect(answer.html).toContain('onyl: { days: [mon] }\n</textarea>')
    expect(await world.context.store.read.policies.find(alice)).toBeUndefined()
    expect(await world.context.store.read.feedLog.newestRevision()).toBe(1)
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
    const [, change] = await world.context.store.read.feedLog.listAfter(0, 10)
    expect(change?.entries).toEqual([{ kind: 'owner', owner: alice, policy_revision: 1, artifact: policy?.artifact }])
    expect(await world.context.store.read.artifacts.find(policy?.artifact ?? '')).toBeDefined()
  })

  test('a claim of "saved" that is not true is not repeated', async () => {
    expect((await visitor.open('/rules?saved=7')).html).not.toContain('Enforced from')
  })
})
