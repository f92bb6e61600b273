// What owners' rules say about people who would like access, before there is a request to decide about (decision 0013).
import type { DecisionInput } from '../../policies/contract/decision-input.ts'
import { UNKNOWN_INPUT } from '../../policies/contract/unknown-input.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { Person } from '../store/people-repository.ts'
import type { Resource } from '../store/resources-repository.ts'
import { isAuthenticatedClient } from '../tokens/is-authenticated-client.ts'
import { RulesUnavailable } from './rules-outcome.ts'
import type { AssessJob, Assessment, Question } from './thread/job-types.ts'

export type { Assessment } from './thread/job-types.ts'

/** Access that somebody would like to have. */
export interface Wish {
  readonly requester: Person
  readonly clientId: string
  readonly resource: Resource
  readonly scope: string
}

/** In the order of the wishes. The rules of each owner are asked once, with all questions about them. */
export async function assessAll(context: Context, wishes: readonly Wish[], now: EpochSeconds): Promise<readonly Assessment[]> {
  const assessments = wishes.map(({ resource, requester }): Assessment => ({ kind: resource.owner === requester.id ? 'granted' : 'denied' }))
  const open = [...wishes.keys()].filter((index) => assessments[index]?.kind !== 'granted')
  for (const owner of new Set(open.map((index) => wishes[index]?.resource.owner ?? ''))) {
    const policy = await context.store.read.policies.findHead(owner)
    if (policy === undefined) continue
    const asked = open.flatMap((index) => {
      const wish = wishes[index]
      return wish?.resource.owner === owner ? [{ index, question: buildQuestion(context, wish, now) }] : []
    })
    const answers = await ask(context, { policy, questions: asked.map(({ question }) => question) })
    for (const [at, { index }] of asked.entries()) assessments[index] = answers[at] ?? { kind: 'denied' }
  }
  return assessments
}

async function ask(context: Context, job: Omit<AssessJob, 'kind'>): Promise<readonly Assessment[]> {
  const outcome = await context.policyEngine.run({ kind: 'assess', ...job })
  // The owner's rules were within the limits when they were saved.
  if (!outcome.ok) throw new RulesUnavailable({ status: 503, reason: `the rules of ${job.policy.owner} could not be evaluated: ${outcome.error}` })
  return outcome.value
}

export function buildQuestion(context: Context, { requester, clientId, resource, scope }: Wish, now: EpochSeconds): Question {
  const { id, key, type, tags, owner, deviceId } = resource
  const input: DecisionInput = {
    ...UNKNOWN_INPUT,
    now: new Date(now * 1000).toISOString(),
    resource: { ...UNKNOWN_INPUT.resource, id, key, type, tags, owner, device_id: deviceId },
    scope,
    party: {
      ...UNKNOWN_INPUT.party,
      sub: requester.id,
      issuer: context.config.issuer,
      client_id: clientId,
      email: requester.email,
      email_verified: requester.emailVerified,
    },
  }
  return { input, mayAsk: requester.emailVerified, isClientAuthenticated: isAuthenticatedClient(context.config, clientId) }
}
