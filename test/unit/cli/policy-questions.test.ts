// explain, can, diff, replay, fmt and init: what they print, what they give as JSON, and how they end.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Ajv } from 'ajv'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { rowInput } from '../policies/cases.ts'
import { runCli } from './run-cli.ts'
import { runPolicy } from './run-policy.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const folder = mkdtempSync(join(tmpdir(), 'latchkey-questions-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const RULES = `version: 1
defaults: { timezone: Europe/Paris }
people:
  band: [bob@example.test, carol@example.test]
  ann: ann@example.test
things:
  guitar: guitar-1
shares:
  - name: Band
    who: [band]
    what: [guitar]
    may: [play]
    only: { days: [mon-fri], between: "08:00-22:00" }
    until: 2030-12-31
    hide: [$.location]
  - name: Everything at hand
    who: [ann]
    what: ["tag:stage", "type:drum", "device:D-1"]
    may: [play]
    only: { from: [192.0.2.0/24], purpose: [rehearsal], client: [app-7], proof: mtls, acr: gold, state: active, attributes: { mode: party, battery: { at_least: 20 }, loud: true, code: "5" } }
    until: 2030-12-31
  - name: Link
    who: [anyone-with-link]
    what: [guitar]
    may: [look]
    until: 2030-12-31
block:
  - who: [mallory@example.test]
`
const rules = file('rules.yaml', RULES)
const later = file('later.yaml', RULES.replace('08:00-22:00', '09:00-22:00'))
const reworded = file('reworded.yaml', RULES.replace('name: Band', 'name: The band'))
const broken = file('broken.yaml', 'version: 2\n')
const household = file('household.json', '[{"key": "guitar-1", "type": "guitar", "tags": ["stage"], "abilities": ["play", "tune"], "device_id": "D-1"}]')

const SUNDAY = '2026-11-22T10:00:00+01:00'
const BOB = ['--who', 'bob@example.test', '--what', 'guitar', '--may', 'play']

describe('explain', () => {
  test.each<[title: string, words: string[], out: string]>([
    ['allowed, with strings attached', BOB, `Allowed.\n${rules}:9 A share allows it: "Band" (line 9).\nThen: without seeing $.location.\n`],
    [
      'denied, with the next opening',
      [...BOB, '--at', SUNDAY],
      `Denied.\n${rules}:9 "Band" (line 9) would allow it from 08:00 (Monday 2026-11-23, Europe/Paris).\n`,
    ],
    [
      'blocked',
      ['--who', 'mallory@example.test', '--what', 'guitar', '--may', 'play'],
      `Denied.\n${rules}:28 This person is blocked (line 28).\nThe block of line 28 applies until it is removed.\n`,
    ],
    [
      'nothing at all',
      ['--who', 'dave@example.test', '--what', 'guitar', '--may', 'play'],
      'Denied.\nNo share gives this person this ability on this thing.\n',
    ],
  ])('%s', async (_title, words, out) => {
    expect(await runPolicy(['explain', rules, ...words])).toEqual({ out, error: '', exit: 0 })
  })

  const FACTS = [
    ...['--from', '192.0.2.7', '--purpose', 'rehearsal', '--client', 'app-7', '--proof', 'mtls', '--acr', 'gold', '--state', 'active'],
    ...['--attribute', 'mode=party', '--attribute', 'battery=80', '--attribute', 'loud=true', '--attribute', 'code="5"'],
  ]
  const ANN = ['--who', 'ann', '--may', 'play']

  test.each<[title: string, words: string[], answer: string]>([
    ['every fact is told', [...ANN, '--what', 'guitar', '--tag', 'amp', '--tag', 'stage', ...FACTS], 'allow'],
    ['by type', [...ANN, '--what', 'x', '--type', 'drum', ...FACTS], 'allow'],
    ['by what the household knows', [...ANN, '--what', 'guitar', '--things', household, ...FACTS], 'allow'],
    ['by the thing’s own word', [...ANN, '--what', 'device:D-1', ...FACTS], 'allow'],
    ['one fact is another', [...ANN, '--what', 'tag:stage', ...FACTS, '--state', 'lost'], 'deny'],
    ['one attribute is another', [...ANN, '--what', 'tag:stage', ...FACTS, '--attribute', 'battery=19'], 'deny'],
    ['nothing else is told', [...ANN, '--what', 'tag:stage'], 'deny'],
    ['by the link', ['--who', 'anyone-with-link', '--what', 'guitar', '--may', 'look', '--link', 'Link'], 'allow'],
    ['a subject', ['--who', '{"issuer": "https://as.example", "subject": "s-1"}', '--what', 'guitar', '--may', 'play'], 'deny'],
  ])('%s', async (_title, words, answer) => {
    const { out, exit } = await runPolicy(['explain', rules, ...words, '--json'])
    expect({ exit, ...JSON.parse(out) }).toMatchObject({
      exit: 0,
      ok: true,
      answer,
      deciding: expect.any(Array),
      near_misses: expect.any(Array),
      text: expect.any(Array),
    })
  })

  test('rules with a wrong expectation are explained all the same', async () => {
    const text = `${RULES}expect:\n  - { who: bob@example.test, what: guitar, may: play, answer: ask }\n`
    expect(await runPolicy(['explain', '-', ...BOB], text)).toMatchObject({ exit: 0, out: expect.stringMatching(/^Allowed\.\nstdin:9 /) })
  })

  test.each<[title: string, words: string[], error: string]>([
    ['a group', ['--who', 'band', '--what', 'guitar', '--may', 'play'], '--who: "band" stands for several people. Ask about one of them.'],
    ['nobody', ['--who', 'bnad', '--what', 'guitar', '--may', 'play'], 'Did you mean "band"?'],
    ['no address', [...BOB, '--from', 'home'], '--from: "home" is not an IPv4 or IPv6 address.'],
    ['no proof', [...BOB, '--proof', 'password'], '--proof: "password" is not a proof method. Write one of dpop, httpsig, session, mtls.'],
  ])('used wrongly: %s', async (_title, words, error) => {
    expect(await runPolicy(['explain', rules, ...words])).toMatchObject({ out: '', error: expect.stringContaining(error), exit: 2 })
  })

  test.each<[title: string, words: string[], error: string]>([
    ['no value', [...BOB, '--attribute', 'mode'], 'Write a name and a value, e.g. mode=party or battery=80.'],
    ['no subject', ['--who', '{"issuer": 5}', '--what', 'guitar', '--may', 'play'], 'Write {"issuer": "https://...", "subject": "..."}.'],
    ['nothing asked', [], "required option '--who <person>' not specified"],
  ])('a wrong command line: %s', async (_title, words, error) => {
    const run = await runCli('policy', 'explain', rules, ...words)
    expect(run).toMatchObject({ stdout: '', stderr: expect.stringContaining(error), exitCode: 2 })
  })
})

describe('can', () => {
  test('a table of all, and what it leaves out', async () => {
    const { out, exit } = await runPolicy(['can', rules])
    expect(exit).toBe(0)
    expect(out).toMatch(/^WHO +WHAT +MAY +ANSWER\n/)
    expect(out).toMatch(/^carol@example\.test +guitar-1 +play +only sometimes; allowed on mon/m)
    expect(out).toMatch(/Complete: anything that is not listed is never allowed\.\n$/)
    expect(out).not.toContain('mallory')
  })

  test.each<[title: string, words: string[], cells: string[]]>([
    ['a person', ['--who', 'bob@example.test'], ['bob@example.test thing:guitar-1 play', 'bob@example.test thing:guitar-1 look']],
    ['a group', ['--who', 'band', '--may', 'play'], ['bob@example.test thing:guitar-1 play', 'carol@example.test thing:guitar-1 play']],
    ['somebody whom nobody names', ['--who', 'dave@example.test', '--may', 'play'], []],
    [
      'a thing and an ability, by nickname',
      ['--what', 'guitar', '--may', 'play'],
      ['bob@example.test thing:guitar-1 play', 'carol@example.test thing:guitar-1 play'],
    ],
  ])('of %s', async (_title, words, cells) => {
    const { out, exit } = await runPolicy(['can', rules, ...words, '--json'])
    const json = JSON.parse(out)
    expect({ exit, ok: json.ok, coverage: json.coverage }).toEqual({ exit: 0, ok: true, coverage: 'complete' })
    expect(json.cells.map(({ who, what, may }: Record<string, string>) => `${who} ${what} ${may}`)).toEqual(expect.arrayContaining(cells))
    if (words.includes('--may')) expect(json.cells).toHaveLength(cells.length)
  })

  test('things of the household are rows of their own', async () => {
    const { out } = await runPolicy(['can', rules, '--who', 'ann', '--what', 'guitar-1', '--things', household, '--json'])
    expect(JSON.parse(out)).toMatchObject({ abilities: expect.arrayContaining(['play', 'tune']), cells: [{ may: 'play' }] })
  })

  test('a word that nobody knows', async () => {
    expect(await runPolicy(['can', rules, '--what', 'guitra'])).toEqual({ out: '', error: expect.stringContaining('Did you mean "guitar"?'), exit: 2 })
  })
})

describe('diff', () => {
  test.each<[title: string, words: string[], exit: number, json: object]>([
    [
      'a loss',
      [rules, later],
      0,
      {
        ok: true,
        changed: true,
        gains: [],
        loses: [{ change: 'loses', people: ['bob@example.test', 'carol@example.test'], things: ['thing:guitar-1'], abilities: ['play'] }],
        coverage: 'complete',
      },
    ],
    ['a gain', [later, rules, '--exit-code'], 1, { ok: true, changed: true, gains: [{ abilities: ['play'] }], loses: [] }],
    ['other words', [rules, reworded, '--exit-code'], 0, { ok: true, changed: false, gains: [], loses: [], limits: [], reworded: [{ kind: 'renamed' }] }],
    ['nothing', [rules, rules, '--exit-code'], 0, { ok: true, changed: false, reworded: [] }],
    ['an error in either', [rules, broken], 1, { ok: false, changed: false, diagnostics: [{ file: broken, code: 'bad_value' }] }],
  ])('%s', async (_title, words, exit, json) => {
    const run = await runPolicy(['diff', ...words, '--json'])
    expect({ exit: run.exit, json: JSON.parse(run.out) }).toMatchObject({ exit, json })
  })

  test('in words', async () => {
    const { out } = await runPolicy(['diff', rules, rules])
    expect(out).toMatch(/^Nobody gains or loses access\.\nComplete: all \d+ combinations/)
  })
})

describe('replay', () => {
  const question = (now: string) => rowInput({ who: 'bob@example.test', what: 'guitar-1', may: 'play', now, answer: 'allow', reasons: [] })
  const entry = (now: string) => JSON.stringify({ input: question(now), decision: { effect: 'allow' } })
  const log = file('log.jsonl', `${entry('2026-11-23T07:30:00.000Z')}\n${entry('2026-11-23T10:00:00.000Z')}\nno JSON\n`)

  test('counts what changes, and says which lines could not be read', async () => {
    const run = await runPolicy(['replay', rules, later, log, '--json', '--exit-code'])
    expect({ exit: run.exit, json: JSON.parse(run.out) }).toMatchObject({
      exit: 1,
      json: {
        ok: true,
        changed_any: true,
        replayed: 2,
        same: 1,
        changed: [{ from: 'allow', to: 'deny', count: 1 }],
        malformed: [{ line: 3, why: 'not JSON' }],
      },
    })
  })

  test('in words, from standard input', async () => {
    const run = await runPolicy(['replay', rules, rules, '-', '--exit-code'], entry('2026-11-23T10:00:00.000Z'))
    expect(run).toEqual({ out: '1 logged decisions replayed, 0 changed.\n', error: '', exit: 0 })
  })
})

describe('fmt', () => {
  const UNTIDY = 'version: 1\nshares:\n    - who: [bob@example.test]\n      name: A # mine\n      what: [x]\n      may: [y]\n'
  const TIDY = 'version: 1\nshares:\n  - name: A # mine\n    who: [bob@example.test]\n    what: [x]\n    may: [y]\n'

  test('prints, checks, writes, and is then content', async () => {
    const path = file('untidy.yaml', UNTIDY)
    expect(await runPolicy(['fmt', path])).toEqual({ out: TIDY, error: '', exit: 0 })
    expect(await runPolicy(['fmt', '--check', path])).toEqual({
      out: `${path}: not formatted. Run latchkey policy fmt --write ${path}\n`,
      error: '',
      exit: 1,
    })
    expect(readFileSync(path, 'utf8')).toBe(UNTIDY)
    expect(await runPolicy(['fmt', '--write', path])).toEqual({ out: `${path}: written\n`, error: '', exit: 0 })
    expect(readFileSync(path, 'utf8')).toBe(TIDY)
    expect(await runPolicy(['fmt', '--check', path])).toEqual({ out: '', error: '', exit: 0 })
  })

  test('a file with errors keeps all files as they are', async () => {
    const path = file('untidy-2.yaml', UNTIDY)
    expect(await runPolicy(['fmt', '--write', path, broken])).toMatchObject({ exit: 1, error: expect.stringContaining('bad_value') })
    expect(readFileSync(path, 'utf8')).toBe(UNTIDY)
  })

  test.each<[title: string, words: string[], error: string]>([
    ['--check with --write', ['--check', '--write', rules], 'Omit one of them.'],
    ['--write to standard input', ['--write', '-'], 'Omit --write'],
    ['several files on standard output', [rules, later], 'Give one file, --write or --check.'],
  ])('used wrongly: %s', async (_title, words, error) => {
    expect(await runPolicy(['fmt', ...words], UNTIDY)).toMatchObject({ exit: 2, error: expect.stringContaining(error) })
  })
})

describe('warnings', () => {
  const open = file('open.yaml', 'version: 1\nshares:\n  - { name: A, who: [bob@example.test], what: [x], may: [y] }\n')

  test('are shown and keep nothing from being used', async () => {
    expect(await runPolicy(['check', open])).toMatchObject({
      exit: 0,
      error: expect.stringMatching(/open\.yaml:3:5 no_expiry Warning: .*\n {4}- \{ name: A/),
      out: expect.stringContaining('no errors'),
    })
    expect(await runPolicy(['check', open, '--strict'])).toMatchObject({ exit: 1 })
    expect((await runPolicy(['check', open, '--format', 'github'])).out).toMatch(/^::warning file=.*open\.yaml,line=3,col=5,title=no_expiry::/)
    expect(JSON.parse((await runPolicy(['test', open, '--json'])).out)).toMatchObject({
      ok: true,
      warnings: [{ code: 'no_expiry', severity: 'warning', line: 3, column: 5 }],
    })
  })

  test('with --things, words for what nobody has', async () => {
    expect(JSON.parse((await runPolicy(['check', open, '--things', household, '--json'])).out).warnings).toContainEqual(
      expect.objectContaining({ code: 'unknown_thing' }),
    )
  })
})

describe('init', () => {
  test.each([
    ['rules.yaml', [] as string[]],
    ['guardrails.yaml', ['--guardrails']],
  ])('%s passes check and test without a warning, and its modeline leads to a schema that it fits', async (name, words) => {
    const directory = join(folder, `init-${name}`)
    const path = join(directory, name)
    expect(JSON.parse((await runCli('init', directory, ...words, '--json')).stdout)).toEqual({ written: [path, expect.stringMatching(/\.schema\.json$/)] })
    expect(await runPolicy(['check', path, '--strict'])).toMatchObject({ exit: 0, error: '' })
    expect(await runPolicy(['test', path])).toMatchObject({ exit: 0, out: expect.stringMatching(/: all [34] expectations hold/) })
    const text = readFileSync(path, 'utf8')
    const schema = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1] ?? ''
    const validate = new Ajv({ allowUnionTypes: true }).compile(JSON.parse(readFileSync(join(dirname(path), schema), 'utf8')))
    expect({ valid: validate(parse(text)), errors: validate.errors }).toEqual({ valid: true, errors: null })
    expect(validate({ version: 1, nonsense: true })).toBe(false)
  })

  test('the rules are laid out as fmt would', async () => {
    expect(await runPolicy(['fmt', '--check', join(folder, 'init-rules.yaml', 'rules.yaml')])).toMatchObject({ exit: 0, out: '' })
  })

  test('overwrites nothing', async () => {
    const directory = mkdtempSync(join(folder, 'taken-'))
    writeFileSync(join(directory, 'rules.schema.json'), 'mine')
    const run = await runCli('init', directory)
    expect(run).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('already exists\n  choose another directory, or move the file away') })
    expect(existsSync(join(directory, 'rules.yaml'))).toBe(false)
  })
})
