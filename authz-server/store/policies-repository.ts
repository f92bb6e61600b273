// Owners' sharing policies: the newest one of each owner, and every accepted version. A save is conditional on the revision it was made from.
import type { Kysely } from 'kysely'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Schema } from './schema.ts'

export interface Policy {
  readonly owner: string
  /** Counts the owner's saves from 1. */
  readonly revision: number
  readonly text: string
  /** Digest of the compiled module. */
  readonly artifact: string
  readonly savedAt: EpochSeconds
}

export type PolicyHead = Pick<Policy, 'owner' | 'revision' | 'artifact'>

export interface PoliciesRepository {
  find(owner: string): Promise<Policy | undefined>
  /** The newest one without its text. */
  findHead(owner: string): Promise<PolicyHead | undefined>
  /** The text of one revision, which never changes. */
  findText(owner: string, revision: number): Promise<string | undefined>
  /** The newest policy of every owner who has one, without texts. */
  listNewest(): Promise<readonly Omit<Policy, 'text'>[]>
  listVersions(owner: string): Promise<readonly Policy[]>
  /** True if a version of an owner who has something at one of these resource servers compiled to that artifact. */
  isUsedAt(artifact: string, resourceServers: readonly string[]): Promise<boolean>
  /** Stores `policy` as newest and as a version. False, and nothing stored, unless the owner's revision is still `policy.revision - 1` (0: no policy). */
  saveNext(policy: Policy): Promise<boolean>
}

export function createPoliciesRepository(db: Kysely<Schema>): PoliciesRepository {
  return {
    async find(owner) {
      const row = await db.selectFrom('policies').selectAll().where('owner', '=', owner).executeTakeFirst()
      return row && { owner, revision: row.revision, text: row.text, artifact: row.artifact, savedAt: row.saved_at }
    },
    async findHead(owner) {
      return db.selectFrom('policies').select(['owner', 'revision', 'artifact']).where('owner', '=', owner).executeTakeFirst()
    },
    async findText(owner, revision) {
      const versions = db.selectFrom('policy_versions').select('text').where('owner', '=', owner).where('revision', '=', revision)
      return (await versions.executeTakeFirst())?.text
    },
    async listNewest() {
      const rows = await db.selectFrom('policies').select(['owner', 'revision', 'artifact', 'saved_at']).orderBy('owner').execute()
      return rows.map((row) => ({ owner: row.owner, revision: row.revision, artifact: row.artifact, savedAt: row.saved_at }))
    },
    async listVersions(owner) {
      const rows = await db.selectFrom('policy_versions').selectAll().where('owner', '=', owner).orderBy('revision').execute()
      return rows.map((row) => ({ owner, revision: row.revision, text: row.text, artifact: row.artifact, savedAt: row.saved_at }))
    },
    async isUsedAt(artifact, resourceServers) {
      if (resourceServers.length === 0) return false
      const row = await db
        .selectFrom('policy_versions')
        .innerJoin('resources', 'resources.owner', 'policy_versions.owner')
        .select('policy_versions.revision')
        .where('policy_versions.artifact', '=', artifact)
        .where('resources.resource_server', 'in', [...resourceServers])
        .limit(1)
        .executeTakeFirst()
      return row !== undefined
    },
    async saveNext({ owner, revision, text, artifact, savedAt }) {
      const row = { owner, revision, text, artifact, saved_at: savedAt }
      const changed =
        revision === 1
          ? (
              await db
                .insertInto('policies')
                .values(row)
                .onConflict((conflict) => conflict.column('owner').doNothing())
                .executeTakeFirst()
            ).numInsertedOrUpdatedRows
          : (
              await db
                .updateTable('policies')
                .set({ revision, text, artifact, saved_at: savedAt })
                .where('owner', '=', owner)
                .where('revision', '=', revision - 1)
                .executeTakeFirst()
            ).numUpdatedRows
      if (changed !== 1n) return false
      await db.insertInto('policy_versions').values(row).execute()
      return true
    },
  }
}
