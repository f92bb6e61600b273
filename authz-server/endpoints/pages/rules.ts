// GET and POST /rules: the owner's text, saved only if it compiles and nobody saved meanwhile. Nothing that was typed is lost.
import { readMonotonic } from '../../../protocol/time.ts'
import { answerPage, answerRedirect } from '../../console/answer-page.ts'
import { type LineError, type RulesFacts, rulesConflictPage, rulesPage } from '../../console/pages/rules.ts'
import type { Context } from '../../context.ts'
import { type Answer, type Exchange, requireFact } from '../../http/exchange.ts'
import { EMPTY_RULES } from '../../sharing/empty-rules.ts'
import { RULES_FILE } from '../../sharing/rules-file.ts'
import { NO_RULES_IN_WORDS, readInWords } from '../../sharing/rules-in-words.ts'
import { type SaveRefusal, savePolicy } from '../../sharing/save-policy.ts'
import type { PlacedDiagnostic } from '../../sharing/thread/job-types.ts'
import { SAVE_COST } from '../../sharing/tool-costs.ts'
import { inTurn } from '../../sharing/tool-limits.ts'

export async function showRules(exchange: Exchange, context: Context): Promise<Answer> {
  const session = requireFact(exchange.signedIn, 'requireSession')
  const policy = await context.store.read.policies.find(session.personId)
  const { text, revision } = policy ?? { text: EMPTY_RULES, revision: 0 }
  const saved = revision > 0 && exchange.query.get('saved') === String(revision)
  const things = await context.store.read.resources.listOfOwner(session.personId)
  const words = policy === undefined ? NO_RULES_IN_WORDS : await readInWords(context, { policy, things }, exchange.now)
  const { sentences, more, warnings } = words
  const facts = { session, text, revision, sentences, more, errors: [], warnings: warnings.map(readDiagnostic), saved, things }
  return answerPage(exchange, context, rulesPage(facts))
}

export async function submitRules(exchange: Exchange, context: Context): Promise<Answer> {
  const session = requireFact(exchange.signedIn, 'requireSession')
  const form = requireFact(exchange.form, 'parsePageForm')
  // Browsers send line breaks of a text area as CRLF (HTML, form submission); owners' texts have LF.
  const text = (form.get('text') ?? '').replaceAll('\r\n', '\n')
  const fromRevision = /^\d{1,9}$/.test(form.get('revision') ?? '') ? Number(form.get('revision')) : -1
  const save = { owner: session.personId, text, fromRevision, asksFirst: form.get('acknowledge_warnings') !== 'yes' }
  const asked = { owner: session.personId, cost: SAVE_COST }
  const saved = await inTurn(context.toolLimits, asked, { now: readMonotonic(context.ports.monotonic), run: () => savePolicy(context, save, exchange.now) })
  if (saved.ok) return answerRedirect(`/rules?saved=${saved.value}`)
  if (saved.error.reason === 'revision_stale') {
    const { current } = saved.error
    // Sent twice: this very document is saved already.
    if (current?.text === text) return answerRedirect(`/rules?saved=${current.revision}`)
    const facts = { session, yours: text, saved: current?.text ?? EMPTY_RULES, savedRevision: current?.revision ?? 0 }
    return answerPage(exchange, context, { ...rulesConflictPage(facts), status: 409 })
  }
  const things = await context.store.read.resources.listOfOwner(session.personId)
  const facts = { session, text, revision: fromRevision, sentences: [], more: 0, things, ...describeRefusal(saved.error) }
  return answerPage(exchange, context, { ...rulesPage(facts), status: 422 })
}

function describeRefusal(refusal: Exclude<SaveRefusal, { readonly reason: 'revision_stale' }>): Pick<RulesFacts, 'errors' | 'doubts'> {
  switch (refusal.reason) {
    case 'text_wrong':
      return { errors: refusal.diagnostics.map(readDiagnostic) }
    case 'text_too_much':
      return { errors: [{ message: refusal.message }] }
    case 'warnings':
      return { errors: [], doubts: refusal.warnings.map(readDiagnostic) }
  }
}

/** A place in something else than the owner's text would mislead; only the sentence is shown then. */
function readDiagnostic({ file, line, column, message, excerpt }: PlacedDiagnostic): LineError {
  return file === RULES_FILE ? { message, place: { line, column, excerpt } } : { message }
}
