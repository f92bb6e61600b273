// The sign-in page: one form, no hint whether an account exists.
import { FORM_TOKEN_FIELD } from '../../people/form-token.ts'
import { html } from '../html.ts'
import type { Page } from '../layout.ts'
import { waitInWords } from '../words.ts'

export type SignInProblem =
  | { readonly kind: 'credentials_wrong' }
  | { readonly kind: 'account_disabled' }
  | { readonly kind: 'too_many_attempts'; readonly waitSeconds: number }
  | { readonly kind: 'form_too_old'; readonly signedInAs: string | undefined }

export interface SignInFacts {
  readonly formToken: string
  /** Already parsed: a path of ours. */
  readonly next: string
  readonly email?: string
  readonly problem?: SignInProblem
}

export function signInPage(facts: SignInFacts): Page {
  return {
    title: 'Sign in',
    width: 'narrow',
    body: html`${facts.problem && html`<div class="notice bad" role="alert"><p>${describeProblem(facts.problem)}</p></div>`}
<form class="card" method="post" action="/signin">
<input type="hidden" name="${FORM_TOKEN_FIELD}" value="${facts.formToken}">
<input type="hidden" name="next" value="${facts.next}">
<label for="email">E-mail address</label>
<input id="email" type="email" name="email" value="${facts.email ?? ''}" autocomplete="username" required maxlength="254">
<label for="password">Password</label>
<input id="password" type="password" name="password" autocomplete="current-password" required maxlength="200">
<div class="actions"><button>Sign in</button></div>
</form>
<p class="quiet">Here you connect your devices, decide who may use them, and answer people who ask.</p>`,
  }
}

function describeProblem(problem: SignInProblem): string {
  switch (problem.kind) {
    case 'credentials_wrong':
      return 'The e-mail address or the password is wrong.'
    case 'too_many_attempts':
      return `Too many attempts. Wait ${waitInWords(problem.waitSeconds)}, then try again.`
    case 'account_disabled':
      return 'This account is disabled. Ask the operator of this server to enable it.'
    case 'form_too_old': {
      const state = problem.signedInAs === undefined ? '' : ` You are signed in as ${problem.signedInAs}.`
      return `This page was open for too long, or your browser refused its cookie. Nothing was changed.${state} Please try again.`
    }
  }
}
