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

export interface PeopleRepository {
  /** False if the address belongs to somebody already. */
  add(person: PersonWithPassword): Promise<boolean>
  find(id: string): Promise<Person | undefined>
  /** `email` in lower case. */
  findByEmail(email: string): Promise<PersonWithPassword | undefined>
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
        })
        .onConflict((conflict) => conflict.column('email').doNothing())
        .executeTakeFirst()
      return result.numInsertedOrUpdatedRows === 1n
    },
    async find(id) {
      const row = await db.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirst()
      return row && readPerson(row)
    },
    async findByEmail(email) {
      const row = await db.selectFrom('people').selectAll().where('email', '=', email).executeTakeFirst()
      return row && { ...readPerson(row), passwordHash: row.password_hash }
    },
  }
}

function readPerson(row: PeopleTable): Person {
  return { id: row.id, email: row.email, emailVerified: row.email_verified === 1, displayName: row.display_name, createdAt: row.created_at }
}
