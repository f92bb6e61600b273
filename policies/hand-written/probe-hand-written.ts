// Asks a freshly compiled hand-written guardrail: of nobody, and of much at once. One that does not answer in time and in form is not used.
import type { DecisionInput } from '../contract/decision-input.ts'
import { UNKNOWN_INPUT } from '../contract/unknown-input.ts'
import type { ModuleRunner } from '../runtime/worker/module-runner.ts'
import { LARGE_INPUT } from './large-input.ts'

/** Throws PolicyFault. What the answers say is the author's business: an allow means no more than "go on". */
export async function probeHandWritten(runner: ModuleRunner): Promise<void> {
  for (const input of [UNKNOWN_INPUT, LARGE_INPUT]) await askTwice(runner, input)
}

/** The first question of a thread runs code that is not compiled yet, perhaps on a machine that is busy starting; a second late answer is the module's own. */
function askTwice(runner: ModuleRunner, input: DecisionInput): Promise<unknown> {
  return runner.evaluate(input, { patient: true }).catch(() => runner.evaluate(input, { patient: true }))
}
