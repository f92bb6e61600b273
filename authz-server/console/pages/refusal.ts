// Pages that say no: what is the matter and what to do, in plain words. Never says more than the person may know.
import type { Context } from '../../context.ts'
import type { Answer, Exchange } from '../../http/exchange.ts'
import { answerPage } from '../answer-page.ts'
import { html } from '../html.ts'

export type PageRefusal = 'foreign_form' | 'signed_out' | 'not_found' | 'already_answered' | 'pairing_over'

const TEXTS: { readonly [refusal in PageRefusal]: { readonly status: number; readonly title: string; readonly text: string } } = {
  foreign_form: {
    status: 403,
    title: 'That form did not come from here',
    text: 'Nothing was changed. The form was old, or it was sent from another site. Open the page again and try once more.',
  },
  signed_out: {
    status: 403,
    title: 'You are signed out',
    text: 'Nothing was changed. Sign in again and repeat what you did.',
  },
  not_found: {
    status: 404,
    title: 'There is nothing here',
    text: 'The address is wrong, or what it showed is gone.',
  },
  pairing_over: {
    status: 410,
    title: 'This code is over',
    text: 'It was answered, has run out, or was typed in another browser. Nothing was connected. Let the device show a new code and type that.',
  },
  already_answered: {
    status: 409,
    title: 'Somebody was faster',
    text: 'This was answered or has ended meanwhile. Nothing was changed.',
  },
}

export function answerRefusal(exchange: Exchange, context: Context, refusal: PageRefusal): Promise<Answer> {
  const { status, title, text } = TEXTS[refusal]
  const link = refusal === 'signed_out' ? html`<a class="button" href="/signin">Sign in</a>` : html`<a class="button second" href="/">To the start page</a>`
  return answerPage(exchange, context, { status, title, width: 'narrow', body: html`<p>${text}</p><p class="actions">${link}</p>` })
}
