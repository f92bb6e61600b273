// The command line: what it prints, and with which exit code.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { buildPolicyCommand } from '../../../cli/policy.ts'
import { loadPolicyModule } from '../../../policies/runtime/policy-module.ts'
import { printSchema } from '../../../policies/schema/policy-schema.ts'
import { rowInput } from './cases.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const folder = mkdtempSync(join(tmpdir(), 'latchkey-policy-'))
afterAll(() => rmSync(folder, { recursive: true }))

const GOOD =
  'version: 1\nshares:\n  - { name: A, who: [bob@example.test], what: [x], may: [y] }\nexpect:\n  - { who: bob@example.test, what: x, may: y, answer: allow }\n'
const BAD = 'version: 1\nshares:\n\t- x\n'
const TYPO = 'version: 1\nshares:\n  - { nam: A, who: [bob@example.test], what: [x], may: [y] }\n'
const WRONG = GOOD.replace('answer: allow', 'answer: ask')

async function latchkey(...words: readonly string[]) {
  const seen = { out: '', error: '', exit: 0 }
  const command = buildPolicyCommand({
    out: (text) => {
      seen.out += text
    },
    error: (text) => {
      seen.error += text
    },
    now: () => Date.parse('2026-11-23T10:00:00Z'),
    exit: (code) => {
      seen.exit = code
    },
  })
  await command.parseAsync(words, { from: 'user' })
  return seen
}

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

test('check says that nothing is wrong', async () => {
  const path = file('good.yaml', GOOD)
  expect(await latchkey('check', path)).toEqual({ out: `${path}: 1 shares, 0 blocks, 1 expectations; nothing is wrong.\n`, error: '', exit: 0 })
  expect(JSON.parse((await latchkey('check', path, '--json')).out)).toEqual({ ok: true, shares: 1, block: 0, expect: 1 })
})

test('check prints place, code, sentence, line and caret', async () => {
  const path = file('typo.yaml', TYPO)
  const { error, exit } = await latchkey('check', path)
  expect(exit).toBe(1)
  expect(error).toContain(
    `${path}:3:7 unknown_key Unknown key "nam". Did you mean "name"?\n    - { nam: A, who: [bob@example.test], what: [x], may: [y] }\n        ^`,
  )
  expect(error).toContain(`${path}:3:5 missing_key "name" is missing here`)
})

test('check --json gives the diagnostics as data', async () => {
  const path = file('bad.yaml', BAD)
  const { out, exit } = await latchkey('check', path, '--json')
  expect(exit).toBe(1)
  expect(JSON.parse(out)).toMatchObject({ ok: false, diagnostics: [{ file: path, line: 3, column: 1, code: 'yaml_syntax' }] })
})

test('test asks the expectations', async () => {
  expect(await latchkey('test', file('good.yaml', GOOD))).toMatchObject({ error: '', exit: 0 })
  const path = file('wrong.yaml', WRONG)
  const { error, exit } = await latchkey('test', path)
  expect({ exit, first: error.split('\n')[0] }).toEqual({
    exit: 1,
    first: `${path}:5:5 expectation_failed Expected ask, but the rules answer allow (share_allows at line 3).`,
  })
})

test('rego prints the module', async () => {
  const { out, exit } = await latchkey('rego', file('good.yaml', GOOD))
  expect(exit).toBe(0)
  expect(out).toContain('package latchkey.sharing\n')
  expect(out).toContain('shares.thing["x"]["y"] contains "1"')
})

test('build writes a module that decides', async () => {
  const target = join(folder, 'policy.wasm')
  const { out, exit } = await latchkey('build', file('good.yaml', GOOD), '-o', target, '--json')
  expect({ exit, ...JSON.parse(out) }).toMatchObject({ exit: 0, ok: true, output: target, digest: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) })
  const module = await loadPolicyModule(readFileSync(target))
  expect(module.evaluate(rowInput({ who: 'bob@example.test', what: 'x', may: 'y', answer: 'allow', reasons: [] })).effect).toBe('allow')
})

test('schema prints the schema', async () => {
  expect(await latchkey('schema')).toEqual({ out: printSchema(), error: '', exit: 0 })
})

test('a file that is not there, or is no UTF-8, is a mistake of usage', async () => {
  expect(await latchkey('check', join(folder, 'none.yaml'))).toMatchObject({ out: '', exit: 2, error: expect.stringContaining('none.yaml: cannot be read') })
  const path = join(folder, 'latin1.yaml')
  writeFileSync(path, Buffer.from([0x76, 0xe9, 0x0a]))
  expect(await latchkey('check', path, '--json')).toMatchObject({ exit: 2, out: expect.stringContaining('"ok":false') })
  expect(await latchkey('build', file('good.yaml', GOOD), '-o', join(folder, 'no', 'where.wasm'))).toMatchObject({
    exit: 2,
    error: expect.stringContaining('--output'),
  })
})
