// Asks a freshly compiled hand-written guardrail: of nobody, and of much at once. One that does not answer in time and in form is not used.
import { UNKNOWN_INPUT } from '../contract/unknown-input.ts'
import type { ModuleRunner } from '../runtime/worker/module-runner.ts'
import { LARGE_INPUT } from './large-input.ts'

/** Throws PolicyFault. What the answers say is the author's business: an allow means no more than "go on". */
export async function probeHandWritten(runner: ModuleRunner): Promise<void> {
  for (const input of [UNKNOWN_INPUT, LARGE_INPUT]) await runner.evaluate(input)
}
