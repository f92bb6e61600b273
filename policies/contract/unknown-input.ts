// The question of which nothing is known: what every fact looks like while it is absent. A start for questions about some facts only.
import type { DecisionInput } from './decision-input.ts'

export const UNKNOWN_INPUT: DecisionInput = {
  now: '2026-01-01T00:00:00.000Z',
  request: { method: '', route: '', ip: null, purpose: null },
  resource: { id: '', key: '', type: '', tags: [], owner: '', device_id: null, state: null, attributes: {} },
  scope: '',
  party: { sub: '', issuer: '', client_id: '', email: null, email_verified: false, device_id: null, acr: null, link: null },
  proof: { method: null },
}
