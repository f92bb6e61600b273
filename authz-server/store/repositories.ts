// Every repository there is, made for one database handle: the reading one or a transaction. Holds no query itself.
import type { Kysely } from 'kysely'
import { type AccessRequestsRepository, createAccessRequestsRepository } from './access-requests-repository.ts'
import { type ArtifactsRepository, createArtifactsRepository } from './artifacts-repository.ts'
import { createDeviceHistoryRepository, type DeviceHistoryRepository } from './device-history-repository.ts'
import { createDevicesRepository, type DevicesRepository } from './devices-repository.ts'
import { createFeedLogRepository, type FeedLogRepository, type LogPosition } from './feed-log-repository.ts'
import { createGrantsRepository, type GrantsRepository } from './grants-repository.ts'
import { createPairingsRepository, type PairingsRepository } from './pairings-repository.ts'
import { createPasswordResetsRepository, type PasswordResetsRepository } from './password-resets-repository.ts'
import { createPeopleRepository, type PeopleRepository } from './people-repository.ts'
import { createPoliciesRepository, type PoliciesRepository } from './policies-repository.ts'
import { createRefreshTokensRepository, type RefreshTokensRepository } from './refresh-tokens-repository.ts'
import { createResourcesRepository, type ResourcesRepository } from './resources-repository.ts'
import { createRevocationsRepository, type RevocationsRepository } from './revocations-repository.ts'
import { createRptGrantsRepository, type RptGrantsRepository } from './rpt-grants-repository.ts'
import type { Schema } from './schema.ts'
import { createSessionsRepository, type SessionsRepository } from './sessions-repository.ts'
import { createTicketsRepository, type TicketsRepository } from './tickets-repository.ts'
import { createUsedAssertionsRepository, type UsedAssertionsRepository } from './used-assertions-repository.ts'

export interface Repositories {
  readonly accessRequests: AccessRequestsRepository
  readonly artifacts: ArtifactsRepository
  readonly deviceHistory: DeviceHistoryRepository
  readonly devices: DevicesRepository
  readonly feedLog: FeedLogRepository
  readonly grants: GrantsRepository
  readonly pairings: PairingsRepository
  readonly passwordResets: PasswordResetsRepository
  readonly people: PeopleRepository
  readonly policies: PoliciesRepository
  readonly refreshTokens: RefreshTokensRepository
  readonly resources: ResourcesRepository
  readonly revocations: RevocationsRepository
  readonly rptGrants: RptGrantsRepository
  readonly sessions: SessionsRepository
  readonly tickets: TicketsRepository
  readonly usedAssertions: UsedAssertionsRepository
}

export function createRepositories(db: Kysely<Schema>, onAppend?: (position: LogPosition) => void): Repositories {
  return {
    accessRequests: createAccessRequestsRepository(db),
    artifacts: createArtifactsRepository(db),
    deviceHistory: createDeviceHistoryRepository(db),
    devices: createDevicesRepository(db),
    feedLog: createFeedLogRepository(db, onAppend),
    grants: createGrantsRepository(db),
    pairings: createPairingsRepository(db),
    passwordResets: createPasswordResetsRepository(db),
    people: createPeopleRepository(db),
    policies: createPoliciesRepository(db),
    refreshTokens: createRefreshTokensRepository(db),
    resources: createResourcesRepository(db),
    revocations: createRevocationsRepository(db),
    rptGrants: createRptGrantsRepository(db),
    sessions: createSessionsRepository(db),
    tickets: createTicketsRepository(db),
    usedAssertions: createUsedAssertionsRepository(db),
  }
}
