import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sidecar } from '../../../attacks/authz-server-uma/uma-world.ts'
import { type AuthzWorld, PASSWORD, startAuthzWorld } from '../../../support/authz-world.ts'
import { createVisitor } from '../../../support/visitor.ts'

let world: AuthzWorld
beforeAll(async () => {
  world = await startAuthzWorld()
})
afterAll(() => world.close())

const add = async (body: unknown, scope: readonly string[] = ['registry']) => {
  const response = await sidecar(world, 'sidecar-1', scope).call('/registry/people', 'POST', body)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
const carol = { email: 'Carol@example.test', display_name: 'Carol', password: PASSWORD }

describe('POST /registry/people', () => {
  test('makes an account that can sign in, and tells sidecars that its owner shares nothing', async () => {
    const before = await world.context.store.read.feedLog.newestRevision()
    const added = await add(carol)
    expect(added).toEqual({ status: 201, body: { id: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/) } })
    const [change] = await world.context.store.read.feedLog.listAfter(before, 5)
    expect(change?.entries).toEqual([{ kind: 'owner', owner: added.body['id'], policy_revision: 0, artifact: null }])
    expect((await createVisitor(world.origin).signIn('carol@EXAMPLE.test')).status).toBe(303)
  })

  test('the same address again is refused, in whatever case, and changes nothing', async () => {
    expect(await add({ ...carol, email: 'CAROL@example.TEST', password: 'another pass phrase' })).toMatchObject({ status: 409, body: { error: 'email_taken' } })
    expect((await createVisitor(world.origin).signIn('carol@example.test')).status).toBe(303)
  })

  test.each([
    ['no address', { ...carol, email: 'carol' }, 'email_unusable'],
    ['an address that would become another in small letters', { ...carol, email: '\u212aarol@example.test' }, 'email_unusable'],
    ['an empty name', { ...carol, email: 'd@example.test', display_name: ' ' }, 'display_name_unusable'],
    ['a password of 9 characters', { ...carol, email: 'd@example.test', password: '123456789' }, 'password_too_short'],
    ['a password of 201 characters', { ...carol, email: 'd@example.test', password: 'x'.repeat(201) }, 'password_too_long'],
    ['an unknown member', { ...carol, email: 'd@example.test', admin: true }, 'invalid_request'],
    ['a member of the wrong type', { ...carol, email: 'd@example.test', email_verified: 'yes' }, 'invalid_request'],
    ['a list', [carol], 'invalid_request'],
  ])('refuses %s', async (_title, body, error) => {
    expect(await add(body)).toMatchObject({ status: 400, body: { error } })
  })

  test.each([
    { title: 'without email_verified', more: {}, expected: false },
    { title: 'with email_verified false', more: { email_verified: false }, expected: false },
    { title: 'with email_verified true', more: { email_verified: true }, expected: true },
  ])('TR53: $title the address counts as verified: $expected', async ({ title, more, expected }) => {
    const email = `${title.replaceAll(' ', '-')}@example.test`
    expect((await add({ ...carol, email, ...more })).status).toBe(201)
    expect(await world.context.store.read.people.findByEmail(email)).toMatchObject({ emailVerified: expected })
  })

  test('needs the scope registry', async () => {
    expect((await add(carol, ['uma_protection'])).status).toBe(403)
  })

  test('O15: no password, cookie or token is in the log', async () => {
    const visitor = createVisitor(world.origin)
    await visitor.signIn('carol@example.test', 'a wrong pass phrase')
    await visitor.signIn('carol@example.test')
    const log = JSON.stringify(world.log)
    for (const secret of [PASSWORD, 'a wrong pass phrase', ...visitor.cookies.values()]) expect(log).not.toContain(secret)
  })
})
