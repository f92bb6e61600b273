// Names that nobody knows, lines that cannot be read, and abilities that things do not have: said, and seen by scripts.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { runPolicy } from './run-policy.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const folder = mkdtempSync(join(tmpdir(), 'latchkey-names-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

const rules = write(
  'rules.yaml',
  `version: 1
people: { carla: carla@example.test }
shares:
  - { name: A, who: [carla], what: [guitar], may: [play, look], until: "2200-01-01T00:00:00Z" }
  - { name: L, who: [anyone-with-link], what: ["type:lamp"], may: [look], until: "2200-01-01T00:00:00Z" }
`.replaceAll('2200', '2199'),
)
const things = write(
  'things.json',
  JSON.stringify([
    { key: 'guitar', type: 'guitar', abilities: ['play'] },
    { key: 'lamp-1', type: 'lamp', abilities: ['look', 'switch'] },
    { key: 'radio', type: 'radio' },
  ]),
)

describe('TR68: explain reports names that nobody knows', () => {
  test.each([
    ['a thing', ['--who', 'carla', '--what', 'gitar', '--may', 'play'], '"gitar" (what). Did you mean "guitar"?'],
    ['a type', ['--who', 'carla', '--what', 'type:lmap', '--may', 'play'], 'Did you mean "type:lamp"?'],
    ['an ability', ['--who', 'carla', '--what', 'guitar', '--may', 'paly'], '"paly" (may). Did you mean "play"?'],
    ['a link', ['--who', 'carla', '--what', 'guitar', '--may', 'play', '--link', 'M'], '"M" (link). Did you mean "L"?'],
    ['an app', ['--who', 'client:tuner', '--what', 'guitar', '--may', 'play'], '"client:tuner" (who)'],
    ['a thing that the household does not have', ['--who', 'carla', '--what', 'lamp-2', '--may', 'look', '--things', things], 'Did you mean "lamp-1"?'],
  ])('%s', async (_, words, message) => {
    const { error, exit } = await runPolicy(['explain', rules, ...words])
    expect(exit).toBe(1)
    expect(error).toContain('unknown_name')
    expect(error).toContain(message)
  })

  test('a name in who is refused as a wrong option', async () => {
    expect(await runPolicy(['explain', rules, '--who', 'carlla', '--what', 'guitar', '--may', 'play'])).toMatchObject({
      exit: 2,
      error: expect.stringContaining('Did you mean "carla"?'),
    })
  })

  test.each([
    ['a thing of a known type', ['--what', 'lamp-9', '--type', 'lamp', '--may', 'look']],
    ['a thing of the household', ['--what', 'radio', '--may', 'look', '--things', things]],
    ['an address of anyone', ['--who', 'eve@example.test', '--what', 'guitar', '--may', 'play']],
  ])('%s is known', async (_, words) => {
    expect(await runPolicy(['explain', rules, ...(words.includes('--who') ? [] : ['--who', 'carla']), ...words])).toMatchObject({ exit: 0, error: '' })
  })
})

test('TR68: replay ends with 1 where lines cannot be read, and with 0 if that is wanted', async () => {
  const log = write('log.jsonl', 'not JSON\n{"no":"input"}\n')
  expect(await runPolicy(['replay', rules, rules, log])).toMatchObject({ exit: 1, out: expect.stringContaining('2 lines could not be parsed: 1, 2.') })
  expect(await runPolicy(['replay', rules, rules, log, '--lenient'])).toMatchObject({ exit: 0 })
  expect(await runPolicy(['replay', rules, rules, write('empty.jsonl', '\n\n')])).toMatchObject({ exit: 0 })
})

describe('TR67: can lists only what exists', () => {
  test.each([
    ['all', [], ['carla@example.test thing:guitar play', 'anyone-with-link L thing:lamp-1 look']],
    ['one thing', ['--what', 'guitar'], ['carla@example.test thing:guitar play']],
    ['a word that was asked for', ['--what', 'type:lamp'], ['anyone-with-link L type:lamp look']],
  ])('%s', async (_, words, expected) => {
    const { out } = await runPolicy(['can', rules, '--things', things, '--json', ...words])
    const { cells, things: rows } = JSON.parse(out) as { cells: { who: string; what: string; may: string }[]; things: { id: string }[] }
    expect(
      cells
        .filter(({ who }) => who.startsWith('carla') || who.startsWith('anyone-with-link L'))
        .filter(({ who, what }) => !(who.startsWith('carla') && what !== 'thing:guitar'))
        .map(({ who, what, may }) => `${who} ${what} ${may}`),
    ).toEqual(expected)
    if (words.length === 0) expect(rows.map(({ id }) => id).sort()).toEqual(['thing:guitar', 'thing:lamp-1', 'thing:radio'])
  })

  test('diff too', async () => {
    const wider = write(
      'wider.yaml',
      'version: 1\nshares:\n  - { name: A, who: [carla@example.test], what: [guitar, lamp-1], may: [play, look, switch], until: "2199-01-01T00:00:00Z" }\n',
    )
    const { out } = await runPolicy(['diff', write('none.yaml', 'version: 1\n'), wider, '--things', things, '--json'])
    expect((JSON.parse(out) as { gains: { things: string[]; abilities: string[] }[] }).gains.map((row) => [row.things, row.abilities])).toEqual([
      [['thing:guitar'], ['play']],
      [['thing:lamp-1'], ['look', 'switch']],
    ])
  })
})
