// Does a grant still stand? Not revoked, its person known, its device active, theirs, and not given away in between. One check for all grants.
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Device } from '../store/devices-repository.ts'
import type { TokenGrant } from '../store/grants-repository.ts'
import type { Person } from '../store/people-repository.ts'
import type { Repositories } from '../store/repositories.ts'

export interface Standing {
  readonly person: Person
  readonly device: Device | undefined
}

export type GrantFacts = Pick<TokenGrant, 'personId' | 'deviceId' | 'epoch'> & { readonly revokedAt?: EpochSeconds | null }

export async function findStanding(repositories: Pick<Repositories, 'people' | 'devices'>, grant: GrantFacts): Promise<Standing | undefined> {
  if ((grant.revokedAt ?? null) !== null) return undefined
  const person = await repositories.people.find(grant.personId)
  if (person === undefined) return undefined
  if (grant.deviceId === null) return { person, device: undefined }
  const device = await repositories.devices.find(grant.deviceId)
  if (device === undefined || device.status !== 'active' || device.owner !== grant.personId) return undefined
  return grant.epoch === null || device.epoch === grant.epoch ? { person, device } : undefined
}
