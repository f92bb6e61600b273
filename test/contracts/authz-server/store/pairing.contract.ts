// What every store must do for devices, pairings, grants and refresh tokens: each one-time step is won once, and nothing is overwritten.
import { describe, expect, test } from 'vitest'
import type { Pairing } from '../../../../authz-server/store/pairings-repository.ts'
import type { Store } from '../../../../authz-server/store/store.ts'
import { generateKey } from '../../../unit/authz-server/support/authz-world.ts'

const DEVICE = { id: 'guitar-1', kind: 'guitar', model: 'Model', jkt: 'key-1' }
const { jwk } = generateKey()

const PAIRING: Pairing = {
  id: 'pairing-1',
  deviceCodeHash: 'device-hash',
  userCodeHash: 'user-hash',
  clientId: 'device:guitar-1',
  deviceId: 'guitar-1',
  jkt: 'key-1',
  jwk,
  scope: ['read', 'play'],
  status: 'pending',
  personId: null,
  pollIntervalSeconds: 5,
  lastPollAt: null,
  address: '192.0.2.1',
  createdAt: 100,
  expiresAt: 700,
}

async function furnish(store: Store): Promise<void> {
  await store.transaction(async ({ people, devices }) => {
    for (const id of ['alice', 'bob'])
      await people.add({ id, email: `${id}@example.test`, emailVerified: true, displayName: id, passwordHash: 'x', createdAt: 1 })
    await devices.add(DEVICE, 10)
    await devices.activate(DEVICE.id, 20)
  })
}

const both = (answers: readonly boolean[]) => [...answers].sort()

export function describePairingStore(name: string, withStore: (work: (store: Store) => Promise<void>) => Promise<void>): void {
  const withFurnished = (work: (store: Store) => Promise<void>) =>
    withStore(async (store) => {
      await furnish(store)
      await work(store)
    })

  describe(`pairing contract: ${name}`, () => {
    test('a device is read back as it was added, and neither its id nor its key can be taken again', () =>
      withFurnished(async (store) => {
        const expected = { ...DEVICE, status: 'active', owner: null, epoch: 0, importedAt: 10, activatedAt: 20, pairedAt: null, revokedAt: null }
        expect(await store.read.devices.find('guitar-1')).toEqual(expected)
        expect(await store.read.devices.findByKey('key-1')).toEqual(expected)
        expect(await store.transaction(({ devices }) => devices.add({ ...DEVICE, jkt: 'key-2' }, 30))).toBe(false)
        expect(await store.transaction(({ devices }) => devices.add({ ...DEVICE, id: 'guitar-2' }, 30))).toBe(false)
        expect(await store.read.devices.find('guitar-1')).toEqual(expected)
      }))

    test('ownership: only an active device, never somebody else’s; each change of owner is an epoch', () =>
      withFurnished(async (store) => {
        const assign = (owner: string) => store.transaction(({ devices }) => devices.assignOwner('guitar-1', owner, 40))
        const epoch = async () => (await store.read.devices.find('guitar-1'))?.epoch
        expect([await assign('alice'), await epoch()]).toEqual([true, 1])
        expect([await assign('alice'), await epoch()]).toEqual([true, 1])
        expect([await assign('bob'), await epoch()]).toEqual([false, 1])
        expect(await store.transaction(({ devices }) => devices.revoke('guitar-1', { owner: 'bob', now: 50 }))).toBe(false)
        expect(await store.transaction(({ devices }) => devices.revoke('guitar-1', { owner: 'alice', now: 50 }))).toBe(true)
        expect(await store.read.devices.find('guitar-1')).toMatchObject({ status: 'revoked', owner: null, epoch: 2, revokedAt: 50 })
        expect(await store.transaction(({ devices }) => devices.revoke('guitar-1', { now: 60 }))).toBe(false)
        expect(await assign('bob')).toBe(false)
        expect(await store.transaction(({ devices }) => devices.activate('guitar-1', 70))).toBe(true)
        expect(await store.transaction(({ devices }) => devices.activate('guitar-1', 70))).toBe(false)
        expect([await assign('bob'), await epoch()]).toEqual([true, 3])
      }))

    test('devices are listed page by page, by owner, and for the feed without those never active', () =>
      withFurnished(async (store) => {
        await store.transaction(({ devices }) => devices.add({ ...DEVICE, id: 'amp-1', jkt: 'key-9' }, 30))
        await store.transaction(({ devices }) => devices.assignOwner('guitar-1', 'alice', 40))
        const ids = (devices: readonly { readonly id: string }[]) => devices.map((device) => device.id)
        expect(ids(await store.read.devices.list({ after: '', most: 1 }))).toEqual(['amp-1'])
        expect(ids(await store.read.devices.list({ after: 'amp-1', most: 9 }))).toEqual(['guitar-1'])
        expect(ids(await store.read.devices.listOfOwner('alice'))).toEqual(['guitar-1'])
        expect(ids(await store.read.devices.listKnownToFeed())).toEqual(['guitar-1'])
      }))

    test('a pairing is read back by id and by either code; a user code in use is not given twice', () =>
      withFurnished(async (store) => {
        expect(await store.transaction(({ pairings }) => pairings.add(PAIRING))).toBe(true)
        expect(await store.transaction(({ pairings }) => pairings.add({ ...PAIRING, id: 'pairing-2', deviceCodeHash: 'other' }))).toBe(false)
        const { pairings } = store.read
        expect([await pairings.find('pairing-1'), await pairings.findByUserCode('user-hash'), await pairings.findByDeviceCode('device-hash')]).toEqual([
          PAIRING,
          PAIRING,
          PAIRING,
        ])
        expect([await pairings.countPending(699), await pairings.countPending(700)]).toEqual([1, 0])
      }))

    test.each([
      { title: 'is decided once', now: 699, expected: [false, true] },
      { title: 'is not decided at its end', now: 700, expected: [false, false] },
    ])('of two answers at once, a pairing $title', ({ now, expected }) =>
      withFurnished(async (store) => {
        await store.transaction(({ pairings }) => pairings.add(PAIRING))
        const decide = (status: 'approved' | 'denied') => store.transaction(({ pairings }) => pairings.decide('pairing-1', { status, personId: 'alice', now }))
        expect(both(await Promise.all([decide('approved'), decide('denied')]))).toEqual(expected)
      }),
    )

    test('only an approved pairing is redeemed, once', () =>
      withFurnished(async (store) => {
        await store.transaction(({ pairings }) => pairings.add(PAIRING))
        const redeem = () => store.transaction(({ pairings }) => pairings.redeem('pairing-1', 200))
        expect(await redeem()).toBe(false)
        await store.transaction(({ pairings }) => pairings.decide('pairing-1', { status: 'approved', personId: 'alice', now: 150 }))
        expect(both(await Promise.all([redeem(), redeem(), redeem()]))).toEqual([false, false, true])
      }))

    test('TR55: a pairing without a key takes the first one that is bound, and no other', () =>
      withFurnished(async (store) => {
        await store.transaction(({ pairings }) => pairings.add({ ...PAIRING, jkt: null, jwk: null }))
        expect(await store.read.pairings.find('pairing-1')).toMatchObject({ jkt: null, jwk: null })
        const bind = (jkt: string) => store.transaction(({ pairings }) => pairings.bindKey('pairing-1', { jkt, jwk }))
        expect(both(await Promise.all([bind('key-a'), bind('key-b')]))).toEqual([false, true])
        expect(await bind('key-c')).toBe(false)
        expect((await store.read.pairings.find('pairing-1'))?.jkt).toMatch(/^key-[ab]$/)
        expect((await store.read.pairings.find('pairing-1'))?.jwk).toEqual(jwk)
      }))

    test('TR25: a client assertion is used once, and forgotten when it has expired', () =>
      withFurnished(async (store) => {
        const use = (idHash: string) => store.transaction(({ usedAssertions }) => usedAssertions.useOnce({ idHash, expiresAt: 500 }, 100))
        expect(both(await Promise.all([use('a'), use('a')]))).toEqual([false, true])
        expect(await use('b')).toBe(true)
        await store.transaction(({ usedAssertions }) => usedAssertions.prune(499))
        expect(await use('a')).toBe(false)
        await store.transaction(({ usedAssertions }) => usedAssertions.prune(500))
        expect(await use('a')).toBe(true)
      }))

    test('polls are noted, and ended pairings forgotten', () =>
      withFurnished(async (store) => {
        await store.transaction(({ pairings }) => pairings.add(PAIRING))
        await store.transaction(({ pairings }) => pairings.notePoll('pairing-1', { lastPollAt: 120, pollIntervalSeconds: 10 }))
        expect(await store.read.pairings.find('pairing-1')).toMatchObject({ lastPollAt: 120, pollIntervalSeconds: 10 })
        await store.transaction(({ pairings }) => pairings.prune(700))
        expect(await store.read.pairings.find('pairing-1')).toBeDefined()
        await store.transaction(({ pairings }) => pairings.prune(701))
        expect(await store.read.pairings.find('pairing-1')).toBeUndefined()
      }))

    test('grants end once, and all of a device at once', () =>
      withFurnished(async (store) => {
        const grant = {
          id: 'g1',
          clientId: 'device:guitar-1',
          personId: 'alice',
          deviceId: 'guitar-1',
          epoch: 1,
          jkt: 'key-1',
          scope: ['read'],
          createdAt: 100,
        }
        await store.transaction(async ({ grants }) => {
          await grants.add(grant)
          await grants.add({ ...grant, id: 'g2' })
          await grants.add({ ...grant, id: 'g3', clientId: 'app', deviceId: null, epoch: null })
        })
        expect(await store.read.grants.find('g1')).toEqual({ ...grant, revokedAt: null })
        expect(await store.transaction(({ grants }) => grants.revoke('g1', 200))).toBe(true)
        expect(await store.transaction(({ grants }) => grants.revoke('g1', 300))).toBe(false)
        expect(await store.transaction(({ grants }) => grants.revokeOfDevice('guitar-1', 300))).toEqual(['g2'])
        expect([(await store.read.grants.find('g1'))?.revokedAt, (await store.read.grants.find('g3'))?.revokedAt]).toEqual([200, null])
      }))

    test('a refresh token is used once, not at its end, and forgotten then', () =>
      withFurnished(async (store) => {
        await store.transaction(async ({ grants, refreshTokens }) => {
          await grants.add({ id: 'g1', clientId: 'app', personId: 'alice', deviceId: null, epoch: null, jkt: 'k', scope: [], createdAt: 100 })
          for (const tokenHash of ['first', 'second']) await refreshTokens.add({ tokenHash, grantId: 'g1', createdAt: 100, expiresAt: 500 })
        })
        const use = (hash: string, now: number) => store.transaction(({ refreshTokens }) => refreshTokens.useOnce(hash, now))
        expect(both(await Promise.all([use('first', 499), use('first', 499)]))).toEqual([false, true])
        expect(await use('second', 500)).toBe(false)
        expect((await store.read.refreshTokens.find('first'))?.usedAt).toBe(499)
        await store.transaction(({ refreshTokens }) => refreshTokens.prune(500))
        expect(await store.read.refreshTokens.find('first')).toBeUndefined()
      }))

    test('a resource key is unique within its resource server; resources go with their device', () =>
      withFurnished(async (store) => {
        const resource = {
          id: 'r1',
          resourceServer: 'https://a.example',
          key: 'guitar-1',
          name: 'Guitar',
          type: 't',
          tags: ['studio'],
          scopes: ['read'],
          owner: 'alice',
          deviceId: 'guitar-1',
          createdAt: 100,
        }
        const add = (change: object) => store.transaction(({ resources }) => resources.add({ ...resource, ...change }))
        expect([await add({}), await add({ id: 'r2' }), await add({ id: 'r3', resourceServer: 'https://b.example' })]).toEqual([true, false, true])
        expect(await store.read.resources.listOfDevice('guitar-1')).toContainEqual(resource)
        expect([
          await store.read.resources.hasOwnerAt('alice', 'https://a.example'),
          await store.read.resources.hasOwnerAt('bob', 'https://a.example'),
        ]).toEqual([true, false])
        expect(both((await store.transaction(({ resources }) => resources.removeOfDevice('guitar-1'))).map((id) => id === 'r1'))).toEqual([false, true])
        expect(await store.read.resources.listOfOwner('alice')).toEqual([])
      }))

    test('a module is read back byte for byte', () =>
      withFurnished(async (store) => {
        const wasm = new Uint8Array([0, 97, 115, 109, 255])
        await store.transaction(({ artifacts }) => artifacts.add({ digest: 'd', wasm }, 1))
        expect(await store.read.artifacts.find('d')).toEqual(wasm)
      }))
  })
}
