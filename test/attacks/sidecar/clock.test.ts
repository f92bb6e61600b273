// A wall clock that jumps, ahead and back: what was used stays used, and what ended stays ended.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createNonceSource, NONCE_LIFETIME_SECONDS } from '../../../protocol/nonce.ts'
import { createMemoryReplayStore } from '../../../protocol/replay.ts'
import { sendRaw, statusOf } from '../../support/raw-socket.ts'
import { DEVICE, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

let rig: SidecarRig
beforeEach(async () => {
  rig = await startRig()
})
afterEach(() => rig.close())

const TUNING = `/guitars/${DEVICE}/tuning`
const send = (fields: string) => sendRaw(rig.origin, `GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n${fields}\r\n`)

/** What else of the sidecar's work makes it forget: requests while the clock is wrong. */
const JUMPS: readonly { readonly title: string; readonly skews: readonly number[] }[] = [
  { title: 'ahead by 200 s and back', skews: [200, 0] },
  { title: 'ahead by a day and back', skews: [86_400, 0] },
  { title: 'back by an hour', skews: [-3600] },
  { title: 'back by an hour and ahead again', skews: [-3600, 0] },
  { title: 'back by the life of a nonce', skews: [-NONCE_LIFETIME_SECONDS] },
  { title: 'ahead in steps, then back in steps', skews: [61, 122, 183, 61, 0] },
]

test.each(JUMPS)('TR24: a proof that was used is refused after the clock went $title', async ({ skews }) => {
  await rig.nonce()
  const proof = rig.device.headers('GET', TUNING)
  expect(statusOf(await send(proof))).toBe(200)
  for (const skew of skews) {
    rig.skew = skew
    await rig.nonce()
    await send(rig.device.headers('GET', TUNING))
    expect(statusOf(await send(proof))).not.toBe(200)
  }
  rig.skew = 0
  // 503 where a message of the feed has shown meanwhile that the clock is behind.
  expect([401, 503]).toContain(statusOf(await send(proof)))
})

test.each(JUMPS)('TR24: a proof with a stale nonce is refused after the clock went $title', async ({ skews }) => {
  await rig.nonce()
  const unused = rig.device.headers('GET', TUNING)
  rig.pass(NONCE_LIFETIME_SECONDS + 2)
  const after = rig.skew
  for (const skew of skews) {
    rig.skew = after + skew
    expect(statusOf(await send(unused))).not.toBe(200)
  }
})

test('TR24: a nonce made before the clock jumped is still good after it', async () => {
  await rig.nonce()
  const proof = rig.device.headers('GET', TUNING)
  rig.skew = 30
  expect(statusOf(await send(proof))).toBe(200)
})

test('TR24: the service token is renewed by elapsed time, not by the wall clock', async () => {
  const tokens = () => rig.issuer.counts.get('/token') ?? 0
  const before = tokens()
  rig.skew = -7200
  rig.pass(3600)
  rig.issuer.endStreams()
  await rig.call(rig.device)
  for (let round = 0; round < 200 && tokens() === before; round += 1) await new Promise((resolve) => setTimeout(resolve, 20))
  expect(tokens()).toBeGreaterThan(before)
})

test('TR24: the replay set and the nonces know one clock alone, and forget only by it', () => {
  const replays = createMemoryReplayStore()
  const nonces = createNonceSource({ secret: Buffer.alloc(32, 1), origin: 'https://api.example.test', randomBytes: (count) => Buffer.alloc(count, 2) })
  const nonce = nonces.mint(1000)
  const checked = nonces.check(nonce, 1000)
  if (!checked.ok) throw new Error(checked.error)
  const { staleFrom } = checked.value
  expect(replays.remember('jkt', 'jti', staleFrom, 1000)).toBe('first_use')
  for (let now = 1000; now < staleFrom; now += 1) {
    expect(nonces.check(nonce, now).ok).toBe(true)
    expect(replays.remember('jkt', 'jti', staleFrom, now)).toBe('replayed')
  }
  expect(nonces.check(nonce, staleFrom)).toEqual({ ok: false, error: 'nonce_stale' })
})
