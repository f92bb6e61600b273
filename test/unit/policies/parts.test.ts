// A document that is too large for one module: its parts together say what its rules say, for things of any part and of none.
import { afterAll, expect, test, vi } from 'vitest'
import { OWN_LIMITS } from '../../../policies/limits.ts'
import { parsePolicy } from '../../../policies/parse-policy.ts'
import { readParts, writeParts } from '../../../policies/runtime/module-file.ts'
import { loadPolicyModule } from '../../../policies/runtime/policy-module.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'
import { compilePolicy, PART_MAX_PAIRS, splitByThing } from '../../../policies/wasm/compile-policy.ts'
import { probeModule } from '../../../policies/wasm/probe.ts'
import { rowInput } from './cases.ts'
import { readPlainly } from './plain-reading.ts'

// The first text waits for the compiler to start, and two large ones for each other.
vi.setConfig({ testTimeout: 120_000 })

const compiler = createCompiler()
afterAll(() => compiler.close())

const THINGS = 60
const ABILITIES = Array.from({ length: 20 }, (_, index) => `ability-${index}`)

function ruleSetOf(things: number) {
  const shares = Array.from(
    { length: things },
    (_, index) => `  - { name: S${index}, who: [person-${index}@example.test], what: [thing-${index}], may: [${ABILITIES}] }`,
  )
  const text = `version: 1
people: { family: [alice@example.test, person-3@example.test] }
shares:
${shares.join('\n')}
  - { name: Two at once, who: [bob@example.test], what: [thing-0, thing-${things - 1}], may: [ability-1], ask: true }
  - { name: Studio, who: [family], what: ["tag:studio"], may: [ability-0] }
block:
  - { who: [mallory@example.test], what: [thing-1] }
`
  const parsed = parsePolicy({ text, file: 'p.yaml', limits: OWN_LIMITS })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error[0]))
  return parsed.value
}

test('the parts say what the rules say, and hold each thing once', async () => {
  const ruleSet = ruleSetOf(THINGS)
  const wasm = await compilePolicy(ruleSet, compiler)
  if (!wasm.ok) throw new Error(JSON.stringify(wasm.error[0]))
  const parts = readParts(new WebAssembly.Module(new Uint8Array(wasm.value))) ?? []
  expect(parts.length).toBe(2)
  expect(parts.flatMap(({ keys }) => keys)).toEqual(Array.from({ length: THINGS }, (_, index) => `thing-${index}`))
  const module = await loadPolicyModule(wasm.value)
  probeModule(module)
  expect([...module.parts()]).toHaveLength(2)
  const effects = new Set<string>()
  for (const what of [...parts.flatMap(({ keys }) => keys), 'unknown', '', '__proto__']) {
    for (const who of [
      'person-0@example.test',
      'person-3@example.test',
      'bob@example.test',
      'mallory@example.test',
      `${what.replace('thing', 'person')}@example.test`,
    ]) {
      for (const may of ['ability-0', 'ability-1', 'other']) {
        const input = rowInput({ who, what, may, answer: 'deny', reasons: [] })
        const decision = module.evaluate(input)
        expect({ input, decision }).toEqual({ input, decision: readPlainly(ruleSet, input) })
        effects.add(decision.effect)
      }
    }
  }
  expect([...effects].sort()).toEqual(['allow', 'ask', 'deny'])
})

test('as many pairs as one module takes stay one module, and one more makes two', () => {
  const whole = ruleSetOf(1)
  const [share] = whole.shares
  if (share === undefined) throw new Error('no shares')
  const many = (count: number) => ({
    ...whole,
    shares: Array.from({ length: count }, (_, index) => ({ ...share, what: [{ kind: 'thing' as const, name: `t-${index}` }], may: ['read'] })),
  })
  expect(splitByThing(many(PART_MAX_PAIRS))).toHaveLength(1)
  expect(splitByThing(many(PART_MAX_PAIRS + 1)).map(({ keys }) => keys.length)).toEqual([PART_MAX_PAIRS, 1])
})

test.each([
  { title: 'a part that is no module', wasm: () => new Uint8Array([1, 2, 3]) },
  { title: 'no part at all', wasm: () => undefined },
])('$title is refused', async ({ wasm }) => {
  const bytes = wasm()
  const file = writeParts(bytes === undefined ? [] : [{ keys: ['a'], wasm: bytes }])
  await expect(loadPolicyModule(file)).rejects.toThrow(/the policy is not a WebAssembly module|the parts of the policy/)
})
