// Texts made to cost or to confuse (G07 for a closed language, and the YAML classes): refused with a place, soon, and without a fault.
import { afterAll, expect, test, vi } from 'vitest'
import { OWN_LIMITS, POSTED_LIMITS } from '../../../policies/limits.ts'
import { parsePolicy } from '../../../policies/parse-policy.ts'
import { INPUT_MAX_BYTES } from '../../../policies/runtime/check-input.ts'
import { loadPolicyModule } from '../../../policies/runtime/policy-module.ts'
import { buildArtifact } from '../../../policies/wasm/artifact.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'
import { rowInput } from '../../unit/policies/cases.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const compiler = createCompiler()
afterAll(() => compiler.close())

/** Of the processor, so that other work on the machine does not count. Far above what each takes, far below what an attack wants. */
const READ_LIMIT_MILLISECONDS = 3000

const LAUGHS = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`).join('\n')}\n`
const FULL = POSTED_LIMITS.textBytes - 100

test.each([
  { title: 'an alias bomb', text: LAUGHS, code: 'yaml_not_plain' },
  { title: 'an alias to itself', text: 'version: &a [*a]\n', code: 'yaml_not_plain' },
  { title: 'brackets without an end', text: '['.repeat(FULL), code: 'yaml_too_deep' },
  { title: 'brackets in balance', text: '['.repeat(FULL / 2) + ']'.repeat(FULL / 2), code: 'yaml_too_deep' },
  { title: 'maps in maps', text: '{a: '.repeat(FULL / 4), code: 'yaml_too_deep' },
  { title: 'lists on one line', text: '- '.repeat(50_000), code: 'yaml_too_deep' },
  { title: 'keys that are questions', text: '? '.repeat(50_000), code: 'yaml_too_deep' },
  { title: 'deep by indentation', text: Array.from({ length: 600 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join(''), code: 'yaml_too_deep' },
  { title: 'thousands of keys', text: Array.from({ length: 15_000 }, (_, index) => `k${index}: 1\n`).join(''), code: 'unknown_key' },
  { title: 'thousands of equal keys', text: 'a: 1\n'.repeat(15_000), code: 'duplicate_key' },
  { title: 'a huge scalar', text: `version: 1\ntimezone: ${'x'.repeat(FULL - 50)}\n`, code: 'too_large' },
  { title: 'a huge quoted scalar', text: `version: 1\ntimezone: "${'\\n'.repeat(FULL / 2 - 50)}"\n`, code: 'too_large' },
  { title: 'a huge number', text: `version: ${'9'.repeat(10_000)}\n`, code: 'wrong_type' },
  { title: 'a huge comment', text: `#${'x'.repeat(FULL)}\nfoo: 1\n`, code: 'unknown_key' },
  { title: 'one byte too long', text: `version: 1\n#${'x'.repeat(POSTED_LIMITS.textBytes - 11)}`, code: 'too_large' },
  { title: 'a NUL', text: 'version: 1\nshares:\0 []\n', code: 'yaml_syntax' },
  { title: 'an escape of the terminal', text: 'version: 1 \u001b[31m\n', code: 'yaml_syntax' },
  { title: 'half of a surrogate pair', text: 'version: 1 # \ud800\n', code: 'yaml_syntax' },
  { title: 'a tag that makes objects', text: 'version: !!js/function "return 1"\n', code: 'yaml_not_plain' },
  { title: 'a binary tag', text: 'version: !!binary aGVsbG8=\n', code: 'yaml_not_plain' },
  { title: 'a directive for older YAML', text: '%YAML 1.1\n---\nversion: 1\n', code: 'yaml_not_plain' },
  { title: 'a tag directive', text: '%TAG ! tag:example.test,2000:\n---\nversion: 1\n', code: 'yaml_not_plain' },
  { title: 'many documents', text: '---\n'.repeat(10_000), code: 'yaml_not_plain' },
  { title: 'a key that is a list', text: '[version]: 1\n', code: 'yaml_not_plain' },
  { title: 'a key that is a map', text: '? { a: b }\n: 1\n', code: 'yaml_not_plain' },
  { title: 'YAML 1.1 words for true', text: 'version: 1\nshares: [{ name: A, who: [a@b], what: [c], may: [d], ask: on }]\n', code: 'bad_value' },
  { title: 'as many keys as fit', text: Array.from({ length: 25_000 }, (_, index) => `k${index}: 1\n`).join(''), code: 'unknown_key' },
  { title: 'as many quotation marks as fit', text: '"'.repeat(FULL), code: 'yaml_syntax' },
  { title: 'as many aliases as fit', text: `a: &a x\nb: [${'*a,'.repeat(80_000)}]\n`, code: 'yaml_not_plain' },
  { title: 'UTF-16 read as UTF-8', text: 'v\0e\0r\0s\0', code: 'yaml_syntax' },
])('G07: $title is refused soon', ({ text, code }) => {
  const start = process.cpuUsage()
  const read = parsePolicy({ text, file: 'p.yaml' })
  expect(spent(start)).toBeLessThan(READ_LIMIT_MILLISECONDS)
  expect(read.ok ? 'taken' : read.error.map((one) => one.code)).toContain(code)
})

test.each([
  { title: 'lists on one line', text: '- '.repeat(FULL / 2) },
  { title: 'keys that are questions', text: '? '.repeat(FULL / 2) },
  { title: 'equal keys', text: 'a: 1\n'.repeat(50_000) },
  { title: 'shares without anything in them', text: `version: 1\nshares: [${'{},'.repeat(80_000)}]\n` },
  { title: 'rows under expect', text: `version: 1\nexpect: [${'{},'.repeat(80_000)}]\n` },
  { title: 'comments', text: '#\n'.repeat(FULL / 2) },
  { title: 'line ends', text: '\n'.repeat(FULL) },
])('TR40: $title by the hundred thousand are counted before anything is built', ({ text }) => {
  const start = process.cpuUsage()
  const read = parsePolicy({ text, file: 'p.yaml' })
  expect(spent(start)).toBeLessThan(READ_LIMIT_MILLISECONDS)
  expect(read.ok ? [] : read.error.map((one) => one.code)).toEqual(['too_large'])
})

test.each([
  { title: 'anchors', text: '&a '.repeat(40_000) },
  { title: 'aliases', text: `a: &a x\nb: [${'*a,'.repeat(80_000)}]\n` },
  { title: 'quotation marks', text: '"'.repeat(FULL) },
  { title: 'equal keys', text: 'a: 1\n'.repeat(15_000) },
  { title: 'texts without an end', text: `a: [${'"'.repeat(60_000)}` },
])('TR40: of $title by the thousand, the first hundred are reported', ({ text }) => {
  const read = parsePolicy({ text, file: 'p.yaml' })
  expect(read.ok ? 0 : read.error.length).toBeLessThanOrEqual(100)
})

test('TR40: a bracket too deep is reported at its place', () => {
  const read = parsePolicy({ text: `version: 1\nshares: ${'['.repeat(20)}${']'.repeat(20)}\n`, file: 'p.yaml' })
  expect(read).toMatchObject({ ok: false, error: [{ line: 2, column: 9 + 12, code: 'yaml_too_deep' }] })
})

test('G07: a text of exactly the limit is read', () => {
  expect(parsePolicy({ text: `version: 1\n#${'x'.repeat(POSTED_LIMITS.textBytes - 12)}`, file: 'p.yaml' }).ok).toBe(true)
})

test('G07: shares that would multiply into too many rules are refused before they are compiled', () => {
  const may = Array.from({ length: 50 }, (_, index) => `s${index}`)
  const share = (prefix: string) => ({ name: 'A', who: ['a@example.test'], what: Array.from({ length: 100 }, (_, index) => `${prefix}${index}`), may })
  const one = { name: 'B', who: ['a@example.test'], what: ['tag:t'], may: ['s'] }
  const read = (shares: readonly object[], limits = POSTED_LIMITS) => parsePolicy({ text: JSON.stringify({ version: 1, shares }), file: 'p.yaml', limits })
  const refused = { ok: false, error: [{ code: 'too_large' }] }
  expect(read([share('t')]).ok).toBe(true)
  expect(read([share('t'), one])).toMatchObject(refused)
  expect(read([share('tag:')], OWN_LIMITS).ok).toBe(true)
  expect(read([share('tag:'), one], OWN_LIMITS)).toMatchObject(refused)
  const ten = Array.from({ length: 10 }, (_, index) => share(`${index}-`))
  expect(read(ten, OWN_LIMITS).ok).toBe(true)
  expect(read([...ten, one], OWN_LIMITS)).toMatchObject(refused)
})

test('G07: the largest input is judged soon, one byte more is a fault, and memory does not grow', async () => {
  const shares = Array.from(
    { length: 50 },
    (_, index) => `  - { name: S${index}, who: [anyone-signed-in], what: [everything, "tag:t${index}"], may: [everything], only: { from: [192.0.2.0/24] } }`,
  )
  const artifact = await buildArtifact({ text: `version: 1\nshares:\n${shares.join('\n')}\n`, file: 'p.yaml', now: 0, compiler })
  if (!artifact.ok) throw new Error(JSON.stringify(artifact.error))
  const module = await loadPolicyModule(artifact.value.wasm)
  const tags = Array.from({ length: 100 }, (_, index) => `t${index}`)
  const ask = (bytes: number) => rowInput({ who: 'bob@example.test', tags, may: 'x'.repeat(bytes), answer: 'allow', reasons: [] })
  const rest = 1000
  const start = process.cpuUsage()
  for (let index = 0; index < 200; index += 1) expect(module.evaluate(ask(INPUT_MAX_BYTES - rest)).effect).toBe('allow')
  expect(spent(start) / 200).toBeLessThan(50)
  expect(() => module.evaluate(ask(INPUT_MAX_BYTES))).toThrow('longer than')
  expect(() => module.evaluate(rowInput({ tags: Array(101).fill('t'), answer: 'deny', reasons: [] }))).toThrow('tags')
})

function spent(start: NodeJS.CpuUsage): number {
  return process.cpuUsage(start).user / 1000
}
