// A log asked again of two policies: counts, kinds, and lines that cannot be read.
import { afterAll, expect, test, vi } from 'vitest'
import { REPLAY_CHANGES_MAX, replayLog } from '../../../../policies/analysis/replay-log.ts'
import type { DecisionInput } from '../../../../policies/contract/decision-input.ts'
import { UNKNOWN_INPUT } from '../../../../policies/contract/unknown-input.ts'
import { loadPolicyModule } from '../../../../policies/runtime/policy-module.ts'
import { buildArtifact } from '../../../../policies/wasm/artifact.ts'
import { createCompiler } from '../../../../policies/wasm/compile.ts'

vi.setConfig({ testTimeout: 60_000 })
const compiler = createCompiler()
afterAll(() => compiler.close())

async function moduleOf(shares: string) {
  const artifact = await buildArtifact({ text: `version: 1\nshares:\n${shares}`, file: 'p.yaml', now: 0, compiler })
  if (!artifact.ok) throw new Error(JSON.stringify(artifact.error))
  return loadPolicyModule(artifact.value.wasm)
}

function inputOf(name: string): DecisionInput {
  const party = { ...UNKNOWN_INPUT.party, sub: name, email: `${name}@example.test`, email_verified: true }
  return { ...UNKNOWN_INPUT, scope: 'play', resource: { ...UNKNOWN_INPUT.resource, key: 'guitar' }, party }
}

const BEFORE = `  - { name: A, who: [ann@example.test], what: [guitar], may: [play] }
  - { name: B, who: [ben@example.test], what: [guitar], may: [play] }
  - { name: C, who: [cat@example.test], what: [guitar], may: [play] }
`
const AFTER = `  - { name: A, who: [ann@example.test], what: [guitar], may: [play] }
  - { name: B, who: [ben@example.test], what: [guitar], may: [play], ask: true }
  - { name: C, who: [cat@example.test], what: [guitar], may: [play], hide: [$.a] }
  - { name: D, who: [dan@example.test], what: [guitar], may: [play] }
`

test('counts what would change, and names the lines that cannot be read', async () => {
  const [before, after] = [await moduleOf(BEFORE), await moduleOf(AFTER)]
  const line = (name: string, effect?: string) => JSON.stringify({ input: inputOf(name), ...(effect === undefined ? {} : { decision: { effect } }) })
  const { now: _, ...without } = inputOf('ann')
  const lines = [
    line('ann', 'allow'),
    line('ben', 'allow'),
    '',
    line('ben'),
    '{"input":',
    line('cat', 'deny'),
    line('dan', 'deny'),
    JSON.stringify({ input: without }),
    '[]',
    '{"input":"x"}',
    `{"input":{},"pad":"${'x'.repeat(300_000)}"}`,
  ]
  const replay = replayLog({ before, after, lines })
  expect(replay).toMatchObject({ replayed: 5, same: 1, limits: 1, unlike_log: 1, malformed_count: 5 })
  expect(replay.changed).toEqual([
    { from: 'allow', to: 'ask', count: 2 },
    { from: 'deny', to: 'allow', count: 1 },
  ])
  expect(replay.changes.map((change) => change.line)).toEqual([2, 4, 6, 7])
  expect(replay.malformed.map((row) => row.line)).toEqual([5, 8, 9, 10, 11])
  expect(replay.text).toEqual([
    '5 logged decisions replayed, 3 changed.',
    '2 from allow to ask.',
    '1 from deny to allow.',
    '1 with different conditions or obligations.',
    '1 already differ from the log with the old rules.',
    '5 lines could not be parsed: 5, 8, 9, 10, 11.',
  ])
})

test(`keeps the first ${REPLAY_CHANGES_MAX} changes and counts all`, async () => {
  const [before, after] = [await moduleOf(BEFORE), await moduleOf(AFTER)]
  const row = JSON.stringify({ input: inputOf('dan') })
  const replay = replayLog({ before, after, lines: Array.from({ length: REPLAY_CHANGES_MAX + 1 }, () => row) })
  expect([replay.changes.length, replay.changed]).toEqual([REPLAY_CHANGES_MAX, [{ from: 'deny', to: 'allow', count: REPLAY_CHANGES_MAX + 1 }]])
})
