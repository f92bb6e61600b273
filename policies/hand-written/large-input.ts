// A question near every limit of the contract: as many tags, attributes and long texts as a request may bring. For probes.
import type { DecisionInput } from '../contract/decision-input.ts'
import { UNKNOWN_INPUT } from '../contract/unknown-input.ts'

const MANY = Array.from({ length: 100 }, (_, index) => `${index}-${'x'.repeat(60)}`)
const LONG = 'x'.repeat(4000)

export const LARGE_INPUT: DecisionInput = {
  ...UNKNOWN_INPUT,
  request: { method: 'GET', route: LONG, ip: '2001:db8::1', purpose: LONG },
  resource: {
    ...UNKNOWN_INPUT.resource,
    key: LONG,
    type: LONG,
    tags: MANY,
    device_id: LONG,
    state: LONG,
    attributes: Object.fromEntries(MANY.map((name) => [name, name])),
  },
  scope: LONG,
  party: { ...UNKNOWN_INPUT.party, sub: LONG, email: `${'x'.repeat(200)}@example.test`, email_verified: true },
  proof: { method: 'dpop' },
}
