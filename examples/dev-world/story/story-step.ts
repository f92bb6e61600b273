// What one step of the story is: a name, what is told beforehand, and a play that says what was really seen. A step that sees something else fails.

export interface StoryStep<Cast> {
  readonly name: string
  /** The outcome that the step claims, in plain words. */
  readonly told: string
  /** Resolves with the lines to show; throws when anything came out otherwise. */
  readonly play: (cast: Cast) => Promise<readonly string[]>
}

export interface StepOutcome {
  readonly name: string
  readonly told: string
  readonly ok: boolean
  readonly seen: readonly string[]
  readonly milliseconds: number
}

/** Throws with what was seen instead. */
export function expectThat(isSo: boolean, claim: string, seen: unknown): asserts isSo {
  if (!isSo) throw new Error(`${claim}; instead: ${typeof seen === 'string' ? seen : JSON.stringify(seen)}`)
}

/** Plays the steps in order and stops at the first that fails. */
export async function playStory<Cast>(
  steps: readonly StoryStep<Cast>[],
  cast: Cast,
  show: (outcome: StepOutcome, number: number) => void,
): Promise<readonly StepOutcome[]> {
  const outcomes: StepOutcome[] = []
  for (const step of steps) {
    const outcome = await playStep(step, cast)
    outcomes.push(outcome)
    show(outcome, outcomes.length)
    if (!outcome.ok) break
  }
  return outcomes
}

async function playStep<Cast>(step: StoryStep<Cast>, cast: Cast): Promise<StepOutcome> {
  const started = performance.now()
  const { name, told } = step
  try {
    const seen = await step.play(cast)
    return { name, told, ok: true, seen, milliseconds: Math.round(performance.now() - started) }
  } catch (error) {
    const seen = [error instanceof Error ? error.message : String(error)]
    return { name, told, ok: false, seen, milliseconds: Math.round(performance.now() - started) }
  }
}
