// Every repository there is, made for one database handle: the reading one or a transaction. Holds no query itself.
import type { Kysely } from 'kysely'
import { createFeedLogRepository, type FeedLogRepository } from './feed-log-repository.ts'
import { createRevocationsRepository, type RevocationsRepository } from './revocations-repository.ts'
import type { Schema } from './schema.ts'

export interface Repositories {
  readonly feedLog: FeedLogRepository
  readonly revocations: RevocationsRepository
}

export function createRepositories(db: Kysely<Schema>): Repositories {
  return {
    feedLog: createFeedLogRepository(db),
    revocations: createRevocationsRepository(db),
  }
}
