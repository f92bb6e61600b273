// Where a person chooses a new password after an operator reset the account. The token of the link is the only proof asked for.
import { PASSWORD_MAX_CHARACTERS, PASSWORD_MIN_CHARACTERS } from '../../people/passwords.ts'
import { html } from '../html.ts'
import type { Page } from '../layout.ts'

export interface ResetFacts {
  readonly token: string
  readonly email: string
  readonly problem?: 'password_too_short' | 'password_too_long'
}

export function resetPage({ token, email, problem }: ResetFacts): Page {
  return {
    title: 'Choose a new password',
    width: 'narrow',
    body: html`${problem && html`<div class="notice bad" role="alert"><p>${describeProblem(problem)}</p></div>`}
<form class="card" method="post" action="/reset">
<input type="hidden" name="token" value="${token}">
<label for="email">E-mail address</label>
<input id="email" type="email" value="${email}" autocomplete="username" readonly>
<label for="password">New password</label>
<p class="hint" id="password-hint">At least ${PASSWORD_MIN_CHARACTERS} characters.</p>
<input id="password" type="password" name="password" autocomplete="new-password" required minlength="${PASSWORD_MIN_CHARACTERS}" maxlength="${PASSWORD_MAX_CHARACTERS}" aria-describedby="password-hint"${problem && html` aria-invalid="true"`}>
<div class="actions"><button>Save password</button></div>
</form>
<p class="quiet">Then sign in with it. Sessions on other browsers have ended.</p>`,
  }
}

function describeProblem(problem: NonNullable<ResetFacts['problem']>): string {
  return problem === 'password_too_short'
    ? `The password needs at least ${PASSWORD_MIN_CHARACTERS} characters.`
    : `The password may have at most ${PASSWORD_MAX_CHARACTERS} characters.`
}

export function resetUnusablePage(): Page {
  return {
    title: 'This link no longer works',
    width: 'narrow',
    body: html`<p>It was used, it was replaced by a newer one, or it is older than a day. Nothing was changed. Ask the operator of this server for a new link.</p>
<p class="actions"><a class="button second" href="/signin">Sign in</a></p>`,
  }
}
