// Parse, tell, parse again: the sentences of a document hold all that its shares mean.
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
import { propertyRuns, propertyTimeoutMilliseconds } from '../../../support/runs.ts'
import { rowInput } from '../cases.ts'
import { lenientDocument, styledDocument } from '../edit/styled-documents.ts'

const file = 'p.yaml'
const compiler = createCompiler()
afterAll(() => compiler.close())

function sentencesOf(text: string) {
  const read = readSentences({ text, file })
  if (!read.ok) throw new Error(`${JSON.stringify(read.error)}\n${text}`)
  return read.value
}

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
  return `version: 1\ntimezone: UTC\npeople: { band: [bob@example.test] }\nthings: { studio: ["tag:studio"] }\nplaces: { home: [192.0.2.0/24], work: ["2001:db8::/32"] }\ncalendars: { fair: ["2026-10-26", "2026-12-24 to 2026-12-26"] }\nshares:\n${items.join('')}`
}

test('sentences give back the shares that they were made of', { timeout: propertyTimeoutMilliseconds() }, () => {
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
    { numRuns: propertyRuns() },
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
