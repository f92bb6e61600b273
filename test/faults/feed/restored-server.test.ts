// The authz server comes back with another past than the sidecar knows: the sidecar enforces what the server says now, and says why it had to start over.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FeedEntry } from '../../../protocol/feed/messages.ts'
import { statusOf, until } from '../../support/raw-socket.ts'
import { DEVICE, OWNER, refusalOf, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

let rig: SidecarRig
beforeEach(async () => {
  rig = await startRig()
  rig.issuer.change({ kind: 'owner', owner: OWNER, policy_revision: 2, artifact: null })
  rig.issuer.change({ kind: 'owner', owner: OWNER, policy_revision: 3, artifact: null })
  expect(statusOf(await rig.call(rig.device))).toBe(200)
})
afterEach(() => rig.close())

/** What the restored database says of the device. */
const REVOKED: FeedEntry = { kind: 'device', id: DEVICE, status: 'revoked', owner: OWNER, epoch: 1 }
const snapshots = () => rig.notices.filter((notice) => notice.includes('took a snapshot'))
const reasonNow = async () => refusalOf(await rig.call(rig.device)).reason

interface Restore {
  readonly title: string
  /** The revision is 3 before. */
  readonly revision: number
  readonly incarnation?: string
  readonly digest?: string
  readonly says: string
}

const RESTORES: readonly Restore[] = [
  { title: 'another incarnation at an earlier revision', revision: 1, incarnation: 'incarnation-2', says: 'restored or replaced' },
  { title: 'another incarnation at the same revision', revision: 3, incarnation: 'incarnation-2', says: 'restored or replaced' },
  { title: 'another incarnation at a later revision', revision: 9, incarnation: 'incarnation-2', says: 'restored or replaced' },
  { title: 'another incarnation whose log is empty', revision: 0, incarnation: 'incarnation-2', says: 'restored or replaced' },
  { title: 'the same incarnation at an earlier revision', revision: 2, says: 'no longer has, or does not yet have' },
  { title: 'the same incarnation and revision with another log', revision: 3, digest: 'parted', says: 'log differs' },
]

function restore({ revision, incarnation, digest }: Restore): void {
  rig.issuer.entries.push(REVOKED)
  rig.issuer.revision = revision
  if (incarnation !== undefined) rig.issuer.incarnation = incarnation
  if (digest !== undefined) rig.issuer.digestAt = (at) => `${digest}-${at}`
}

describe('TR20: a restored database', () => {
  test.each(RESTORES)('with $title is followed when the stream breaks', async (restored) => {
    restore(restored)
    rig.issuer.endStreams()
    await until(async () => (await reasonNow()) === 'device_revoked')
    expect(snapshots()).toEqual([expect.stringContaining(restored.says)])
    expect(snapshots()[0]).toContain(`at revision ${restored.revision}, after revision 3`)
    await until(() => rig.issuer.openStreams() > 0)
    await until(() => rig.notices.some((notice) => notice.startsWith('feed_back')))
    expect(snapshots()).toHaveLength(1)
  })

  test.each(RESTORES)('with $title is followed by a sidecar that starts again', async (restored) => {
    await rig.sidecar.close()
    restore(restored)
    await rig.restart()
    await rig.sidecar.whenReady()
    expect(await reasonNow()).toBe('device_revoked')
    expect(snapshots()).toEqual([expect.stringContaining(restored.says)])
    // What is on disk now is of the new database.
    await rig.restart()
    await rig.sidecar.whenReady()
    expect(await reasonNow()).toBe('device_revoked')
    expect(snapshots()).toHaveLength(1)
  })

  test.each([
    { title: 'of another incarnation', parts: () => ({ incarnation: 'incarnation-2', revision: 4, previous: 3 }) },
    { title: 'that follows another log', parts: () => ({ revision: 4, previous: 3, previous_digest: 'parted' }) },
    { title: 'at an earlier revision', parts: () => ({ kind: 'heartbeat' as const, revision: 2, previous: 2 }) },
  ])('is noticed by a message $title in a stream that went on', async ({ parts }) => {
    rig.issuer.entries.push(REVOKED)
    rig.issuer.sendEvent(rig.issuer.message(parts()))
    await until(async () => (await reasonNow()) === 'device_revoked')
    expect(snapshots()).toHaveLength(1)
  })

  test('decides nothing while its snapshot cannot be had, also after a restart', async () => {
    restore({ title: '', revision: 1, incarnation: 'incarnation-2', says: '' })
    rig.issuer.refusals.set('/feed/snapshot', 500)
    rig.issuer.endStreams()
    await until(async () => (await reasonNow()) === 'not_ready')
    expect(rig.sidecar.isReady()).toBe(false)
    rig.issuer.refusals.clear()
    await until(async () => (await reasonNow()) === 'device_revoked')
  })
})

describe('TR20: somebody on the wire', () => {
  test('cannot bring an old snapshot back, whose nonce is of another request', async () => {
    const old = rig.issuer.message({ kind: 'snapshot', previous: 0, previous_digest: '', entries: [] })
    rig.issuer.change(REVOKED)
    await until(async () => (await reasonNow()) === 'device_revoked')
    rig.issuer.sendEvent(old)
    await until(() => rig.notices.some((notice) => notice.includes('took a snapshot')))
    expect(await reasonNow()).toBe('device_revoked')
  })

  test('cannot bring old changes back in a later stream', async () => {
    const text = rig.issuer.message({ revision: rig.issuer.revision + 1, previous: rig.issuer.revision, entries: [] })
    const opened = () => rig.issuer.counts.get('/feed/stream') ?? 0
    const before = opened()
    rig.issuer.endStreams()
    await until(() => opened() > before && rig.issuer.openStreams() > 0)
    rig.issuer.sendEvent(text)
    await until(() => snapshots().length > 0)
    expect(snapshots()[0]).toContain('answers another request')
  })
})

describe('TR23: a start with a good state on disk', () => {
  beforeEach(async () => {
    await rig.sidecar.close()
    rig.issuer.change(REVOKED)
  })

  test('asks a reachable authz server before the first decision', async () => {
    await rig.restart()
    expect(await reasonNow()).toBe('device_revoked')
    expect(snapshots()).toHaveLength(1)
  })

  test.each([
    { title: 'refuses connections', mode: 'down' as const },
    { title: 'never answers', mode: 'hang' as const },
  ])('goes on from disk where the authz server $title', async ({ mode }) => {
    rig.issuer.mode = mode
    await rig.restart()
    await rig.sidecar.whenReady()
    expect(statusOf(await rig.call(rig.device))).toBe(200)
    rig.issuer.mode = 'up'
    if (mode === 'down') await until(async () => (await reasonNow()) === 'device_revoked')
  })

  test.each(['/token', '/feed/stream'])('decides nothing where the authz server answers %s with a refusal', async (path) => {
    rig.issuer.refusals.set(path, 403)
    await rig.restart()
    expect(await reasonNow()).toBe('not_ready')
    rig.issuer.refusals.clear()
    await until(async () => (await reasonNow()) === 'device_revoked')
  })

  test('goes on from disk where a proxy answers for an authz server that is down', async () => {
    rig.issuer.refusals.set('/token', 502)
    await rig.restart()
    await rig.sidecar.whenReady()
    expect(statusOf(await rig.call(rig.device))).toBe(200)
  })
})
