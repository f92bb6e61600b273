import { expect, test } from 'vitest'
import { readSentences } from '../../../../policies/sentence/read-sentences.ts'

const file = 'p.yaml'

const HEAD = 'version: 1\ntimezone: Europe/Paris\npeople: { Carla: carla@example.test }\nthings: { the boiler: boiler-7 }\nplaces: { home: [192.0.2.0/24] }\n'

function sentencesOf(text: string) {
  const read = readSentences({ text, file })
  if (!read.ok) throw new Error(`${JSON.stringify(read.error)}\n${text}`)
  return read.value
}

test.each([
  ['', ''],
  ['only: { between: "08:00-17:00" }', ', only from 08:00 to 17:00 (Europe/Paris)'],
  ['only: { days: [mon, tue], state: [active, idle], place: home }', ', only on mon, tue (Europe/Paris), from home, while its state is active or idle'],
  ['only: { attributes: { mode: party, battery: { at_least: 20 } } }', ', only while mode is party and battery is at least 20'],
  [
    'only: { purpose: rehearsal, client: app, proof: [dpop, mtls], acr: phr, from: [192.0.2.7] }',
    ', only from the network 192.0.2.7/32, for the purpose rehearsal, with the app app, with the proof dpop or mtls, after a sign-in of class phr',
  ],
  ['from: 2026-12-01, until: 2026-12-24', ', from 2026-12-01 on (Europe/Paris), until the end of 2026-12-24 (Europe/Paris)'],
  ['notify: true', '; and the owner is notified'],
  [
    'hide: [$.a], limit: [1 use, 3 per 10 min], other_answers: allow',
    '; without seeing $.a, at most 1 use and at most 3 per 10 min, and the whole response if it is not JSON',
  ],
])('a share with %s', (rest, words) => {
  const text = `${HEAD}shares:\n  - { name: One, who: [Carla], what: [the boiler], may: [see-temperature], ${rest} }\n`
  const [sentence] = sentencesOf(text).shares
  expect(sentence?.text).toBe(`Carla (carla@example.test) may see-temperature on the boiler${words}.`)
  expect(sentence?.text).not.toMatch(/\bwhen\b/)
  expect(sentence?.parts.map((part) => part.text).join('')).toBe(sentence?.text)
})

test.each([
  ['block: [{ who: [m@example.test] }]', 'm@example.test may do nothing, regardless of other rules.'],
  [
    'pause: [{ what: ["tag:studio"], until: 2026-12-24 }]',
    'Nobody may do anything on everything tagged studio, until the end of 2026-12-24 (Europe/Paris), regardless of other rules.',
  ],
  ['pause: [{ name: Off, who: [anyone-signed-in], what: [x] }]', 'Anyone who is signed in may do nothing on x, regardless of other rules.'],
])('%s', (rest, text) => {
  const { block, pause } = sentencesOf(`${HEAD}${rest}\n`)
  expect([...block, ...pause].map((one) => one.text)).toEqual([text])
})

test('a long group is counted, not told to its end', () => {
  const many = Array.from({ length: 13 }, (_, index) => `p${index}@example.test`)
  const [sentence] = sentencesOf(`version: 1\npeople: { all: [${many.join(', ')}] }\nshares:\n  - { name: A, who: [all], what: [x], may: [y] }\n`).shares
  expect(sentence?.parts[0]).toMatchObject({ part: 'who', text: `all (${many.slice(0, 10).join(', ')} and 3 more)`, value: ['all'], path: '/shares/0/who' })
})

test('parts have their places, and what holds a comment is told as hand-written, with its bytes', () => {
  const text = `${HEAD}shares:\n  - name: A\n    who: # them\n      - Carla # she\n      - b@example.test\n    what: [x]\n    may: [y]\n    only: { days: [mon],\n      # night\n      between: "22:00-06:00" }\n    for: 2 h\n`
  const read = readSentences({ text, file, now: 0 })
  if (!read.ok) throw new Error(JSON.stringify(read.error))
  const parts = Object.fromEntries(read.value.shares.flatMap((one) => one.parts).flatMap((part) => (part.part === 'words' ? [] : [[part.part, part]])))
  expect(parts).toMatchObject({
    who: { handWritten: true, raw: '- Carla # she\n      - b@example.test', value: ['Carla', 'b@example.test'] },
    days: { path: '/shares/0/only/days', timezone: 'Europe/Paris', value: ['mon'] },
    until: { path: '/shares/0/for', value: '1970-01-01T02:00:00.000Z' },
  })
  expect(parts['what']).not.toHaveProperty('handWritten')
  expect(parts['between']).not.toHaveProperty('handWritten')
})
