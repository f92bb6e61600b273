// What every store must do, whatever database stands behind it. Run by one test file per database.
import { describe, expect, test } from 'vitest'
import type { Store } from '../../../../authz-server/store/store.ts'

export function describeStore(name: string, withStore: (work: (store: Store) => Promise<void>) => Promise<void>): void {
  describe(`store contract: ${name}`, () => {
    test('a change is there to read once its transaction has resolved', () =>
      withStore(async (store) => {
        const revision = await store.transaction(({ feedLog }) => feedLog.append([], 100))
        expect(await store.read.feedLog.newestRevision()).toBe(revision)
      }))

    test('a transaction that throws leaves nothing behind', () =>
      withStore(async (store) => {
        const failing = store.transaction(async ({ feedLog }) => {
          await feedLog.append([], 100)
          throw new Error('stop here')
        })
        await expect(failing).rejects.toThrow('stop here')
        expect(await store.read.feedLog.newestRevision()).toBe(0)
      }))

    test('fifty transactions at once get fifty revisions, in order and without a gap', () =>
      withStore(async (store) => {
        const revisions = await Promise.all(Array.from({ length: 50 }, () => store.transaction(({ feedLog }) => feedLog.append([], 100))))
        expect([...revisions].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
      }))

    test('pruning the feed keeps the newest revision, so that numbers never come again', () =>
      withStore(async (store) => {
        await store.transaction(({ feedLog }) => feedLog.append([], 100))
        await store.transaction(({ feedLog }) => feedLog.append([], 100))
        await store.transaction(({ feedLog }) => feedLog.prune(1000))
        expect(await store.read.feedLog.newestRevision()).toBe(2)
        expect(await store.read.feedLog.oldestRevision()).toBe(2)
        expect(await store.transaction(({ feedLog }) => feedLog.append([], 100))).toBe(3)
      }))

    test.each([
      { title: 'the token by its jti', of: 'token', id: 'jti-1', expected: true },
      { title: 'the token by its grant', of: 'grant', id: 'grant-1', expected: true },
      { title: 'no token whose grant is named like its jti', of: 'grant', id: 'jti-1', expected: false },
    ] as const)('a revocation ends $title', ({ of, id, expected }) =>
      withStore(async (store) => {
        await store.transaction(({ revocations }) => revocations.add({ kind: 'revocation', of, id, expires_at: 500 }))
        expect(await store.read.revocations.isRevoked({ jti: 'jti-1', grant_id: 'grant-1' })).toBe(expected)
      }),
    )
  })
}
