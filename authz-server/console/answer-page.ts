// Turns a page into an answer: looks up how many requests wait for who is signed in. Security headers are the step's.
import type { Context } from '../context.ts'
import type { Answer, Exchange } from '../http/exchange.ts'
import { type Page, renderPage } from './layout.ts'

export async function answerPage(exchange: Exchange, context: Context, page: Page & { readonly status?: number }): Promise<Answer> {
  const { signedIn } = exchange
  const viewer = signedIn && { signedIn, waiting: await context.store.read.accessRequests.countPending(signedIn.personId, exchange.now) }
  return { status: page.status ?? 200, body: { kind: 'html', html: renderPage(page, viewer) } }
}

/** To another page of ours by GET (RFC 9110 section 15.4.4). */
export function answerRedirect(path: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 303, headers: { location: path, ...headers }, body: { kind: 'none' } }
}
