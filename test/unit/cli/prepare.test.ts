// Which Node is new enough to start at all.
import { expect, test } from 'vitest'

const { checkNode } = (await import('../../../scripts/prepare.mjs' as string)) as { checkNode: (version: string) => void }

test.each(['20.19.0', '20.20.2', '21.0.0', '22.0.0', '24.15.1', '100.0.0'])('Node %s is', (version) => {
  expect(() => checkNode(version)).not.toThrow()
})

test.each(['20.18.3', '20.0.0', '18.20.8', '19.99.0', '0.12.18'])('Node %s is not, and the message says what to do', (version) => {
  expect(() => checkNode(version)).toThrow(/needs Node 20\.19 or newer; this is .*Install a newer Node/)
})
