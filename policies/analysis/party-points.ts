// The apps, devices and links by which one party can come, as far as some rules tell them apart. It decides nothing.
import type { DecisionInput } from '../contract/decision-input.ts'
import { pickSome } from './pick-some.ts'
import type { Entry } from './reachable-states.ts'
import type { KnownParty } from './rule-fits.ts'

export type PartyFacts = Pick<DecisionInput['party'], 'client_id' | 'device_id' | 'link'>

/** A cell's rules name a few apps; forty apps with forty devices are still all tried. */
const PARTY_POINTS_MAX = 2000
/** No rule can name it: words hold no control characters. */
const OTHER = '\u0000other'

export function partyPoints(entries: readonly Entry[], party: KnownParty): { readonly points: readonly PartyFacts[]; readonly complete: boolean } {
  const words = entries.flatMap(({ through = [] }) => through)
  const clients = [
    ...words.flatMap((word) => (word.kind === 'client' ? [word.client] : [])),
    ...entries.flatMap(({ conditions }) => conditions.flatMap((one) => (one.kind === 'client' ? one.clients : []))),
  ]
  const devices = words.flatMap((word) => (word.kind === 'device' ? [word.device] : []))
  const links = entries.flatMap(({ through = [], link }) => (through.some((word) => word.kind === 'link') ? [link] : []))
  const points = values(party.client_id, OTHER, clients).flatMap((client_id) =>
    values<string | null>(party.device_id, null, devices).flatMap((device_id) =>
      values<string | null>(party.link, null, links).map((link) => ({ client_id, device_id, link })),
    ),
  )
  const kept = points.length > PARTY_POINTS_MAX ? pickSome(points, { count: PARTY_POINTS_MAX, seed: JSON.stringify(entries) }) : points
  return { points: kept, complete: kept.length === points.length }
}

function values<T>(known: T | undefined, other: T, named: readonly T[]): readonly T[] {
  return known === undefined ? [...new Set([other, ...named])] : [known]
}
