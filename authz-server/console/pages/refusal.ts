// Pages that say no: what is the matter and what to do, in plain words. Never says more than the person may know.
import type { Context } from '../../context.ts'
import type { Answer, Exchange } from '../../http/exchange.ts'
import { answerPage } from '../answer-page.ts'
import { html } from '../html.ts'

export type PageRefusal = 'foreign_form' | 'signed_out' | 'signed_out_before' | 'not_found' | 'request_unknown' | 'pairing_unknown' | 'pairing_expired'

const TEXTS: { readonly [refusal in PageRefusal]: { readonly status: number; readonly title: string; readonly text: string } } = {
  foreign_form: {
    status: 403,
    title: 'That form did not come from this site',
    text: 'Nothing was changed. The form was out of date, or it was sent from another site. Open the page again and try once more.',
  },
  signed_out: {
    status: 403,
    title: 'You are signed out',
    text: 'Nothing was changed. Sign in again and repeat what you did.',
  },
  signed_out_before: {
    status: 403,
    title: 'You are signed out',
    text: 'This browser was signed out before. There is nothing more to do.',
  },
  not_found: {
    status: 404,
    title: 'There is nothing here',
    text: 'The address is wrong, or the page no longer exists. Nothing was changed.',
  },
  pairing_expired: {
    status: 410,
    title: 'This code has expired',
    text: 'A code lasts ten minutes. Nobody answered this one, so nothing was connected. Have the device show a new code and enter that.',
  },
  pairing_unknown: {
    status: 410,
    title: 'This code cannot be used here',
    text: 'It was entered in another browser, or it ended a while ago. Nothing was changed. "My devices" lists what is connected.',
  },
  request_unknown: {
    status: 404,
    title: 'This request does not exist',
    text: 'It is not one of your requests, or it was removed. Nothing was changed.',
  },
}

export function answerRefusal(exchange: Exchange, context: Context, refusal: PageRefusal): Promise<Answer> {
  const { status, title, text } = TEXTS[refusal]
  const link = refusal === 'signed_out' ? html`<a class="button" href="/signin">Sign in</a>` : html`<a class="button second" href="/">Go to the start page</a>`
  return answerPage(exchange, context, { status, title, width: 'narrow', body: html`<p>${text}</p><p class="actions">${link}</p>` })
}
