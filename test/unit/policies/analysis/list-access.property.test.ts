// The table of who can do what agrees with single decisions: with a plain reading of the rules, and with the compiled module.
import fc from 'fast-check'
import { afterAll, expect, test, vi } from 'vitest'
import { cellInput } from '../../../../policies/analysis/cell-input.ts'
import { listAccess } from '../../../../policies/analysis/list-access.ts'
import { UNKNOWN_INPUT } from '../../../../policies/contract/unknown-input.ts'
import { loadPolicyModule } from '../../../../policies/runtime/policy-module.ts'
import { buildArtifact } from '../../../../policies/wasm/artifact.ts'
import { createCompiler } from '../../../../policies/wasm/compile.ts'
import { readPlainly } from '../plain-reading.ts'
import { facts, household, NOW, policyDocument, ruleSetOf, textOf, withFacts } from './documents.ts'

vi.setConfig({ testTimeout: 120_000 })
const compiler = createCompiler()
afterAll(() => compiler.close())

const requests = fc.array(facts, { minLength: 4, maxLength: 4 })

function sampleOf(row: Parameters<typeof withFacts>[1]) {
  const input = withFacts(UNKNOWN_INPUT, row)
  return { ...input, party: { ...input.party, client_id: row.client, device_id: row.device, link: row.link } }
}

test('no request of a cell gets what the cell does not tell', () => {
  let turn = 0
  const seen = { allow: 0, ask: 0, deny: 0 }
  fc.assert(
    fc.property(policyDocument, requests, (document, rows) => {
      const ruleSet = ruleSetOf(textOf(document))
      const table = listAccess({ ruleSet, household, now: NOW })
      // Asking every cell of every document would take minutes; the documents take turns.
      turn += 1
      for (const [index, cell] of table.cells.entries()) {
        if (index % 5 !== turn % 5) continue
        const row = rows[(index + turn) % rows.length]
        if (row === undefined) continue
        const decision = readPlainly(ruleSet, cellInput(cell, sampleOf(row)))
        seen[decision.effect] += 1
        if (!cell.effects.includes(decision.effect)) expect({ cell, row, decision }).toBe(undefined)
      }
    }),
    { numRuns: 500 },
  )
  expect(seen.allow + seen.ask + seen.deny).toBeGreaterThan(6000)
  expect(Math.min(seen.allow, seen.ask, seen.deny)).toBeGreaterThan(50)
})

test('each answer that a cell tells is given to one of its requests by the compiled module', async () => {
  let evaluated = 0
  await fc.assert(
    fc.asyncProperty(policyDocument, requests, async (document, rows) => {
      const artifact = await buildArtifact({ text: textOf(document), file: 'p.yaml', now: 0, compiler })
      if (!artifact.ok) throw new Error(JSON.stringify(artifact.error))
      const module = await loadPolicyModule(artifact.value.wasm)
      const table = listAccess({ ruleSet: artifact.value.ruleSet, household, now: NOW })
      expect(table.coverage).toBe('complete')
      for (const cell of table.cells) {
        expect(cell.samples.map(({ effect }) => effect)).toEqual(cell.effects)
        for (const { effect, sample } of cell.samples) expect(module.evaluate(cellInput(cell, sample)).effect).toBe(effect)
        for (const row of rows) expect(cell.effects).toContain(module.evaluate(cellInput(cell, sampleOf(row))).effect)
        evaluated += cell.samples.length + rows.length
      }
    }),
    { numRuns: 22 },
  )
  expect(evaluated).toBeGreaterThan(6000)
})
