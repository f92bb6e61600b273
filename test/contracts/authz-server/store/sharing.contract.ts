// What every store must do for people, sessions, tickets, requests and rules, whatever database stands behind it.
import { describe, expect, test } from 'vitest'
import type { AccessRequest } from '../../../../authz-server/store/access-requests-repository.ts'
import type { Store } from '../../../../authz-server/store/store.ts'
import type { Ticket } from '../../../../authz-server/store/tickets-repository.ts'

const ALICE = { id: 'alice', email: 'alice@example.test', displayName: 'Alice', emailVerified: true, passwordHash: 'hash', createdAt: 1 }
const TICKET: Ticket = {
  ticketHash: 'hash-1',
  resourceServer: 'https://rs.example',
  owner: 'alice',
  permissions: [{ resource_id: 'r1', resource_scopes: ['read'] }],
  requester: null,
  clientId: null,
  createdAt: 100,
  expiresAt: 200,
}
const REQUEST: AccessRequest = {
  id: 'request-1',
  owner: 'alice',
  requester: 'bob',
  requesterEmail: 'bob@example.test',
  clientId: 'app',
  resourceId: 'r1',
  scopes: ['play', 'read'],
  reasons: [{ code: 'share_asks_owner', rule: 'Ask', line: 3 }],
  grantedScopes: [],
  status: 'pending',
  createdAt: 100,
  expiresAt: 200,
  decidedAt: null,
}
const policy = (revision: number, text = `version ${revision}`) => ({ owner: 'alice', revision, text, artifact: `digest-${revision}`, savedAt: 100 + revision })

export function describeSharingStore(name: string, withStore: (work: (store: Store) => Promise<void>) => Promise<void>): void {
  const withAlice = (work: (store: Store) => Promise<void>) => () =>
    withStore(async (store) => {
      await store.transaction(({ people }) => people.add(ALICE))
      await work(store)
    })

  describe(`store contract for sharing: ${name}`, () => {
    test(
      'an address belongs to one person',
      withAlice(async (store) => {
        expect(await store.transaction(({ people }) => people.add({ ...ALICE, id: 'mallory', passwordHash: 'other' }))).toBe(false)
        expect(await store.read.people.findByEmail(ALICE.email)).toEqual(ALICE)
        expect(await store.read.people.find('mallory')).toBeUndefined()
      }),
    )

    test(
      'a person that is read by id comes without the password',
      withAlice(async (store) => {
        expect(JSON.stringify(await store.read.people.find('alice'))).not.toContain('hash')
      }),
    )

    test.each([
      { title: 'fresh', now: 150, clientId: 'app', expected: true },
      { title: 'one second before its end', now: 199, clientId: 'app', expected: true },
      { title: 'at its end', now: 200, clientId: 'app', expected: false },
    ])('a ticket $title: usable is $expected', ({ now, clientId, expected }) =>
      withAlice(async (store) => {
        await store.transaction(({ tickets }) => tickets.add(TICKET))
        const use = { ticketHash: 'hash-1', clientId }
        expect((await store.read.tickets.findUsable(use, now)) !== undefined).toBe(expected)
        expect(await store.transaction(({ tickets }) => tickets.takeOnce(use, now))).toBe(expected)
        expect(await store.transaction(({ tickets }) => tickets.takeOnce(use, now))).toBe(false)
      })(),
    )

    test(
      'a ticket of one client is not taken by another, and stays',
      withAlice(async (store) => {
        await store.transaction(({ tickets }) => tickets.add({ ...TICKET, clientId: 'app' }))
        expect(await store.transaction(({ tickets }) => tickets.takeOnce({ ticketHash: 'hash-1', clientId: 'other' }, 150))).toBe(false)
        expect(await store.read.tickets.findUsable({ ticketHash: 'hash-1', clientId: 'app' }, 150)).toEqual({ ...TICKET, clientId: 'app' })
      }),
    )

    test(
      'of fifty uses of a ticket at once, one counts',
      withAlice(async (store) => {
        await store.transaction(({ tickets }) => tickets.add(TICKET))
        const uses = Array.from({ length: 50 }, () => store.transaction(({ tickets }) => tickets.takeOnce({ ticketHash: 'hash-1', clientId: 'app' }, 150)))
        expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1)
      }),
    )

    test(
      'a request is answered once, by its owner alone, before its end',
      withAlice(async (store) => {
        await store.transaction(({ accessRequests }) => accessRequests.add(REQUEST))
        const decide = (owner: string, now: number) =>
          store.transaction(({ accessRequests }) => accessRequests.decideOnce({ id: REQUEST.id, owner, status: 'approved', grantedScopes: ['read'] }, now))
        expect(await store.read.accessRequests.listPending('alice', 199)).toEqual([REQUEST])
        expect(await store.read.accessRequests.listPending('alice', 200)).toEqual([])
        expect(await decide('mallory', 150)).toBe(false)
        expect(await decide('alice', 200)).toBe(false)
        expect(await Promise.all([decide('alice', 150), decide('alice', 150)])).toEqual([true, false])
        expect(await store.read.accessRequests.listDecided('alice', 5)).toEqual([{ ...REQUEST, status: 'approved', grantedScopes: ['read'], decidedAt: 150 }])
        expect(await store.read.accessRequests.find('mallory', REQUEST.id)).toBeUndefined()
        expect(await store.read.accessRequests.countOfRequester('bob', 99)).toBe(1)
        expect(await store.read.accessRequests.countOfRequester('bob', 100)).toBe(0)
      }),
    )

    test(
      'rules are saved from the revision before, and every accepted version is kept',
      withAlice(async (store) => {
        const save = (revision: number, text?: string) => store.transaction(({ policies }) => policies.saveNext(policy(revision, text)))
        expect(await save(2)).toBe(false)
        expect(await Promise.all([save(1), save(1, 'late')])).toEqual([true, false])
        expect(await Promise.all([save(2), save(2, 'late'), save(3)])).toEqual([true, false, true])
        expect(await save(2, 'late')).toBe(false)
        expect(await store.read.policies.find('alice')).toEqual(policy(3))
        expect(await store.read.policies.listVersions('alice')).toEqual([policy(1), policy(2), policy(3)])
      }),
    )

    test(
      'an artifact is bytes, kept once',
      withAlice(async (store) => {
        const wasm = Uint8Array.from([0, 97, 115, 109, 255])
        await store.transaction(({ artifacts }) => artifacts.add({ digest: 'd', wasm }, 100))
        await store.transaction(({ artifacts }) => artifacts.add({ digest: 'd', wasm: Uint8Array.from([1]) }, 101))
        expect(Uint8Array.from((await store.read.artifacts.find('d')) ?? [])).toEqual(wasm)
      }),
    )

    test(
      'a session is found until it is removed or pruned',
      withAlice(async (store) => {
        const session = { idHash: 's1', personId: 'alice', csrfToken: 't', createdAt: 100, lastSeenAt: 100, expiresAt: 500 }
        await store.transaction(({ sessions }) => sessions.add(session))
        await store.transaction(({ sessions }) => sessions.touch('s1', 200))
        await store.transaction(({ sessions }) => sessions.prune(300, 199))
        expect(await store.read.sessions.find('s1')).toEqual({ ...session, lastSeenAt: 200 })
        await store.transaction(({ sessions }) => sessions.prune(300, 200))
        expect(await store.read.sessions.find('s1')).toBeUndefined()
        await store.transaction(({ sessions }) => sessions.add({ ...session, idHash: 's2' }))
        await store.transaction(({ sessions }) => sessions.remove('s2'))
        expect(await store.read.sessions.find('s2')).toBeUndefined()
      }),
    )
  })
}
