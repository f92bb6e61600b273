// GET /: the owner's start page.
import { answerPage } from '../../console/answer-page.ts'
import { homePage } from '../../console/pages/home.ts'
import type { Context } from '../../context.ts'
import { type Answer, type Exchange, requireFact } from '../../http/exchange.ts'
import { readInWords } from '../../sharing/rules-in-words.ts'

export async function home(exchange: Exchange, context: Context): Promise<Answer> {
  const { personId } = requireFact(exchange.signedIn, 'requireSession')
  const { read } = context.store
  const waiting = await read.accessRequests.countPending(personId, exchange.now)
  const policy = await read.policies.findHead(personId)
  const things = await read.resources.listOfOwner(personId)
  const rules = policy && (await readInWords(context, { policy, things }, exchange.now))
  return answerPage(exchange, context, homePage({ things: things.length, waiting, shares: rules?.shares ?? 0 }))
}
