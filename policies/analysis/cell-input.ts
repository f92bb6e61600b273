// One request of a cell of the table: who and what of its row, and all else as in a sample. It decides nothing.
import type { DecisionInput } from '../contract/decision-input.ts'
import { UNKNOWN_INPUT } from '../contract/unknown-input.ts'
import type { AbilityRow, PersonRow, ThingRow } from './universe.ts'

export interface CellRows {
  readonly person: PersonRow
  readonly thing: ThingRow
  readonly ability: AbilityRow
}

/** What the row of the person fixes wins over the sample. */
export function cellInput({ person, thing, ability }: CellRows, sample: DecisionInput = UNKNOWN_INPUT): DecisionInput {
  const { sub, issuer, email, client_id = sample.party.client_id, device_id = sample.party.device_id, link = sample.party.link } = person.party
  return {
    ...sample,
    resource: { ...sample.resource, ...thing.thing },
    scope: ability.scope,
    party: { ...sample.party, sub, issuer, email, email_verified: email !== null, client_id, device_id, link },
  }
}
