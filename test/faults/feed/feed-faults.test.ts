// The feed when its server, its wire or its disk fails: what is known goes on for a while, what is too old decides nothing.
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { STATE_FILE } from '../../../sidecar/feed/state-file.ts'
import { type FeedWorld, startFeedWorld, until } from '../../support/feed-world.ts'

let world: FeedWorld
beforeEach(async () => {
  world = await startFeedWorld()
  await world.authz.addPerson('alice')
})
afterEach(() => world.close())

const revoke = (id: string) => world.authz.call('operator', 'registry', `/registry/devices/${id}/revoke`, { method: 'POST' })

async function pair(id: string): Promise<void> {
  const { fetch, clientId } = await world.authz.addDevice(id)
  await world.authz.pair(fetch, clientId, 'alice')
}

/** Nobody can be reached, and open streams break. */
function createWire(): { readonly fetch: typeof fetch; cut(): void; mend(): void } {
  let broken = new AbortController()
  return {
    fetch: (input, init) => {
      const signals = init?.signal ? [init.signal, broken.signal] : [broken.signal]
      return fetch(input, { ...init, signal: AbortSignal.any(signals) })
    },
    cut: () => broken.abort(new Error('the wire is cut')),
    mend() {
      broken = new AbortController()
    },
  }
}

test('FA28: a revocation is known at the sidecar at once', { timeout: 60_000 }, async () => {
  const feed = world.openFeed()
  await pair('d-1')
  await feed.start()
  await feed.whenReady()
  const took: number[] = []
  for (let round = 0; round < 20; round += 1) {
    const { context } = world.authz.server
    const id = `grant-${round}`
    const entry = { kind: 'revocation', of: 'grant', id, expires_at: world.authz.now() + 600 } as const
    await context.store.transaction(({ feedLog }) => feedLog.append([entry], world.authz.now()))
    took.push(await until(() => feed.stateAt(world.authz.now())?.revokedGrants.has(id) === true))
  }
  took.sort((a, b) => a - b)
  process.stdout.write(`revocation to sidecar: median ${took[10]?.toFixed(1)} ms, slowest ${took[19]?.toFixed(1)} ms\n`)
  expect(took[19]).toBeLessThan(2000)
})

test('FA01: the server stops and comes back: the state goes on meanwhile, and what changed arrives within 5 s', { timeout: 60_000 }, async () => {
  const feed = world.openFeed()
  await pair('d-1')
  await feed.start()
  await feed.whenReady()
  const { context } = world.authz.server
  await world.stopAuthzServer()
  expect(feed.stateAt(world.authz.now())?.devices.get('d-1')?.status).toBe('active')
  await context.store.transaction(({ feedLog }) => feedLog.append([{ kind: 'device', id: 'd-1', status: 'revoked', owner: null, epoch: 2 }], world.authz.now()))
  await new Promise((resolve) => setTimeout(resolve, 1000))
  expect(feed.stateAt(world.authz.now())?.devices.get('d-1')?.status).toBe('active')
  await world.restartAuthzServer()
  await until(() => feed.stateAt(world.authz.now())?.devices.get('d-1')?.status === 'revoked', 5000)
})

test('FA02: past its greatest age a state decides nothing, at the second; a word from the server makes it good again', { timeout: 60_000 }, async () => {
  const wire = createWire()
  const feed = world.openFeed({ maxAgeSeconds: 60, fetch: wire.fetch })
  await feed.start()
  await feed.whenReady()
  wire.cut()
  const now = world.authz.now()
  expect(feed.stateAt(now + 60)).toBeDefined()
  expect(feed.stateAt(now + 61)).toBeUndefined()
  world.authz.pass(61)
  expect(feed.stateAt(world.authz.now())).toBeUndefined()
  const ready = feed.whenReady()
  wire.mend()
  await ready
  expect(feed.stateAt(world.authz.now())).toBeDefined()
})

test('FA05: a server whose clock stands still does not keep a state fresh', { timeout: 60_000 }, async () => {
  const feed = world.openFeed({ maxAgeSeconds: 60 })
  await feed.start()
  await feed.whenReady()
  const before = feed.revision()
  world.ahead(61)
  await pair('d-2')
  await until(() => feed.revision() > before)
  expect(feed.stateAt(world.authz.now() + 61)).toBeUndefined()
})

test('FA42: a stream in slices of one byte says the same', { timeout: 60_000 }, async () => {
  const sliced: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    if (!response.headers.get('content-type')?.startsWith('text/event-stream') || response.body === null) return response
    const slice = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        for (let at = 0; at < chunk.length; at += 1) controller.enqueue(chunk.slice(at, at + 1))
      },
    })
    return new Response(response.body.pipeThrough(slice), { status: response.status, headers: response.headers })
  }
  const feed = world.openFeed({ fetch: sliced })
  await feed.start()
  await feed.whenReady()
  await pair('d-1')
  await until(() => feed.stateAt(world.authz.now())?.devices.get('d-1')?.owner === 'alice')
  await revoke('d-1')
  await until(() => feed.stateAt(world.authz.now())?.devices.get('d-1')?.status === 'revoked')
  expect(world.notices).toEqual([])
})

test('a start without the server goes on from disk, and only while that is young enough', { timeout: 60_000 }, async () => {
  const first = world.openFeed()
  await pair('d-1')
  await first.start()
  await first.whenReady()
  await pair('d-2')
  await until(() => first.stateAt(world.authz.now())?.devices.has('d-2') === true)
  await first.stop()
  await world.stopAuthzServer()
  const second = world.openFeed()
  await second.start()
  const now = world.authz.now()
  expect([...(second.stateAt(now)?.devices.keys() ?? [])]).toEqual(['d-1', 'd-2'])
  expect(second.revision()).toBe(first.revision())
  expect(second.stateAt(now + 900)).toBeDefined()
  expect(second.stateAt(now + 901)).toBeUndefined()
})

test.each([
  { title: 'cut off', spoil: (path: string) => truncateSync(path, readFileSync(path).length - 20) },
  { title: 'empty', spoil: (path: string) => truncateSync(path, 0) },
  {
    title: 'with a device made active by hand',
    spoil(path: string) {
      const stored = JSON.parse(readFileSync(path, 'utf8')) as { snapshot: string }
      const [head = '', payload = '', signature = ''] = stored.snapshot.split('.')
      const forged = Buffer.from(payload, 'base64url').toString().replaceAll('"revoked"', '"active"')
      expect(forged).toContain('"active"')
      const snapshot = [head, Buffer.from(forged).toString('base64url'), signature].join('.')
      writeFileSync(path, JSON.stringify({ ...stored, snapshot }))
    },
  },
])('a state on disk that is $title is not used, and the server is asked for a new one', { timeout: 60_000 }, async ({ spoil }) => {
  await pair('d-1')
  await revoke('d-1')
  const wire = createWire()
  const first = world.openFeed()
  await first.start()
  await first.whenReady()
  await first.stop()
  spoil(join(world.directory, STATE_FILE))
  wire.cut()
  const second = world.openFeed({ fetch: wire.fetch })
  await second.start()
  expect(second.stateAt(world.authz.now())).toBeUndefined()
  wire.mend()
  await second.whenReady()
  expect(second.stateAt(world.authz.now())?.devices.get('d-1')?.status).toBe('revoked')
})

test('a rotation of keys while the sidecar was away is followed', { timeout: 60_000 }, async () => {
  const first = world.openFeed()
  await first.start()
  await first.whenReady()
  await first.stop()
  for (let round = 0; round < 3; round += 1) await world.authz.call('operator', 'registry', '/registry/keys/rotate', { method: 'POST' })
  const second = world.openFeed()
  await second.start()
  await pair('d-9')
  await until(() => second.stateAt(world.authz.now())?.devices.has('d-9') === true)
  expect(second.stateAt(world.authz.now())?.keys.has(world.authz.keyring.active().kid)).toBe(true)
})

test.each([61, 3600, 86_400])(
  'TR24: a clock set back by %i s decides nothing, since expired tokens would look alive; set right again, it does',
  {
    timeout: 60_000,
  },
  async (seconds) => {
    const feed = world.openFeed()
    await feed.start()
    await feed.whenReady()
    const now = world.authz.now()
    expect(feed.stateAt(now - 60)).toBeDefined()
    expect(feed.stateAt(now - seconds)).toBeUndefined()
    expect(feed.stateAt(now - seconds)).toBeUndefined()
    expect(feed.stateAt(now)).toBeDefined()
    expect(world.notices).toEqual([
      `the clock of this machine is ${seconds} s behind the authz server's: all requests are refused until it is set, e.g. by NTP`,
      'the clock of this machine is correct again',
    ])
  },
)

test('TR24: a clock that stands still does not keep a state young', async () => {
  const feed = world.openFeed({ maxAgeSeconds: 60 })
  await feed.start()
  await feed.whenReady()
  const now = world.authz.now()
  await world.stopAuthzServer()
  world.sleep(61)
  expect(feed.stateAt(now)).toBeUndefined()
})
