// Why, and when else: each near miss with the next moment at which it would be allowed, both nights of daylight saving included.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { DecisionInput } from '../../../../policies/contract/decision-input.ts'
import { UNKNOWN_INPUT } from '../../../../policies/contract/unknown-input.ts'
import { explainDecision } from '../../../../policies/explain/explain-decision.ts'
import type { RuleSet } from '../../../../policies/model/rule-set.ts'
import { loadPolicyModule, type PolicyModule } from '../../../../policies/runtime/policy-module.ts'
import { buildArtifact } from '../../../../policies/wasm/artifact.ts'
import { createCompiler } from '../../../../policies/wasm/compile.ts'

vi.setConfig({ testTimeout: 60_000 })

const TEXT = `version: 1
defaults: { timezone: Europe/Paris }
shares:
  - { name: Working hours, who: [bob@example.test], what: [guitar], may: [play], only: { days: [mon-fri], between: "08:00-22:00" } }
  - { name: In the gap, who: [gap@example.test], what: [guitar], may: [play], only: { days: [sun], between: "02:30-04:00" } }
  - { name: From home, who: [carol@example.test], what: [guitar], may: [play], only: { between: "08:00-22:00", from: [192.0.2.0/24], purpose: rehearsal } }
  - { name: Over, who: [dan@example.test], what: [guitar], may: [play], until: 2026-01-31 }
  - { name: Later, who: [eve@example.test], what: [guitar], may: [play], from: 2028-02-29, ask: true }
  - { name: Never, who: [fay@example.test], what: [guitar], may: [play], from: 2026-12-01, until: 2026-11-30 }
  - { name: Open, who: [gus@example.test], what: [guitar], may: [play], hide: [$.location] }
  - { name: Havana, who: [hal@example.test], what: [guitar], may: [play], from: 2027-03-14, only: { timezone: America/Havana } }
block:
  - { name: Mallory, who: [mallory@example.test] }
pause:
  - { what: [amp], until: "2026-11-24T08:00:00+01:00" }
`

const compiler = createCompiler()
afterAll(() => compiler.close())
let [ruleSet, module]: [RuleSet | undefined, PolicyModule | undefined] = [undefined, undefined]
beforeAll(async () => {
  const artifact = await buildArtifact({ text: TEXT, file: 'p.yaml', now: 0, compiler })
  if (!artifact.ok) throw new Error(JSON.stringify(artifact.error))
  ruleSet = artifact.value.ruleSet
  module = await loadPolicyModule(artifact.value.wasm)
})

function ask(who: string, now: string, more: Partial<DecisionInput['request']> & { readonly key?: string } = {}) {
  if (ruleSet === undefined || module === undefined) throw new Error('not compiled')
  const { key = 'guitar', ...request } = more
  const input: DecisionInput = {
    ...UNKNOWN_INPUT,
    now,
    scope: 'play',
    request: { ...UNKNOWN_INPUT.request, ...request },
    resource: { ...UNKNOWN_INPUT.resource, key },
    party: { ...UNKNOWN_INPUT.party, sub: 's', email: `${who}@example.test`, email_verified: true },
  }
  return explainDecision({ ruleSet, module, input })
}

describe('the next opening', () => {
  test.each([
    { title: 'later today', who: 'bob', now: '2026-11-23T06:59:59.999Z', at: '2026-11-23T07:00:00.000Z', local: '08:00 (Monday 2026-11-23, Europe/Paris)' },
    { title: 'tomorrow, at the very end of the hours', who: 'bob', now: '2026-11-23T21:00:00.000Z', at: '2026-11-24T07:00:00.000Z' },
    { title: 'after the weekend', who: 'bob', now: '2026-11-20T21:00:00.000Z', at: '2026-11-23T07:00:00.000Z' },
    { title: 'in summer time, over the night it begins', who: 'bob', now: '2026-03-28T12:00:00.000Z', at: '2026-03-30T06:00:00.000Z' },
    { title: 'a time that the night leaves out, at the end of the gap', who: 'gap', now: '2026-03-28T12:00:00.000Z', at: '2026-03-29T01:00:00.000Z' },
    { title: 'a time that the night has twice, the first time', who: 'gap', now: '2026-10-24T12:00:00.000Z', at: '2026-10-25T00:30:00.000Z' },
    { title: 'a day without midnight, at the end of the gap', who: 'hal', now: '2026-11-23T12:00:00.000Z', at: '2027-03-14T05:00:00.000Z' },
    { title: 'a leap day further off than a year', who: 'eve', now: '2026-11-23T12:00:00.000Z', at: '2028-02-28T23:00:00.000Z' },
  ])('$title', ({ who, now, at, local }) => {
    const explanation = ask(who, now)
    const [miss] = explanation.nearMisses
    expect(explanation.answer).toBe('deny')
    expect(miss?.next).toMatchObject({ kind: 'at', at, also: [], ...(local === undefined ? {} : { local }) })
    const before = ask(who, new Date(Date.parse(at) - 1).toISOString())
    expect([before.answer, ask(who, at).answer]).toEqual(['deny', who === 'eve' ? 'ask' : 'allow'])
  })

  test('with all that would have to change beside the time', () => {
    const [miss] = ask('carol', '2026-11-23T05:00:00.000Z', { ip: '198.51.100.1', purpose: 'rehearsal' }).nearMisses
    expect(miss?.next).toMatchObject({ kind: 'at', at: '2026-11-23T07:00:00.000Z', also: ['from the network 192.0.2.0/24'] })
    expect(miss?.text).toBe('"From home" (line 6) would allow it from 08:00 (Monday 2026-11-23, Europe/Paris), but only from the network 192.0.2.0/24.')
  })

  test('at once, where only other facts are missed', () => {
    const [miss] = ask('carol', '2026-11-23T09:00:00.000Z').nearMisses
    expect(miss?.next).toEqual({ kind: 'change', also: ['from the network 192.0.2.0/24', 'for the purpose rehearsal'] })
    expect(miss?.missed.map(({ code }) => code)).toEqual(['not_from_this_network', 'not_for_this_purpose'])
  })

  test('never again where it has ended, and nowhere where the dates exclude each other', () => {
    expect(ask('dan', '2026-11-23T09:00:00.000Z').nearMisses[0]?.next).toEqual({ kind: 'never_again' })
    expect(ask('fay', '2026-11-23T09:00:00.000Z').nearMisses[0]?.next).toEqual({ kind: 'not_found', days: 400 })
  })
})

test('an allowed request tells the share, its line and the strings attached, and no near miss', () => {
  const { answer, deciding, nearMisses, obligations, text } = ask('gus', '2026-11-23T09:00:00.000Z')
  expect({ answer, nearMisses, obligations }).toEqual({ answer: 'allow', nearMisses: [], obligations: ['without seeing $.location'] })
  expect(deciding).toEqual([{ code: 'share_allows', rule: 'Open', line: 10, text: 'A share allows it: "Open" (line 10).' }])
  expect(text).toEqual(['Allowed.', 'A share allows it: "Open" (line 10).', 'Then: without seeing $.location.'])
})

test('a block tells its entry and line; a pause also its end and the answer then', () => {
  expect(ask('mallory', '2026-11-23T09:00:00.000Z').stops).toMatchObject([{ kind: 'block', rule: 'Mallory', line: 13, ends: null, afterwards: null }])
  expect(ask('gus', '2026-11-23T09:00:00.000Z', { key: 'amp' }).stops).toMatchObject([
    {
      kind: 'pause',
      line: 15,
      ends: '2026-11-24T07:00:00.000Z',
      afterwards: 'deny',
      text: 'The pause of line 15 ends at 07:00 (Tuesday 2026-11-24, UTC); the decision is then: deny.',
    },
  ])
})

test('who fits no share is told so, once', () => {
  expect(ask('nobody', '2026-11-23T09:00:00.000Z').text).toEqual(['Denied.', 'No share gives this person this ability on this thing.'])
})
