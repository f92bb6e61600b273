// A call of a program in the owner's own browser or with the owner's session. Refusals are JSON; nobody is led to a page.
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange } from '../http/exchange.ts'
import { findSession } from './require-session.ts'

export async function requireOwner(exchange: Exchange, context: Context): Promise<Answer | undefined> {
  await findSession(exchange, context)
  if (exchange.signedIn !== undefined) return undefined
  return answerJson(401, { error: 'signed_out', error_description: 'You are not signed in. Sign in and send the session cookie.' })
}
