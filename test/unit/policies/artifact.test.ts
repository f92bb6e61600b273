// The whole way of one policy: text, rule set, Rego, WASM, decision.
import { afterAll, expect, test } from 'vitest'
import { loadPolicyModule } from '../../../policies/runtime/policy-module.ts'
import { buildArtifact } from '../../../policies/wasm/artifact.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'

const compiler = createCompiler()
afterAll(() => compiler.close())

const now = Date.parse('2026-11-23T10:00:00Z')

test('an empty text is a policy that denies', async () => {
  const built = await buildArtifact({ text: '', file: 'p.yaml', now, compiler })
  expect(built.ok ? [] : built.error).toEqual([])
})
test('design example', async () => {
  const text = `version: 1
people:
  band: [bob@example.test, carol@example.test]
shares:
  - name: The band can play
    who: [band]
    what: [guitar-0042]
    may: [play, read]
    only: { days: [mon-fri], between: "08:00-22:00", timezone: Europe/Paris, from: [192.0.2.0/24] }
    until: 2026-12-31
    hide: [$.location, $.owner.email]
  - name: The repair shop may ask
    who: [anyone-signed-in]
    what: [guitar-0042, "type:guitar", "tag:x"]
    may: [diagnose]
    ask: true
block:
  - who: [mallory@example.test]
expect:
  - { who: bob@example.test, may: play, what: guitar-0042, from: 192.0.2.9, at: "2026-11-23T10:00:00+01:00", answer: allow }
  - { who: bob@example.test, may: play, what: guitar-0042, from: 192.0.2.9, at: "2026-11-22T10:00:00+01:00", answer: deny }
  - { who: mallory@example.test, may: diagnose, what: guitar-0042, answer: deny }
  - { who: m@example.test, may: diagnose, what: guitar-0042, answer: ask }
`
  const built = await buildArtifact({ text, file: 'p.yaml', now, compiler })
  if (!built.ok) throw new Error(JSON.stringify(built.error))
  const module = await loadPolicyModule(built.value.wasm)
  const input = {
    now: '2026-11-21T10:00:00.000Z',
    request: { method: 'GET', route: 'GET /x/{id}', ip: '::ffff:192.0.2.1' },
    resource: { id: 'r1', key: 'guitar-0042', type: 't', tags: ['studio'], owner: 'o', device_id: null },
    scope: 'play',
    party: { sub: 's', issuer: 'i', client_id: 'c', email: 'Bob@example.test', email_verified: true, device_id: null },
  }
})
