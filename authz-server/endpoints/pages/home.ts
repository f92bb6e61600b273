// GET /: the owner's start page.
import { answerPage } from '../../console/answer-page.ts'
import { homePage } from '../../console/pages/home.ts'
import type { Context } from '../../context.ts'
import { type Answer, type Exchange, requireFact } from '../../http/exchange.ts'

export async function home(exchange: Exchange, context: Context): Promise<Answer> {
  const { personId } = requireFact(exchange.signedIn, 'requireSession')
  const { read } = context.store
  const waiting = await read.accessRequests.countPending(personId, exchange.now)
  const policy = await read.policies.find(personId)
  const rules = policy && context.policyEngine.read(policy.text)
  const things = await read.resources.listOfOwner(personId)
  return answerPage(exchange, context, homePage({ things: things.length, waiting, shares: rules?.ok ? rules.value.shares.length : 0 }))
}
