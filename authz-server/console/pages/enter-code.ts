// Where a person types the code that a device shows. A link that carries the code only fills in the field: typing or comparing stays the person's.
import { formToken } from '../form-token-field.ts'
import { type Html, html } from '../html.ts'
import type { Page } from '../layout.ts'
import { count, waitInWords } from '../words.ts'

export interface EnterCodeFacts {
  readonly session: { readonly csrfToken: string }
  /** From the link or the attempt before; any text. */
  readonly code: string
  readonly cameByLink: boolean
  readonly problem?: { readonly kind: 'code_wrong'; readonly triesLeft: number } | { readonly kind: 'too_many_tries'; readonly waitSeconds: number }
}

export function enterCodePage(facts: EnterCodeFacts): Page {
  const wrong = facts.problem?.kind === 'code_wrong'
  return {
    title: 'Connect a device',
    section: 'device',
    width: 'narrow',
    body: html`${facts.problem && renderProblem(facts.problem)}
${facts.cameByLink && html`<div class="notice note"><p>Compare first: the device must show exactly this code. If the link came in a message and no device is in front of you, do not go on.</p></div>`}
<form class="card" method="post" action="/device">
${formToken(facts.session)}
<label for="user_code">Code on the device</label>
<p class="hint" id="code-hint">Eight letters. Capitals and dashes do not matter.</p>
<input class="code" id="user_code" type="text" name="user_code" value="${facts.code}" autocomplete="one-time-code" autocapitalize="characters" autocorrect="off" spellcheck="false" maxlength="40" required aria-describedby="code-hint"${wrong && html` aria-invalid="true"`}>
<div class="actions"><button>Go on</button></div>
</form>
<p class="quiet">Nothing is connected yet. On the next page you see what asks, and decide.</p>`,
  }
}

function renderProblem(problem: NonNullable<EnterCodeFacts['problem']>): Html {
  const text =
    problem.kind === 'code_wrong'
      ? `No device waits with that code. Look again; ${count(problem.triesLeft, 'try').replace('trys', 'tries')} left.`
      : `That was too often. Wait ${waitInWords(problem.waitSeconds)}, then try again.`
  return html`<div class="notice bad" role="alert"><p>${text}</p></div>`
}
