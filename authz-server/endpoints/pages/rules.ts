// GET and POST /rules: the owner's text, saved only if it compiles and nobody saved meanwhile. Nothing that was typed is lost.
import type { Diagnostic } from '../../../policies/diagnostic.ts'
import { answerPage, answerRedirect } from '../../console/answer-page.ts'
import { type LineError, rulesConflictPage, rulesPage } from '../../console/pages/rules.ts'
import type { Context } from '../../context.ts'
import { type Answer, type Exchange, requireFact } from '../../http/exchange.ts'
import { describeRules } from '../../sharing/describe-rules.ts'
import { EMPTY_RULES } from '../../sharing/empty-rules.ts'
import { findRuleWarnings } from '../../sharing/find-rule-warnings.ts'
import { RULES_FILE } from '../../sharing/policy-engine.ts'
import { savePolicy } from '../../sharing/save-policy.ts'
import type { Policy } from '../../store/policies-repository.ts'

export async function showRules(exchange: Exchange, context: Context): Promise<Answer> {
  const session = requireFact(exchange.signedIn, 'requireSession')
  const policy = await context.store.read.policies.find(session.personId)
  const { text, revision } = policy ?? { text: EMPTY_RULES, revision: 0 }
  const saved = revision > 0 && exchange.query.get('saved') === String(revision)
  const things = await context.store.read.resources.listOfOwner(session.personId)
  const rules = context.policyEngine.read(text)
  const sentences = rules.ok ? describeRules(rules.value) : []
  const warnings = saved && rules.ok ? findRuleWarnings(rules.value, { text, things }, exchange.now) : []
  return answerPage(exchange, context, rulesPage({ session, text, revision, sentences, errors: [], warnings: readErrors(warnings, text), saved, things }))
}

export async function submitRules(exchange: Exchange, context: Context): Promise<Answer> {
  const session = requireFact(exchange.signedIn, 'requireSession')
  const form = requireFact(exchange.form, 'parsePageForm')
  // Browsers send line breaks of a text area as CRLF (HTML, form submission); owners' texts have LF.
  const text = (form.get('text') ?? '').replaceAll('\r\n', '\n')
  const fromRevision = /^\d{1,9}$/.test(form.get('revision') ?? '') ? Number(form.get('revision')) : -1
  const saved = await savePolicy(context, { owner: session.personId, text, fromRevision }, exchange.now)
  if (saved.ok) return answerRedirect(`/rules?saved=${saved.value}`)
  switch (saved.error.reason) {
    case 'revision_stale': {
      const { current } = saved.error
      // Sent twice: this very text is saved already.
      if (current !== undefined && isSavedText(context, current, text)) return answerRedirect(`/rules?saved=${current.revision}`)
      const facts = { session, yours: text, saved: current?.text ?? EMPTY_RULES, savedRevision: current?.revision ?? 0 }
      return answerPage(exchange, context, { ...rulesConflictPage(facts), status: 409 })
    }
    case 'text_wrong': {
      const things = await context.store.read.resources.listOfOwner(session.personId)
      const errors = readErrors(saved.error.diagnostics, text)
      return answerPage(exchange, context, { ...rulesPage({ session, text, revision: fromRevision, sentences: [], errors, things }), status: 422 })
    }
    case 'also_refused':
      throw new Error('a plain save has nothing that could be refused')
  }
}

/** The saved text has relative ends as instants of its save. */
function isSavedText(context: Context, current: Policy, text: string): boolean {
  const resolved = context.policyEngine.resolve(text, current.savedAt)
  return current.text === text || (resolved.ok && resolved.value === current.text)
}

/** A place in something else than the owner's text (the compiled form) would mislead; only the sentence is told then. */
function readErrors(diagnostics: readonly Diagnostic[], text: string): readonly LineError[] {
  const lines = text.split('\n')
  return diagnostics.map(({ file, line, column, message }) =>
    file === RULES_FILE ? { message, place: { line, column, excerpt: lines[line - 1] ?? '' } } : { message },
  )
}
