// The page for what is nobody's answer: a text that is too large, a busy store, a fault of ours. Tells no detail, knows nobody.
import type { Answer } from '../../http/exchange.ts'
import { PAGE_HEADERS } from '../../steps/page-headers.ts'
import { html } from '../html.ts'
import { renderPage } from '../layout.ts'

const TEXTS: Readonly<Record<number, { readonly title: string; readonly text: string }>> = {
  413: { title: 'That is too long', text: 'The document is larger than the server accepts. Nothing was changed.' },
  429: { title: 'Please wait a moment', text: 'You have made many requests about your rules. Nothing was changed.' },
  503: { title: 'Please try again in a moment', text: 'The server is busy. Nothing was changed.' },
}
const OTHERWISE = { title: 'Something went wrong', text: 'This is not your fault. The operator of this server can find the reason in its log.' }

/** The same status and headers, as a page. */
export function renderPageFault(answer: Answer): Answer {
  const { title, text } = TEXTS[answer.status] ?? OTHERWISE
  const wait = answer.headers?.['retry-after']
  const body = html`<p>${text}${wait !== undefined && ` Try again in ${wait} seconds.`}</p><p class="actions"><a class="button second" href="/">Go to the start page</a></p>`
  return { ...answer, headers: { ...PAGE_HEADERS, ...answer.headers }, body: { kind: 'html', html: renderPage({ title, width: 'narrow', body }, undefined) } }
}
