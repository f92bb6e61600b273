// Plays the story of the dev world and prints it step by step. The exit code says whether each step had the expected outcome.
import { createClient, createMemoryTokenStore, systemPorts } from '../device/index.ts'
import { ALICE, APP_CLIENT_ID, BOB, GUITAR_CLIENT_ID } from '../examples/dev-world/household.ts'
import { createPerson } from '../examples/dev-world/person.ts'
import type { DevWorld } from '../examples/dev-world/start-dev-world.ts'
import type { Cast } from '../examples/dev-world/story/cast.ts'
import { STORY } from '../examples/dev-world/story/story.ts'
import { playStory, type StepOutcome } from '../examples/dev-world/story/story-step.ts'
import { CommandError, EXIT_CODES } from './command-error.ts'
import { createOperatorApi } from './operator-api.ts'

export interface DevPlay {
  readonly world: DevWorld
  /** What Alice writes first. */
  readonly rules: string
  readonly isJson: boolean
  /** Resolves when somebody wants it to end. */
  readonly stopped: Promise<void>
}

export async function playDemo({ world, rules, isJson, stopped }: DevPlay): Promise<void> {
  const ending = new AbortController()
  if (!isJson) process.stdout.write(`The story of a guitar, played over real HTTP in ${STORY.length} steps.\n\n`)
  try {
    const playing = playStory(STORY, castOf(world, rules, ending.signal), (outcome, number) => isJson || process.stdout.write(renderOutcome(outcome, number)))
    const outcomes = await Promise.race([playing, stopped.then(refuseUnfinished)])
    const ok = outcomes.length === STORY.length && outcomes.every((outcome) => outcome.ok)
    process.stdout.write(isJson ? `${JSON.stringify({ ok, steps: outcomes })}\n` : renderEnd(ok, outcomes))
    process.exitCode = ok ? EXIT_CODES.done : EXIT_CODES.refused
  } finally {
    ending.abort(new Error('the story is over'))
    await world.stop()
  }
}

function refuseUnfinished(): never {
  throw new CommandError({ exitCode: EXIT_CODES.refused, message: 'the story was ended by a signal' })
}

function castOf(world: DevWorld, rules: string, ending: AbortSignal): Cast {
  const { authzServer: issuer, sidecar, upstream } = world.addresses
  const clientOf = (clientId: string, owner: 'guitar' | 'app') =>
    createClient({ issuer, clientId, key: world.keys.keyOf(owner), store: createMemoryTokenStore(), resourceServers: [sidecar] }, systemPorts())
  return {
    addresses: { authzServer: issuer, sidecar, upstream },
    operator: createOperatorApi({ issuer, clientId: world.operator.clientId, key: world.keys.keyOf('operator') }),
    alice: createPerson(issuer, ALICE),
    bob: createPerson(issuer, BOB),
    guitar: clientOf(GUITAR_CLIENT_ID, 'guitar'),
    guitarKey: world.keys.keyOf('guitar'),
    bobsApp: clientOf(APP_CLIENT_ID, 'app'),
    rules,
    ending,
    remembered: {},
  }
}

function renderOutcome(outcome: StepOutcome, number: number): string {
  const lines = outcome.seen.map((line) => `      ${line}`)
  const verdict = outcome.ok ? `   ✔ as expected (${outcome.milliseconds} ms)` : `   ✘ NOT as expected (${outcome.milliseconds} ms)`
  return `${[`${String(number).padStart(2)}. ${outcome.name}`, `    expected: ${outcome.told}`, ...lines, verdict].join('\n')}\n\n`
}

function renderEnd(ok: boolean, outcomes: readonly StepOutcome[]): string {
  if (ok) return `All ${outcomes.length} steps had the expected outcome.\n`
  const last = outcomes.at(-1)
  return `Step ${outcomes.length} of ${STORY.length} did not have the expected outcome: ${last?.name}\n  ${last?.seen.join('\n  ')}\n`
}
