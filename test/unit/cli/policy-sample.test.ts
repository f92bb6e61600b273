// Rules that can never be carried out: refused where the name of the member shows it, and found with a sample answer where only the answer shows it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { parsePolicy } from '../../../policies/parse-policy.ts'
import { runPolicy } from './run-policy.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const folder = mkdtempSync(join(tmpdir(), 'latchkey-sample-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

const share = (keys: string) =>
  `version: 1\nshares:\n  - { name: A, who: [bob@example.test], what: [car], may: [read], until: "2199-01-01T00:00:00Z", ${keys} }\n`

describe('TR61: a unit that the name of the member excludes is refused', () => {
  test.each([
    ['$.mileage: 10 km', 'km and m are for positions'],
    ['mileage: 10 km', 'km and m are for positions'],
    ['$.trip.distanceKm: 1 km', 'km and m are for positions'],
    ['$.location.lat: 1 km', 'km and m are for positions'],
    ['$.battery_level: 15 min', 'durations such as 15 min are for times'],
    ['$.position: 10', 'Write a distance such as 1 km'],
    ['coordinates: 15 min', 'Write a distance such as 1 km'],
  ])('round: { %s }', (round, hint) => {
    const read = parsePolicy({ text: share(`round: { ${round} }`), file: 'r.yaml' })
    expect(read.ok ? '' : read.error[0]?.message).toContain(hint)
    expect(parsePolicy({ text: share(`round: { ${round} }`), file: 'r.yaml', saved: true }).ok).toBe(true)
  })

  test.each(['$.mileage: 10', '$.position: 10 km', '$.home: 1 km', '$.at: 15 min', '$.p: 1 km', '$.created: 60'])('round: { %s } is possible', (round) => {
    expect(parsePolicy({ text: share(`round: { ${round} }`), file: 'r.yaml' }).ok).toBe(true)
  })
})

const answer = write('answer.json', '[{"odo":123,"location":{"lat":1.5,"lon":2},"at":"2026-11-23T09:00:00Z"}]')

describe('TR61: --sample', () => {
  test.each<[title: string, keys: string, exit: number, text: string]>([
    ['shows what is left', 'hide: [location]', 0, '"A" (line 3) shows: [{"odo":123,"at":"2026-11-23T09:00:00Z"}]'],
    [
      'a number is not a position',
      'round: { odo: 10 km }',
      1,
      'sample_refused "A" refuses the sample response: "with "odo" (anywhere) rounded to 10 km" cannot be applied: the value is not a position',
    ],
    ['a position is not a number', 'round: { location: 10 }', 1, 'the value is not a number'],
    ['a place that must be found', 'hide: [place], must: found', 1, 'a place that must be found is missing'],
    ['a time that is not there', 'delay: { by: 1 min, at: "$[*].time" }', 1, 'no readable time at $[*].time'],
  ])('check: %s', async (_, keys, exit, text) => {
    const run = await runPolicy(['check', write('rules.yaml', share(keys)), '--sample', answer])
    expect([run.exit, run.out + run.error]).toEqual([exit, expect.stringContaining(text)])
  })

  test('explain', async () => {
    const words = ['--who', 'bob@example.test', '--what', 'car', '--may', 'read', '--sample', answer]
    expect(await runPolicy(['explain', write('hide.yaml', share('hide: [location, at]')), ...words])).toMatchObject({
      exit: 0,
      out: expect.stringContaining('The sample response is shown as: [{"odo":123}]'),
    })
    expect(await runPolicy(['explain', write('round.yaml', share('round: { odo: 10 km }')), ...words])).toMatchObject({
      exit: 1,
      error: expect.stringContaining('km and m are for positions'),
    })
  })
})
