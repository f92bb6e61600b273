// `notify: true`: the owner is told of each request that this share let through.
import type { NotifyObligation } from '../contract/obligations.ts'
import { ok } from '../result.ts'
import type { ObligationKind } from './obligation-kind.ts'

export const notify: ObligationKind<NotifyObligation> = {
  kind: 'notify',
  schema: { type: 'boolean', description: 'true: the owner is notified of each request' },
  read: (value, { rule }) => ok(value === true ? [{ kind: 'notify', rule }] : []),
  write: () => true,
  members: ['rule'],
  check: ({ rule }) => (typeof rule === 'string' ? { kind: 'notify', rule } : undefined),
  sentence: () => 'and the owner is notified',
}
