// Shares, blocks and pauses as sentences; and back again to shares that decide the same.
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { shareEntries } from '../../../../policies/edit/share-text.ts'
import { parsePolicy } from '../../../../policies/parse-policy.ts'
import { loadPolicyModule } from '../../../../policies/runtime/policy-module.ts'
import { readSentences } from '../../../../policies/sentence/read-sentences.ts'
import { sentenceToShare } from '../../../../policies/sentence/sentence-to-share.ts'
import { shareSentence } from '../../../../policies/sentence/share-sentence.ts'
import { buildArtifact } from '../../../../policies/wasm/artifact.ts'
import { createCompiler } from '../../../../policies/wasm/compile.ts'
import { rowInput } from '../cases.ts'
import { lenientDocument, styledDocument } from '../edit/styled-documents.ts'

const file = 'p.yaml'
const compiler = createCompiler()
afterAll(() => compiler.close())

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
  ['notify: true', '; and the owner is told'],
  [
    'hide: [$.a], limit: [1 use, 3 per 10 min], other_answers: allow',
    '; without seeing $.a, at most 1 use and at most 3 per 10 min, and all of an answer that is not JSON',
  ],
])('a share with %s', (rest, words) => {
  const text = `${HEAD}shares:\n  - { name: One, who: [Carla], what: [the boiler], may: [see-temperature], ${rest} }\n`
  const [sentence] = sentencesOf(text).shares
  expect(sentence?.text).toBe(`Carla (carla@example.test) may see-temperature on the boiler${words}.`)
  expect(sentence?.text).not.toMatch(/\bwhen\b/)
  expect(sentence?.parts.map((part) => part.text).join('')).toBe(sentence?.text)
})

test.each([
  ['block: [{ who: [m@example.test] }]', 'm@example.test may do nothing, whatever else is written.'],
  [
    'pause: [{ what: ["tag:studio"], until: 2026-12-24 }]',
    'Nobody may do anything on everything tagged studio, until the end of 2026-12-24 (Europe/Paris), whatever else is written.',
  ],
  ['pause: [{ name: Off, who: [anyone-signed-in], what: [x] }]', 'Anyone who is signed in may do nothing on x, whatever else is written.'],
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

/** The document with its shares written anew from their sentences. */
function retell(text: string): string {
  const rules = parsePolicy({ text, file })
  if (!rules.ok) throw new Error(JSON.stringify(rules.error))
  const shares = rules.value.shares.map((share) => sentenceToShare(shareSentence(share, rules.value)))
  const items = shares.map(
    (share) =>
      `  - { ${shareEntries(share)
        .map(([key, value]) => `${key}: ${value}`)
        .join(', ')} }\n`,
  )
  return `version: 1\npeople: { band: [bob@example.test] }\nthings: { studio: ["tag:studio"] }\nplaces: { home: [192.0.2.0/24], work: ["2001:db8::/32"] }\nshares:\n${items.join('')}`
}

test('sentences give back the shares that they were made of', { timeout: 1_800_000 }, () => {
  fc.assert(
    fc.property(styledDocument, ({ text }) => {
      const [before, after] = [parsePolicy({ text, file }), parsePolicy({ text: retell(text), file })]
      if (!before.ok || !after.ok) throw new Error(JSON.stringify([before, after]))
      const plain = (rules: typeof before.value) => rules.shares.map((share) => ({ ...share, line: 0 }))
      expect(plain(after.value)).toEqual(plain(before.value))
      for (const sentence of sentencesOf(text).shares) {
        expect(sentence.parts.map((part) => part.text).join('')).toBe(sentence.text)
        expect(sentence.parts.every((part) => part.part === 'words' || part.value !== undefined)).toBe(true)
      }
    }),
    { numRuns: 10_000 },
  )
})

test('and WASM decides the same by them', { timeout: 300_000 }, async () => {
  const request = fc.record({
    who: fc.constantFrom('ann@example.test', 'bob@example.test', 'x@other.test'),
    what: fc.constantFrom('guitar', 'type:x', 'a #b'),
    type: fc.constantFrom('amp', 'x'),
    tags: fc.constantFrom<readonly string[]>([], ['studio'], ['x y']),
    may: fc.constantFrom('play', 'read', "it's"),
    now: fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) }).map((at) => new Date(at).toISOString()),
  })
  const seen = { allow: 0, ask: 0, deny: 0 }
  await fc.assert(
    fc.asyncProperty(lenientDocument, fc.array(request, { minLength: 20, maxLength: 20 }), async ({ text }, requests) => {
      const modules = await Promise.all(
        [text, retell(text)].map(async (one) => {
          const built = await buildArtifact({ text: one, file, now: 0, compiler })
          if (!built.ok) throw new Error(JSON.stringify(built.error))
          return loadPolicyModule(built.value.wasm)
        }),
      )
      for (const row of requests) {
        const [before, after] = modules.map((module) => module.evaluate(rowInput({ ...row, answer: 'deny', reasons: [] })))
        // Lines are others.
        expect([after?.effect, after?.obligations, after?.reasons.map(({ code }) => code).sort()]).toEqual([
          before?.effect,
          before?.obligations,
          before?.reasons.map(({ code }) => code).sort(),
        ])
        seen[before?.effect ?? 'deny'] += 1
      }
    }),
    { numRuns: 60 },
  )
  expect(Math.min(seen.allow, seen.ask, seen.deny)).toBeGreaterThan(3)
})
