// A comparison of two documents tells each request that is answered otherwise, and no other; every example it gives is one.
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { canonicalObligations } from '../../../../policies/analysis/canonical.ts'
import { cellInput } from '../../../../policies/analysis/cell-input.ts'
import type { Change } from '../../../../policies/analysis/compare-cell.ts'
import { diffPolicies } from '../../../../policies/analysis/diff-policies.ts'
import { listAccess } from '../../../../policies/analysis/list-access.ts'
import { buildUniverse } from '../../../../policies/analysis/universe.ts'
import type { Decision } from '../../../../policies/contract/decision.ts'
import { UNKNOWN_INPUT } from '../../../../policies/contract/unknown-input.ts'
import { readPlainly } from '../plain-reading.ts'
import { facts, household, NOW, policyDocument, ruleSetOf, textOf, withFacts } from './documents.ts'

vi.setConfig({ testTimeout: 120_000 })

function changeOf(before: Decision, after: Decision): Change | undefined {
  if (before.effect === after.effect) {
    if (before.ask !== after.ask) return 'limits'
    const [was, is] = [canonicalObligations(before.obligations), canonicalObligations(after.obligations)]
    return was.join() === is.join() ? undefined : 'limits'
  }
  if (before.effect === 'deny') return 'gains'
  return after.effect === 'deny' ? 'loses' : 'limits'
}

/** The other document shares some of the shares of the first. */
const pair = fc.tuple(policyDocument, policyDocument, fc.nat(5)).map(([before, other, kept]) => {
  const shares = [...before.shares.slice(0, kept), ...other.shares.filter(({ name }) => name !== 'Link')]
  return { before, after: { ...other, shares } }
})

test('every answer that a request gets otherwise is told, with its kind', () => {
  let turn = 0
  const seen = { gains: 0, loses: 0, limits: 0, same: 0 }
  fc.assert(
    fc.property(pair, fc.array(facts, { minLength: 5, maxLength: 5 }), ({ before, after }, rows) => {
      const [was, is] = [ruleSetOf(textOf(before)), ruleSetOf(textOf(after))]
      const diff = diffPolicies({ before: was, after: is, household, now: NOW })
      expect(diff.coverage).toBe('complete')
      const told = new Set(diff.cells.map(({ change, person, thing, ability }) => JSON.stringify([change, person.id, thing.id, ability.id])))
      const { people, things, abilities } = buildUniverse([was, is], household)
      const cells = people.flatMap((person) => things.flatMap((thing) => abilities.map((ability) => ({ person, thing, ability }))))
      expect(diff.counts.cells).toBe(cells.length)
      // Asking every cell of every document would take minutes; the documents take turns.
      turn += 1
      for (const [index, cell] of cells.entries()) {
        if (index % 15 !== turn % 15) continue
        const row = rows[(index + turn) % rows.length]
        if (row === undefined) continue
        const facts = withFacts(UNKNOWN_INPUT, row)
        const input = cellInput(cell, { ...facts, party: { ...facts.party, client_id: row.client, device_id: row.device, link: row.link } })
        const change = changeOf(readPlainly(was, input), readPlainly(is, input))
        seen[change ?? 'same'] += 1
        if (change !== undefined) expect(told).toContain(JSON.stringify([change, cell.person.id, cell.thing.id, cell.ability.id]))
      }
      for (const cell of diff.cells.filter((_, index) => index % 9 === turn % 9)) {
        const input = cellInput(cell, cell.sample)
        expect(changeOf(readPlainly(was, input), readPlainly(is, input))).toBe(cell.change)
        seen[cell.change] += 1
      }
    }),
    { numRuns: 200 },
  )
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(15)
})

test('rows hold exactly the changed cells', () => {
  fc.assert(
    fc.property(pair, ({ before, after }) => {
      const diff = diffPolicies({ before: ruleSetOf(textOf(before)), after: ruleSetOf(textOf(after)), household, now: NOW })
      const rows = [...diff.gains, ...diff.loses, ...diff.limits].flatMap(({ change, people, things, abilities }) =>
        people.flatMap((person) => things.flatMap((thing) => abilities.map((ability) => [change, person.id, thing.id, ability.id].join(' ')))),
      )
      expect(rows.toSorted()).toEqual(diff.cells.map(({ change, person, thing, ability }) => [change, person.id, thing.id, ability.id].join(' ')).toSorted())
    }),
    { numRuns: 60 },
  )
})

test('a document compared with itself, or with its shares the other way round, changes nothing', () => {
  fc.assert(
    fc.property(policyDocument, (document) => {
      const before = ruleSetOf(textOf(document))
      const turned = ruleSetOf(textOf({ ...document, shares: document.shares.toReversed() }))
      expect(diffPolicies({ before, after: before, household, now: NOW }).counts.compared).toBe(0)
      const diff = diffPolicies({ before, after: turned, household, now: NOW })
      expect(diff.cells).toEqual([])
      const answers = (ruleSet: typeof before) => listAccess({ ruleSet, household, now: NOW }).cells.map(({ answer }) => answer)
      expect(answers(turned).toSorted()).toEqual(answers(before).toSorted())
    }),
    { numRuns: 60 },
  )
})
