// An owner's things as the rule language's tools know them. Who lives with the owner is not known here.
import type { Household } from '../../policies/analysis/universe.ts'
import type { Resource } from '../store/resources-repository.ts'

export function buildHousehold(things: readonly Resource[]): Household {
  return { things: things.map(({ key, type, tags, scopes, deviceId }) => ({ key, type, tags, abilities: scopes, device_id: deviceId })) }
}
