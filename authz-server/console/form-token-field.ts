// The hidden field that ties a form to the session it was made for (CSRF). Every form that changes something has it.
import { FORM_TOKEN_FIELD } from '../people/form-token.ts'
import { type Html, html } from './html.ts'

export function formToken(session: { readonly csrfToken: string }): Html {
  return html`<input type="hidden" name="${FORM_TOKEN_FIELD}" value="${session.csrfToken}">`
}
