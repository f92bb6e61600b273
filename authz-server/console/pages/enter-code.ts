// Where a person types the code that a device shows. A link that carries the code only fills in the field: typing or comparing stays the person's.
import { formToken } from '../form-token-field.ts'
import { type Html, html } from '../html.ts'
import type { Page } from '../layout.ts'
import { count, listInWords, waitInWords } from '../words.ts'

export interface EnterCodeFacts {
  readonly session: { readonly csrfToken: string }
  /** From the link or the attempt before; any text. */
  readonly code: string
  readonly cameByLink: boolean
  readonly problem?: EnterCodeProblem
}

export type EnterCodeProblem =
  | { readonly reason: 'code_wrong'; readonly triesLeft: number }
  | { readonly reason: 'code_expired' }
  | { readonly reason: 'code_length' }
  | { readonly reason: 'code_impossible'; readonly characters: readonly { readonly character: string; readonly meant: string | undefined }[] }
  | { readonly reason: 'too_many_tries'; readonly waitSeconds: number }

export function enterCodePage(facts: EnterCodeFacts): Page {
  const wrong = facts.problem !== undefined && facts.problem.reason !== 'too_many_tries'
  return {
    title: 'Connect a device',
    section: 'device',
    width: 'narrow',
    body: html`${facts.problem && renderProblem(facts.problem)}
${facts.cameByLink && html`<div class="notice note"><p>Compare first: the device must show exactly this code. If the link came in a message and no device is in front of you, stop here.</p></div>`}
<form class="card" method="post" action="/device">
${formToken(facts.session)}
<label for="user_code">Code on the device</label>
<p class="hint" id="code-hint">Eight letters, no digits and no vowels. Upper and lower case and dashes do not matter.</p>
<input class="code" id="user_code" type="text" name="user_code" value="${facts.code}" autocomplete="one-time-code" autocapitalize="characters" autocorrect="off" spellcheck="false" maxlength="40" required aria-describedby="code-hint"${wrong && html` aria-invalid="true"`}>
<div class="actions"><button>Continue</button></div>
</form>
<p class="quiet">Nothing is connected yet. The next page shows what is asking, and you decide.</p>`,
  }
}

function renderProblem(problem: NonNullable<EnterCodeFacts['problem']>): Html {
  return html`<div class="notice bad" role="alert"><p>${describeProblem(problem)}</p></div>`
}

function describeProblem(problem: EnterCodeProblem): string {
  switch (problem.reason) {
    case 'code_wrong':
      return `No device is waiting with that code. Check it and try again; ${count(problem.triesLeft, 'try').replace('trys', 'tries')} left.`
    case 'code_expired':
      return 'That code has expired: a code lasts ten minutes. Have the device show a new one and enter that. This did not use up a try.'
    case 'code_length':
      return 'A code has eight letters. Check that you entered all of them, and nothing else. This did not use up a try.'
    case 'code_impossible':
      return `No code contains ${listInWords(problem.characters.map(describeCharacter))}. Codes have no digits and no vowels. Check the code and try again. This did not use up a try.`
    case 'too_many_tries':
      return `Too many tries. Wait ${waitInWords(problem.waitSeconds)}, then try again.`
  }
}

/** A letter of another script looks like a Latin one: only its name tells them apart. */
function describeCharacter({ character, meant }: { readonly character: string; readonly meant: string | undefined }): string {
  const script = /\p{Script=Cyrillic}/u.test(character) ? ' (Cyrillic)' : /\p{Script=Greek}/u.test(character) ? ' (Greek)' : ''
  return `"${character}"${script}${meant === undefined ? '' : `, which may be ${meant}`}`
}
