// Asks a hand-written guardrail what it must be able to answer: of nobody, and of much at once. One that does not answer in time and in form is not used.
import { UNKNOWN_INPUT } from '../contract/unknown-input.ts'
import type { ModuleRunner } from '../runtime/worker/module-runner.ts'
import { FIRST_DECISION_MILLISECONDS } from '../runtime/worker/runner-limits.ts'
import { LARGE_INPUT } from './large-input.ts'

const ATTEMPTS = 3

/** For a module that was just built. Throws PolicyFault. What the answers say is the author's business: an allow means no more than "go on". */
export async function probeHandWritten(runner: ModuleRunner): Promise<void> {
  await probeFirst(runner)
  await askInTime(runner, ATTEMPTS)
}

/** That it answers at all, for a module that was probed when it was built. */
export async function probeFirst(runner: ModuleRunner): Promise<void> {
  await runner.evaluate(UNKNOWN_INPUT, { patient: true, milliseconds: FIRST_DECISION_MILLISECONDS })
}

/** On a machine that is busy with other things one late answer says little of the module. */
async function askInTime(runner: ModuleRunner, attempts: number): Promise<void> {
  try {
    await runner.evaluate(LARGE_INPUT, { patient: true })
  } catch (fault) {
    if (attempts <= 1) throw fault
    await askInTime(runner, attempts - 1)
  }
}
