// The policy commands: what they print in each format, and with which exit code they end.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Parser } from 'tar'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { EXIT_CODES_HELP } from '../../../cli/policy/exit-codes.ts'
import { buildPolicyCommand } from '../../../cli/policy.ts'
import { printGuardrailsSchema } from '../../../policies/guardrails/guardrails-schema.ts'
import { loadPolicyModule } from '../../../policies/runtime/policy-module.ts'
import { printSchema } from '../../../policies/schema/policy-schema.ts'
import { rowInput } from '../policies/cases.ts'
import { runPolicy } from './run-policy.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const folder = mkdtempSync(join(tmpdir(), 'latchkey-policy-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const GOOD =
  'version: 1\nshares:\n  - { name: A, who: [bob@example.test], what: [x], may: [y], until: "2030-01-01T00:00:00Z" }\nexpect:\n  - { who: bob@example.test, what: x, may: y, answer: allow }\n'
const good = file('good.yaml', GOOD)
const typo = file('typo.yaml', 'version: 1\nshares:\n  - { nam: A, who: [bob@example.test], what: [x], may: [y] }\n')
const tabs = file('tabs.yaml', 'version: 1\nshares:\n\t- x\n')
const wrong = file('wrong.yaml', GOOD.replace('answer: allow', 'answer: ask'))
const ended = file('ended.yaml', GOOD.replace('answer: allow', 'answer: deny, because: expired'))
const guard = file(
  'guard.yaml',
  'version: 1\nguardrails:\n  - { name: G, what: [everything], may: [boom] }\nexpect:\n  - { who: bob@example.test, what: x, may: boom, answer: deny }\n',
)
const latin = file('latin.yaml', Buffer.from([0x76, 0xe9, 0x0a]))
const rego = file('hand.rego', 'package latchkey.sharing\nnonsense(')
const things = file('things.json', '[{"key": "x", "abilities": ["y"]}]')
const noThings = file('no-things.json', '{"key": "x"}')

const CHECKED = { kind: 'shares', shares: 1, block: 0, pause: 0, guardrails: 0, expect: 1 }

describe('what is printed, and how it ends', () => {
  test.each<[title: string, words: string[], exit: number, out: string, error: string]>([
    ['check', ['check', good], 0, `${good}: 1 shares, 0 blocks, 0 pauses, 1 expectations; no errors.\n`, ''],
    ['check of guardrails', ['check', guard], 0, `${guard}: 1 guardrails, 1 expectations; no errors.\n`, ''],
    [
      'check with a typo: place, code, sentence, line and caret',
      ['check', typo],
      1,
      '',
      `${typo}:3:5 missing_key "name" is missing here (a share: who may do what).\n    - { nam: A, who: [bob@example.test], what: [x], may: [y] }\n      ^\n` +
        `${typo}:3:7 unknown_key Unknown key "nam". Did you mean "name"?\n    - { nam: A, who: [bob@example.test], what: [x], may: [y] }\n        ^\n`,
    ],
    ['test', ['test', good], 0, `${good}: all 1 expectations hold.\n`, ''],
    ['test of guardrails', ['test', guard], 0, `${guard}: all 1 expectations hold.\n`, ''],
    [
      'test with a wrong row',
      ['test', wrong],
      1,
      `${wrong}: 1 of 1 expectations fail. Fix the rule or the row.\n`,
      `${wrong}:5:5 expectation_failed Expected ask, but the decision is allow (share_allows at line 3).\n    - { who: bob@example.test, what: x, may: y, answer: ask }\n      ^\n`,
    ],
    [
      'test at another time',
      ['test', ended, '--at', '2030-06-01T00:00:00Z'],
      0,
      `${ended}: all 1 expectations hold.\n`,
      expect.stringContaining('share_never_fits'),
    ],
    [
      'github',
      ['check', typo, '--format', 'github'],
      1,
      `::error file=${typo},line=3,col=5,title=missing_key::"name" is missing here (a share: who may do what).\n` +
        `::error file=${typo},line=3,col=7,title=unknown_key::Unknown key "nam". Did you mean "name"?\n`,
      '',
    ],
    ['things that are known', ['check', good, '--things', things], 0, `${good}: 1 shares, 0 blocks, 0 pauses, 1 expectations; no errors.\n`, ''],
    ['schema', ['schema'], -1, printSchema(), ''],
    ['schema of guardrails', ['schema', '--guardrails'], -1, printGuardrailsSchema(), ''],
  ])('%s', async (_title, words, exit, out, error) => {
    expect(await runPolicy(words)).toEqual({ out, error, exit })
  })

  test('standard input is read for "-"', async () => {
    expect(await runPolicy(['check', '-'], GOOD)).toEqual({ out: 'stdin: 1 shares, 0 blocks, 0 pauses, 1 expectations; no errors.\n', error: '', exit: 0 })
  })

  test('Rego by hand that is wrong is its author’s error, not our fault', async () => {
    expect(await runPolicy(['check', rego])).toMatchObject({ exit: 1, error: expect.stringContaining(`${rego}:2:`) })
  })
})

describe('used wrongly', () => {
  test.each<[title: string, words: string[], error: string]>([
    ['no such file', ['check', join(folder, 'none.yaml')], 'none.yaml cannot be read'],
    ['not UTF-8', ['check', latin], 'it is not UTF-8. Save it as UTF-8.'],
    ['standard input twice', ['check', '-', '-'], 'standard input can be read only once'],
    ['output that cannot be written', ['build', good, '-o', join(folder, 'no', 'where.wasm')], '--output: '],
    ['output without a known ending', ['build', good, '-o', join(folder, 'x.zip')], 'Use .wasm for a module or .tar.gz for a bundle.'],
    ['--wasm for a module', ['build', good, '--wasm', '-o', join(folder, 'x.wasm')], '--wasm: applies only to bundles.'],
    ['no instant', ['test', good, '--at', '2026-11-23'], '--at: "2026-11-23" is not an instant. Write one with its offset'],
    ['an instant that is none', ['test', good, '--at', '2026-13-23T10:00:00Z'], 'is not an instant'],
    ['things that are no list', ['check', good, '--things', noThings], 'unknown member "key"; known are people, things, abilities'],
    ['things that are no JSON', ['check', good, '--things', good], 'is not JSON'],
  ])('%s', async (_title, words, error) => {
    expect(await runPolicy(words)).toEqual({ out: '', error: expect.stringContaining(error), exit: 2 })
    const json = await runPolicy([...words, '--json'])
    expect({ ...json, out: JSON.parse(json.out) }).toMatchObject({
      out: { ok: false, error: { code: 'usage' }, diagnostics: [], warnings: [] },
      error: '',
      exit: 2,
    })
  })
})

describe('--json', () => {
  test.each<[title: string, words: string[], exit: number, json: object]>([
    ['check', ['check', good], 0, { ok: true, files: [{ file: good, ...CHECKED }], diagnostics: [], warnings: [] }],
    [
      'check of several files',
      ['check', good, tabs],
      1,
      {
        ok: false,
        files: [{ file: good, ...CHECKED }],
        diagnostics: [{ file: tabs, line: 3, column: 1, code: 'yaml_syntax', message: expect.any(String) }],
        warnings: [],
      },
    ],
    ['test', ['test', good], 0, { ok: true, expect: 1, failed: 0, diagnostics: [], warnings: [] }],
    [
      'test with a wrong row',
      ['test', wrong],
      1,
      {
        ok: false,
        expect: 1,
        failed: 1,
        diagnostics: [{ file: wrong, line: 5, column: 5, code: 'expectation_failed', message: expect.any(String) }],
        warnings: [],
      },
    ],
    ['rego', ['rego', good], 0, { ok: true, rego: expect.stringContaining('package latchkey.sharing\n'), diagnostics: [], warnings: [] }],
    ['rego with a typo', ['rego', tabs], 1, { ok: false, rego: '', diagnostics: [expect.objectContaining({ code: 'yaml_syntax' })], warnings: [] }],
  ])('%s', async (_title, words, exit, json) => {
    const run = await runPolicy([...words, '--json'])
    expect({ ...run, out: JSON.parse(run.out) }).toEqual({ out: json, error: '', exit })
    expect(run.out.trimEnd().split('\n')).toHaveLength(1)
  })
})

test('rego prints the module', async () => {
  const { out, exit } = await runPolicy(['rego', good])
  expect(exit).toBe(0)
  expect(out).toContain('package latchkey.sharing\n')
})

describe('build', () => {
  test('writes a module that decides', async () => {
    const target = join(folder, 'policy.wasm')
    const { out, exit } = await runPolicy(['build', good, '-o', target, '--json'])
    const wasm = readFileSync(target)
    expect({ exit, ...JSON.parse(out) }).toEqual({
      exit: 0,
      ok: true,
      kind: 'shares',
      form: 'module',
      output: target,
      digest: createHash('sha256').update(wasm).digest('base64url'),
      bytes: wasm.length,
      diagnostics: [],
      warnings: [],
    })
    const module = await loadPolicyModule(wasm)
    expect(module.evaluate(rowInput({ who: 'bob@example.test', what: 'x', may: 'y', answer: 'allow', reasons: [] })).effect).toBe('allow')
  })

  test.each<[form: string, words: string[], names: string[]]>([
    ['bundle', [], ['/.manifest', '/policy.rego']],
    ['bundle-wasm', ['--wasm'], ['/.manifest', '/policy.wasm']],
  ])('%s: the same rules give the same bytes', async (form, words, names) => {
    const [one, two] = [join(folder, `${form}-1.tar.gz`), join(folder, `${form}-2.tar.gz`)]
    const { out } = await runPolicy(['build', good, ...words, '-o', one, '--json'])
    await runPolicy(['build', good, ...words, '-o', two, '--at', '2027-01-01T00:00:00Z'])
    const bytes = readFileSync(one)
    expect(bytes.equals(readFileSync(two))).toBe(true)
    expect(JSON.parse(out)).toMatchObject({ ok: true, form, bytes: bytes.length })
    expect(await listEntries(gunzipSync(bytes))).toEqual(names.map((path) => ({ path, mtime: 0, mode: 0o644, uid: 0 })))
  })

  test('rules that are wrong write nothing', async () => {
    const target = join(folder, 'wrong.wasm')
    expect(await runPolicy(['build', wrong, '-o', target])).toMatchObject({ out: '', exit: 1, error: expect.stringContaining('expectation_failed') })
    expect(() => readFileSync(target)).toThrow('ENOENT')
  })
})

async function listEntries(tar: Buffer): Promise<readonly object[]> {
  const entries: object[] = []
  const parser = new Parser({
    onReadEntry: (entry) => {
      entries.push({ path: entry.header.path, mtime: entry.mtime?.getTime(), mode: entry.mode, uid: entry.uid })
      entry.resume()
    },
  })
  const end = new Promise((resolve) => parser.on('end', resolve))
  parser.end(tar)
  await end
  return entries
}

test('every command prints its exit codes and has --json', async () => {
  for (const command of (await buildPolicyCommand('all')).commands) {
    let help = ''
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
    expect(help).toContain(EXIT_CODES_HELP.trim())
    expect(help).toContain('--json')
  }
})
