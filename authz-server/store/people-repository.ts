// People with an account. An e-mail address is kept in lower case and belongs to one person; the id never changes and tells nothing.
import type { Kysely } from 'kysely'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { PeopleTable, Schema } from './schema.ts'

export interface Person {
  readonly id: string
  readonly email: string
  readonly emailVerified: boolean
  readonly displayName: string
  readonly createdAt: EpochSeconds
}

export interface PersonWithPassword extends Person {
  readonly passwordHash: string
}

/** For operators: an account that is disabled looks like none everywhere else. */
export interface Account extends Person {
  /** Absent for an account that is enabled. */
  readonly disabledAt?: EpochSeconds
}

export interface PeopleRepository {
  /** False if the address belongs to somebody already. */
  add(person: PersonWithPassword): Promise<boolean>
  /** Not if the account is disabled. */
  find(id: string): Promise<Person | undefined>
  /** `email` in lower case. A disabled account is found too, so that a person who knows its password can be told. */
  findByEmail(email: string): Promise<(PersonWithPassword & Account) | undefined>
  /** By id or, in lower case, by address. */
  findAccount(who: string): Promise<Account | undefined>
  /** Ordered by address, after the given one. */
  listAccounts(page: { readonly after: string; readonly most: number }): Promise<readonly Account[]>
  /** False if it was so before. */
  setDisabled(id: string, disabledAt: EpochSeconds | null): Promise<boolean>
  setPassword(id: string, passwordHash: string): Promise<void>
}

export function createPeopleRepository(db: Kysely<Schema>): PeopleRepository {
  return {
    async add(person) {
      const result = await db
        .insertInto('people')
        .values({
          id: person.id,
          email: person.email,
          email_verified: person.emailVerified ? 1 : 0,
          display_name: person.displayName,
          password_hash: person.passwordHash,
          created_at: person.createdAt,
          disabled_at: null,
        })
        .onConflict((conflict) => conflict.column('email').doNothing())
        .executeTakeFirst()
      return result.numInsertedOrUpdatedRows === 1n
    },
    async find(id) {
      const row = await db.selectFrom('people').selectAll().where('id', '=', id).where('disabled_at', 'is', null).executeTakeFirst()
      return row && readPerson(row)
    },
    async findByEmail(email) {
      const row = await db.selectFrom('people').selectAll().where('email', '=', email).executeTakeFirst()
      return row && { ...readAccount(row), passwordHash: row.password_hash }
    },
    async findAccount(who) {
      const column = who.includes('@') ? 'email' : 'id'
      const row = await db.selectFrom('people').selectAll().where(column, '=', who).executeTakeFirst()
      return row && readAccount(row)
    },
    async listAccounts({ after, most }) {
      return (await db.selectFrom('people').selectAll().where('email', '>', after).orderBy('email').limit(most).execute()).map(readAccount)
    },
    async setDisabled(id, disabledAt) {
      const change = db.updateTable('people').set({ disabled_at: disabledAt }).where('id', '=', id)
      const result = await change.where('disabled_at', disabledAt === null ? 'is not' : 'is', null).executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
    async setPassword(id, passwordHash) {
      await db.updateTable('people').set({ password_hash: passwordHash }).where('id', '=', id).execute()
    },
  }
}

function readAccount(row: PeopleTable): Account {
  return row.disabled_at === null ? readPerson(row) : { ...readPerson(row), disabledAt: row.disabled_at }
}

function readPerson(row: PeopleTable): Person {
  return { id: row.id, email: row.email, emailVerified: row.email_verified === 1, displayName: row.display_name, createdAt: row.created_at }
}
