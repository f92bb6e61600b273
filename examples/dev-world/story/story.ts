// The whole story, in order. Each row is a step with a name and a claim; reading the names tells it.
import type { Cast } from './cast.ts'
import { ENDING_STEPS } from './ending-steps.ts'
import { PAIRING_STEPS } from './pairing-steps.ts'
import { PROOF_STEPS } from './proof-steps.ts'
import { SHARING_STEPS } from './sharing-steps.ts'
import type { StoryStep } from './story-step.ts'

export const STORY: readonly StoryStep<Cast>[] = [...PAIRING_STEPS, ...PROOF_STEPS, ...SHARING_STEPS, ...ENDING_STEPS]
