// Questions put to the module itself, around every check of this program, as another host might put them (G03, F08): a wrong fact never widens an answer.
import { afterAll, expect, test, vi } from 'vitest'
import { writeNeeds } from '../../../policies/runtime/module-file.ts'
import { loadPolicyModule, type ModulePart } from '../../../policies/runtime/policy-module.ts'
import { buildArtifact } from '../../../policies/wasm/artifact.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'
import { probeModule } from '../../../policies/wasm/probe.ts'
import { rowInput } from '../../unit/policies/cases.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const compiler = createCompiler()
afterAll(() => compiler.close())

const TEXT = `version: 1
defaults: { timezone: Europe/Paris }
shares:
  - { name: A, who: [anyone-signed-in], what: [everything], may: [everything], only: { days: [mon-sun], between: "00:00-24:00" } }
  - { name: B, who: [carol@example.test], what: [guitar-0042], may: [play] }
block:
  - { who: [mallory@example.test] }
pause:
  - { name: Away, what: ["tag:studio"], from: 2026-12-01 }
`

const input = rowInput({ who: 'bob@example.test', answer: 'allow', reasons: [] })
const local = { weekday: 'mon', minute: 660, date: [2026, 11, 23] }

async function load(wasm: Uint8Array): Promise<ModulePart> {
  const [part] = (await loadPolicyModule(wasm)).parts()
  if (part === undefined) throw new Error('a module without parts')
  return part
}

async function build(text: string): Promise<ModulePart> {
  const artifact = await buildArtifact({ text, file: 'p.yaml', now: 0, compiler })
  if (!artifact.ok) throw new Error(JSON.stringify(artifact.error))
  return load(artifact.value.wasm)
}

test('F08: a right question is answered, with local times and without', async () => {
  const module = await build(TEXT)
  expect(module.zones).toEqual(['Europe/Paris'])
  expect(module.answers(input)).toBe(true)
  expect(module.answers({ ...input, local: { 'Europe/Paris': local } })).toBe(true)
  expect(module.answers({ ...input, local: {} })).toBe(true)
})

test.each([
  { title: 'a number for an address', wrong: { ...input, party: { ...input.party, email: 7 } } },
  { title: 'no address, not even null', wrong: { ...input, party: { ...input.party, email: undefined } } },
  { title: 'a list for an address', wrong: { ...input, party: { ...input.party, email: ['mallory@example.test'] } } },
  { title: 'a text for "verified"', wrong: { ...input, party: { ...input.party, email_verified: 'true' } } },
  { title: 'no party', wrong: { ...input, party: undefined } },
  { title: 'a text for tags', wrong: { ...input, resource: { ...input.resource, tags: 'studio' } } },
  { title: 'a number among tags', wrong: { ...input, resource: { ...input.resource, tags: ['studio', 7] } } },
  { title: 'a number for the time', wrong: { ...input, now: 1 } },
  { title: 'a time that is none', wrong: { ...input, now: 'xxxxxxxxxxxxxxxxxxxxxxxZ' } },
  { title: 'a time before all others', wrong: { ...input, now: '1999-12-31T23:59:59.999Z' } },
  { title: 'a time after all others', wrong: { ...input, now: '2200-01-01T00:00:00.000Z' } },
  { title: 'a local time that is a number', wrong: { ...input, local: { 'Europe/Paris': 7 } } },
  { title: 'a local time without its day', wrong: { ...input, local: { 'Europe/Paris': { weekday: 'mon', minute: 660 } } } },
  { title: 'a day of texts', wrong: { ...input, local: { 'Europe/Paris': { ...local, date: ['2026', '11', '23'] } } } },
  { title: 'a day of two numbers', wrong: { ...input, local: { 'Europe/Paris': { ...local, date: [2026, 11] } } } },
  { title: 'an unknown day of the week', wrong: { ...input, local: { 'Europe/Paris': { ...local, weekday: 'Monday' } } } },
  { title: 'a text for the minute', wrong: { ...input, local: { 'Europe/Paris': { ...local, minute: '660' } } } },
])('F08: $title has no decision', async ({ wrong }) => {
  expect((await build(TEXT)).answers(wrong)).toBe(false)
})

const DENY = '{"effect": "deny", "reasons": [{"code": "no_share_for_this"}], "obligations": []}'

test.each([
  { title: 'whatever it is asked', body: `decision := ${DENY}`, zones: [] },
  { title: 'a field of a wrong type', body: `decision := ${DENY} if input.party.sub`, zones: [] },
  {
    title: 'a local time of a wrong type',
    body: `decision := ${DENY} if { is_string(input.party.sub); input.local["Europe/Paris"] }`,
    zones: ['Europe/Paris'],
  },
])('G03: a module that answers $title is not used', async ({ body, zones }) => {
  const wasm = await compiler.compile(`package latchkey.sharing\n${body}\n`)
  if (!wasm.ok) throw new Error(JSON.stringify(wasm.error))
  const module = await loadPolicyModule(writeNeeds(wasm.value, { fields: ['party.sub'], zones }))
  expect(() => probeModule(module)).toThrow('it decides about an invalid input')
})
