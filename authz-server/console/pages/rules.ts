// The owner's rules as text, with what is wrong beside it, and what they say in plain words. A save that came too late shows both texts.
import { formToken } from '../form-token-field.ts'
import { type Html, html, verbatim } from '../html.ts'
import type { Page } from '../layout.ts'
import { count } from '../words.ts'

export interface LineError {
  readonly message: string
  /** Absent for what is wrong with the text as a whole. `excerpt` is that line of the text. */
  readonly place?: { readonly line: number; readonly column: number; readonly excerpt: string }
}

export interface RulesFacts {
  readonly session: { readonly csrfToken: string }
  readonly text: string
  /** The revision that the text was made from; 0 before the first save. */
  readonly revision: number
  readonly sentences: readonly string[]
  /** Sentences that are not shown because there are too many. */
  readonly more: number
  readonly errors: readonly LineError[]
  /** About what is saved: valid, but probably not what was meant. */
  readonly warnings?: readonly LineError[]
  /** About what is not saved yet: the owner is asked first. */
  readonly doubts?: readonly LineError[]
  readonly saved?: boolean
  /** Keys and abilities of the owner's things, to write rules about. */
  readonly things: readonly { readonly key: string; readonly name: string; readonly scopes: readonly string[] }[]
}

const TEXT_ROWS = 22

export function rulesPage(facts: RulesFacts): Page {
  const hasErrors = facts.errors.length > 0
  const doubts = facts.doubts ?? []
  const isSaved = !hasErrors && doubts.length === 0
  return {
    title: 'My rules',
    section: 'rules',
    width: 'wide',
    body: html`${facts.saved && html`<div class="notice good" role="status"><p>Saved. Enforced from revision ${facts.revision}, by every sidecar within a moment.</p></div>`}
${hasErrors && html`<div class="notice bad" role="alert"><p>Not saved: ${count(facts.errors.length, 'problem')} to fix. Your saved rules stay in force.</p></div>`}
${doubts.length > 0 && html`<div class="notice bad" role="alert"><p>Not saved yet. Some of these rules would have no effect. Correct them and save, or save them anyway. Your saved rules stay in force until then.</p></div>`}
<div class="split${!isSaved && ' errors-beside'}">
${hasErrors && renderErrors(facts.errors)}
${doubts.length > 0 && renderDoubts(doubts)}
<form class="card" method="post" action="/rules">
${renderTextForm(facts, 'Rules (YAML)')}
<div class="actions"><button>Save</button>${doubts.length > 0 && html`<button class="second" name="acknowledge_warnings" value="yes">Save anyway</button>`}</div>
</form>
</div>
${renderWarnings(facts.warnings ?? [])}
${isSaved && renderSentences(facts)}
${renderThings(facts.things)}
${renderExample()}`,
  }
}

export interface ConflictFacts {
  readonly session: { readonly csrfToken: string }
  readonly yours: string
  readonly saved: string
  readonly savedRevision: number
}

/** The owner saved elsewhere, or answered a request, after this text was opened. */
export function rulesConflictPage(facts: ConflictFacts): Page {
  return {
    title: 'Your rules changed in the meantime',
    section: 'rules',
    width: 'wide',
    body: html`<div class="notice bad" role="alert"><p>Not saved: the rules were changed elsewhere since you opened them, perhaps by an answer to a request. Both versions are shown below; nothing is lost. Combine what you want to keep, and save.</p></div>
<div class="split texts">
<form class="card" method="post" action="/rules">
${renderTextForm({ session: facts.session, text: facts.yours, revision: facts.savedRevision, errors: [] }, 'Your version, not saved')}
<div class="actions"><button>Save this instead</button><a class="button second" href="/rules">Discard my version</a></div>
</form>
<div class="card">
<label for="saved-text">In force now, revision ${facts.savedRevision}</label>
<p class="hint">For reading and copying.</p>
<textarea id="saved-text" rows="${TEXT_ROWS}" readonly spellcheck="false">
${verbatim(facts.saved)}</textarea>
</div>
</div>`,
  }
}

function renderTextForm(facts: Pick<RulesFacts, 'session' | 'text' | 'revision' | 'errors'>, label: string): Html {
  return html`${formToken(facts.session)}
<input type="hidden" name="revision" value="${facts.revision}">
<label for="text">${label}</label>
<p class="hint" id="text-hint">${facts.revision === 0 ? 'Nothing is saved yet: only you may use your things.' : `Based on revision ${facts.revision}.`}</p>
<textarea id="text" name="text" rows="${TEXT_ROWS}" spellcheck="false" autocapitalize="off" aria-describedby="${facts.errors.length > 0 ? 'text-hint errors-title' : 'text-hint'}"${facts.errors.length > 0 && html` aria-invalid="true"`}>
${verbatim(facts.text)}</textarea>`
}

function renderErrors(errors: readonly LineError[]): Html {
  return html`<section class="card" aria-labelledby="errors-title"><h2 id="errors-title">What to fix</h2><ul class="errors">${renderLines(errors.slice(0, ERRORS_SHOWN))}</ul>${renderMore(errors.length - ERRORS_SHOWN)}</section>`
}

function renderDoubts(doubts: readonly LineError[]): Html {
  return html`<section class="card" aria-labelledby="doubts-title"><h2 id="doubts-title">Rules that would have no effect</h2><ul class="errors">${renderLines(doubts.slice(0, WARNINGS_SHOWN))}</ul>${renderMore(doubts.length - WARNINGS_SHOWN)}</section>`
}

function renderMore(more: number): Html | undefined {
  return more > 0 ? html`<p>And ${count(more, 'more problem')}.</p>` : undefined
}

/** Many of one kind come together; the first ones lead to the rest. */
const WARNINGS_SHOWN = 20
const ERRORS_SHOWN = 100

function renderWarnings(warnings: readonly LineError[]): Html | undefined {
  if (warnings.length === 0) return undefined
  return html`<section class="card" aria-labelledby="warnings-title"><h2 id="warnings-title">Saved, with warnings</h2><ul class="errors">${renderLines(warnings.slice(0, WARNINGS_SHOWN))}</ul>${renderMore(warnings.length - WARNINGS_SHOWN)}</section>`
}

function renderLines(lines: readonly LineError[]): readonly Html[] {
  return lines.map(
    ({ message, place }) => html`<li>${place && html`<strong>Line ${place.line}, column ${place.column}</strong><br>`}${message}
${place && place.excerpt.trim() !== '' && html`<pre tabindex="0">${place.excerpt.trim()}</pre>`}</li>`,
  )
}

function renderSentences({ sentences, more }: Pick<RulesFacts, 'sentences' | 'more'>): Html {
  return html`<section class="card"><h2>What the saved rules say</h2>
${sentences.length === 0 ? html`<p>Only you and your devices may use your things.</p>` : html`<ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`}
${more > 0 && html`<p>And ${count(more, 'more rule')}, too many to show here.</p>`}
</section>`
}

function renderThings(things: RulesFacts['things']): Html {
  const items = things.map((thing) => html`<li><code>${thing.key}</code> (${thing.name}): ${thing.scopes.join(', ')}</li>`)
  return html`<section class="card"><h2>Your things and their abilities</h2>
${things.length === 0 ? html`<p>None yet. They are added when you connect devices.</p>` : html`<ul>${items}</ul>`}
</section>`
}

function renderExample(): Html {
  return html`<details class="card"><summary>An example to start from</summary><pre tabindex="0">${verbatim(EXAMPLE_RULES)}</pre></details>`
}

/** Also what the documentation shows; a test saves it. */
export const EXAMPLE_RULES = `version: 1
timezone: Europe/Paris
people:
  band: [bob@example.test, carol@example.test]
shares:
  - name: The band can play
    who: [band]
    what: [guitar-0042]            # a thing, type:..., tag:... or everything
    may: [play, read]
    only: { days: [mon-fri], between: "08:00-22:00" }
    until: 2030-12-31
    hide: [$.location]
  - name: Anybody may ask
    who: [anyone-signed-in]
    what: [guitar-0042]
    may: [read]
    ask: true                      # you decide, request by request
block:
  - who: [mallory@example.test]
`
