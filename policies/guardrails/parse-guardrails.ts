// Operator's text to guardrails, or to everything that is wrong with it. It compiles nothing.
import { type Complaint, type Diagnostic, diagnose } from '../diagnostic.ts'
import { err, type Result } from '../result.ts'
import { createDocumentCheck } from '../schema/check-schema.ts'
import { readYaml } from '../yaml/read-yaml.ts'
import type { GuardrailSet } from './guardrail-set.ts'
import { GUARDRAILS_SCHEMA } from './guardrails-schema.ts'
import { readGuardrails } from './read-guardrails.ts'

export interface GuardrailsText {
  readonly text: string
  /** For the diagnostics only; no file is read. */
  readonly file: string
}

const NOT_HERE = 'This is a file of guardrails, which only deny; shares, block and pause belong in the sharing policy of an owner.'

const { readDocument } = createDocumentCheck(GUARDRAILS_SCHEMA, { shares: NOT_HERE, block: NOT_HERE, pause: NOT_HERE })

/** A text without anything in it is refused: a file of guardrails that guards nothing is more likely lost than meant. */
export function parseGuardrails({ text, file }: GuardrailsText): Result<GuardrailSet, Diagnostic[]> {
  const guardrails = read(text)
  return guardrails.ok ? guardrails : err(diagnose(text, file, guardrails.error))
}

function read(text: string): Result<GuardrailSet, Complaint[]> {
  const yaml = readYaml(text)
  if (!yaml.ok) return yaml
  if (yaml.value.value === undefined) return err([{ offset: 0, code: 'missing_key', message: 'The file is empty; write "version: 1" and "guardrails".' }])
  const { inexact } = yaml.value
  const set = readDocument(yaml.value, (readable) => readGuardrails(readable, text))
  if (inexact.length === 0) return set
  return err(set.ok ? [...inexact] : [...inexact, ...set.error])
}
