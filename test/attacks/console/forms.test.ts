// C03, C04, C07, O12, O15 for every page and form there is: the lists are made from the table of endpoints, so that none is missed.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Endpoint } from '../../../authz-server/http/exchange.ts'
import { PAGE_ENDPOINTS } from '../../../authz-server/page-routes.ts'
import { ENDPOINTS } from '../../../authz-server/routes.ts'
import { CONTENT_SECURITY_POLICY } from '../../../authz-server/steps/page-headers.ts'
import { type AuthzWorld, PASSWORD, startAuthzWorld } from '../../support/authz-world.ts'
import { createVisitor, formTokenOf, type Visitor } from '../../support/visitor.ts'

let world: AuthzWorld
let alice: Visitor
let mallory: Visitor
let revision: number

const GETS = PAGE_ENDPOINTS.filter((endpoint) => endpoint.method === 'GET').map((endpoint) => endpoint.path)
const POSTS = PAGE_ENDPOINTS.filter((endpoint) => endpoint.method !== 'GET').map((endpoint) => endpoint.path)
const CHANGES = POSTS.filter((path) => path !== '/signin')

beforeAll(async () => {
  world = await startAuthzWorld()
  await world.person('alice@example.test')
  await world.person('mallory@example.test')
  alice = createVisitor(world.origin)
  mallory = createVisitor(world.origin)
  await alice.signIn('alice@example.test')
  await mallory.signIn('mallory@example.test')
  revision = await world.context.store.read.feedLog.newestRevision()
})
afterAll(() => world.close())

const tokenOf = async (visitor: Visitor) => formTokenOf((await visitor.open('/')).html)

test('C04: the rows below are all the pages: every other endpoint that changes something wants a proof of possession or changes nothing for a cookie', () => {
  expect(PAGE_ENDPOINTS.every((endpoint) => ENDPOINTS.includes(endpoint))).toBe(true)
  expect(CHANGES.length).toBeGreaterThanOrEqual(7)
  const others = ENDPOINTS.filter((endpoint: Endpoint) => !PAGE_ENDPOINTS.includes(endpoint) && endpoint.method !== 'GET')
  for (const endpoint of others) expect(endpoint.steps.length, endpoint.path).toBeGreaterThan(0)
})

test('C04: a cookie alone moves nothing at any endpoint that is no page', async () => {
  const others = ENDPOINTS.filter((endpoint) => !PAGE_ENDPOINTS.includes(endpoint) && endpoint.method !== 'GET')
  const cookie = [...alice.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  for (const endpoint of others) {
    const response = await fetch(world.origin + endpoint.path.replace(/\{\w+\}/g, 'x'), { method: endpoint.method, headers: { cookie } })
    // 415: what takes a session takes JSON alone, which no form of another site can send.
    expect([400, 401, 415], `${endpoint.method} ${endpoint.path}`).toContain(response.status)
  }
})

describe.each(CHANGES)('C04: POST %s', (path) => {
  test('C04: without a token', async () => {
    expect((await alice.post(path, {}, { origin: world.origin })).status).toBe(403)
  })
  test("C04: with another person's token", async () => {
    expect((await alice.post(path, { form_token: await tokenOf(mallory) }, { origin: world.origin })).status).toBe(403)
  })
  test('C04: with the right token from another site', async () => {
    const form_token = await tokenOf(alice)
    expect((await alice.post(path, { form_token }, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await alice.post(path, { form_token }, { origin: 'null' })).status).toBe(403)
    expect((await alice.post(path, { form_token }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await alice.post(path, { form_token }, { 'sec-fetch-site': 'same-site' })).status).toBe(403)
    expect((await alice.post(path, { form_token }, { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' })).status).toBe(403)
  })
  test('C04: as JSON sent as text/plain, and as any other type', async () => {
    const form_token = await tokenOf(alice)
    const cookie = [...alice.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    for (const type of ['text/plain', 'application/json', 'multipart/form-data; boundary=x', '']) {
      const headers = { cookie, ...(type === '' ? {} : { 'content-type': type }) }
      const response = await fetch(world.origin + path, { method: 'POST', headers, body: Buffer.from(JSON.stringify({ form_token })), redirect: 'manual' })
      expect(response.status, type).toBe(403)
    }
  })
  test('C04: with the token given twice', async () => {
    const form_token = await tokenOf(alice)
    const cookie = [...alice.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const body = `form_token=${form_token}&form_token=${form_token}`
    const response = await fetch(world.origin + path, { method: 'POST', headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' }, body })
    expect(response.status).toBe(403)
  })
  test('C04: signed out', async () => {
    expect((await createVisitor(world.origin).post(path, { form_token: await tokenOf(alice) })).status).toBe(403)
  })
})

test('C04: after all that, Alice is signed in and nothing has changed', async () => {
  expect((await alice.open('/')).status).toBe(200)
  expect(await world.context.store.read.feedLog.newestRevision()).toBe(revision)
})

describe('C04: login CSRF', () => {
  test('C04: the sign-in form without its own cookie signs nobody in', async () => {
    const attacker = createVisitor(world.origin)
    const form_token = formTokenOf((await attacker.open('/signin')).html)
    const victim = createVisitor(world.origin)
    const answer = await victim.post('/signin', { form_token, email: 'mallory@example.test', password: PASSWORD }, { origin: world.origin })
    expect(answer.status).toBe(403)
    expect([...victim.cookies.keys()]).not.toContain('latchkey-dev')
  })
  test("C04: the sign-in form with another browser's token signs nobody in", async () => {
    const attacker = createVisitor(world.origin)
    const form_token = formTokenOf((await attacker.open('/signin')).html)
    const victim = createVisitor(world.origin)
    await victim.open('/signin')
    expect((await victim.post('/signin', { form_token, email: 'mallory@example.test', password: PASSWORD })).status).toBe(403)
  })
  test('C04: from another site', async () => {
    const victim = createVisitor(world.origin)
    const form_token = formTokenOf((await victim.open('/signin')).html)
    const answer = await victim.post('/signin', { form_token, email: 'mallory@example.test', password: PASSWORD }, { 'sec-fetch-site': 'cross-site' })
    expect(answer.status).toBe(403)
  })
})

describe('sessions', () => {
  test('the id is new at each sign-in, and the one before is dead', async () => {
    const visitor = createVisitor(world.origin)
    await visitor.signIn('alice@example.test')
    const first = visitor.cookies.get('latchkey-dev') ?? ''
    // A browser that is signed in already is led away from the form, so the form is sent as an attacker's page would have it.
    const anonymous = createVisitor(world.origin)
    const form_token = formTokenOf((await anonymous.open('/signin')).html)
    visitor.cookies.set('latchkey-dev-form', anonymous.cookies.get('latchkey-dev-form') ?? '')
    expect((await visitor.post('/signin', { form_token, email: 'mallory@example.test', password: PASSWORD })).status).toBe(303)
    expect(visitor.cookies.get('latchkey-dev')).not.toBe(first)
    const old = createVisitor(world.origin)
    old.cookies.set('latchkey-dev', first)
    expect((await old.open('/')).location).toBe('/signin')
  })
  test('signing out ends the session on the server: a copied cookie is worth nothing', async () => {
    const visitor = createVisitor(world.origin)
    await visitor.signIn('alice@example.test')
    const copy = createVisitor(world.origin)
    copy.cookies.set('latchkey-dev', visitor.cookies.get('latchkey-dev') ?? '')
    expect((await copy.open('/')).status).toBe(200)
    expect((await visitor.submit('/', '/signout', {})).location).toBe('/signin')
    expect(visitor.cookies.has('latchkey-dev')).toBe(false)
    expect((await copy.open('/')).location).toBe('/signin')
  })
  test('a session ends after 30 idle minutes, and after 12 hours whatever is done', async () => {
    const visitor = createVisitor(world.origin)
    await visitor.signIn('alice@example.test')
    world.advance(30 * 60 - 1)
    expect((await visitor.open('/')).status).toBe(200)
    world.advance(30 * 60)
    expect((await visitor.open('/')).location).toBe('/signin')
    await visitor.signIn('alice@example.test')
    for (let quarter = 0; quarter < 47; quarter += 1) {
      world.advance(15 * 60)
      expect((await visitor.open('/')).status).toBe(200)
    }
    world.advance(15 * 60)
    expect((await visitor.open('/')).location).toBe('/signin')
    await alice.signIn('alice@example.test')
    await mallory.signIn('mallory@example.test')
  })
  test('a cookie value that was chosen before signing in is not taken over (fixation)', async () => {
    const visitor = createVisitor(world.origin)
    const planted = 'A'.repeat(43)
    visitor.cookies.set('latchkey-dev', planted)
    await visitor.signIn('alice@example.test')
    expect(visitor.cookies.get('latchkey-dev')).not.toBe(planted)
  })
})

describe('guessing passwords', () => {
  test('ten wrong passwords for one account, then not even the right one, and an unknown account looks the same', async () => {
    await world.person('victim@example.test')
    for (const email of ['victim@example.test', 'nobody@example.test']) {
      const visitor = createVisitor(world.origin)
      const statuses: number[] = []
      for (let guess = 0; guess < 10; guess += 1) statuses.push((await visitor.signIn(email, `wrong ${guess}`)).status)
      expect(statuses).toEqual(Array.from({ length: 10 }, () => 401))
      const limited = await visitor.signIn(email)
      expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '900'])
      // Each account brings its ten; the third would meet the limit of the address.
    }
    const other = await createVisitor(world.origin).signIn('alice@example.test')
    expect(other.status).toBe(303)
    world.advance(900)
    expect((await createVisitor(world.origin).signIn('victim@example.test')).status).toBe(303)
  })
})

describe.each(GETS)('page %s', (path) => {
  test('C03: is framed by nobody and loads nothing foreign; O15: is not kept and tells no referrer', async () => {
    for (const visitor of [alice, createVisitor(world.origin)]) {
      const { headers } = await visitor.open(path)
      expect(headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY)
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
      expect(headers.get('cache-control')).toBe(path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-store')
      expect(headers.has('x-powered-by')).toBe(false)
    }
  })

  test('O12: no origin is allowed to read it', async () => {
    for (const origin of ['null', 'https://evil.example', `${world.origin}.evil.example`]) {
      const { headers } = await alice.open(path, { origin })
      expect(headers.has('access-control-allow-origin')).toBe(false)
      expect(headers.has('access-control-allow-credentials')).toBe(false)
    }
  })
})

test('C03: refusals carry the same headers', async () => {
  for (const path of POSTS) {
    const { headers, status } = await alice.post(path, {}, { 'sec-fetch-site': 'cross-site' })
    expect(status).toBe(403)
    expect(headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY)
    expect(headers.get('x-frame-options')).toBe('DENY')
  }
})

test('a foreign name for this address shows no page', async () => {
  const { request } = await import('node:http')
  const { port } = new URL(world.origin)
  const status = await new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/signin', headers: { host: `rebound.example:${port}` } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asked.on('error', reject)
    asked.end()
  })
  expect(status).toBe(421)
})

describe('C07: next', () => {
  test.each(['//evil.example', '/\\evil.example', '/%09/evil.example', 'https:evil.example', '/%2f%2fevil.example', '@evil.example', 'javascript:alert(1)'])(
    'C07: next=%s leads to the start page, given in the address or in the form',
    async (next) => {
      const visitor = createVisitor(world.origin)
      const page = await visitor.open(`/signin?next=${encodeURIComponent(next)}`)
      expect(page.html).toContain('name="next" value="/"')
      const answer = await visitor.post('/signin', { form_token: formTokenOf(page.html), next, email: 'alice@example.test', password: PASSWORD })
      expect([answer.status, answer.location]).toEqual([303, '/'])
      expect((await visitor.open(`/signin?next=${encodeURIComponent(next)}`)).location).toBe('/')
    },
  )
  test('C07: a page of ours is kept, its query too', async () => {
    const visitor = createVisitor(world.origin)
    const away = await visitor.open('/device?user_code=WDJB-MJHT')
    expect(away.location).toBe('/signin?next=%2Fdevice%3Fuser_code%3DWDJB-MJHT')
    const page = await visitor.open(away.location)
    expect(page.html).toContain('name="next" value="/device?user_code=WDJB-MJHT"')
  })
})
