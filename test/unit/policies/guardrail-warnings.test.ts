// Warnings about guardrails: an app that has to be the one, and may be any.
import { expect, test } from 'vitest'
import { findGuardrailWarnings } from '../../../policies/guardrails/find-guardrail-warnings.ts'
import { parseGuardrails } from '../../../policies/guardrails/parse-guardrails.ts'

test.each([
  { title: 'a required app', guardrail: 'require: { client: band-app }', codes: ['3 public_client'] },
  { title: 'several required apps', guardrail: 'require: { client: [band-app, tuner-app] }', codes: ['3 public_client'] },
  { title: 'another requirement', guardrail: 'require: { proof: dpop }', codes: [] },
  { title: 'an app that is denied', guardrail: 'who: ["client:band-app"]', codes: [] },
])('TR43: $title in a guardrail', ({ guardrail, codes }) => {
  const set = parseGuardrails({ text: `version: 1\nguardrails:\n  - { name: A, what: [everything], may: [play], ${guardrail} }\n`, file: 'g.yaml' })
  if (!set.ok) throw new Error(JSON.stringify(set.error))
  const warnings = findGuardrailWarnings(set.value, 'g.yaml')
  expect(warnings.map(({ line, code }) => `${line} ${code}`)).toEqual(codes)
  expect(warnings.every(({ message, severity }) => severity === 'warning' && message.includes('band-app'))).toBe(true)
})
