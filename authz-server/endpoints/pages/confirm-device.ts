// GET /device/confirm shows what asks, or what was answered; POST answers it, POST /device/undo takes a yes back. Only a session that typed the code gets here, and only a form decides (attack row V07).
import { buildFingerprintWords } from '../../../protocol/fingerprint-words.ts'
import { answerPage, answerRedirect } from '../../console/answer-page.ts'
import { confirmDevicePage } from '../../console/pages/confirm-device.ts'
import { answeredByAnotherPage, type ConnectedFacts, connectedPage, stoppedPage, takenPage, undonePage } from '../../console/pages/connected.ts'
import { answerRefusal } from '../../console/pages/refusal.ts'
import { parsePairingHandle } from '../../console/pairing-handle.ts'
import { agoInWords } from '../../console/words.ts'
import type { Context } from '../../context.ts'
import { type Answer, type Exchange, requireFact } from '../../http/exchange.ts'
import { decidePairing } from '../../pairing/decide-pairing.ts'
import { findPairingState, type PairingState } from '../../pairing/pairing-state.ts'
import type { PendingPairing } from '../../pairing/pending-pairing.ts'
import { undoPairing } from '../../pairing/undo-pairing.ts'
import { compareNetworks } from '../../people/compare-networks.ts'

export async function showConfirmDevice(exchange: Exchange, context: Context): Promise<Answer> {
  const session = requireFact(exchange.signedIn, 'requireSession')
  const handle = exchange.query.get('pairing') ?? ''
  const typed = parsePairingHandle(handle, session.csrfToken)
  if (typed === undefined) return answerRefusal(exchange, context, 'pairing_unknown')
  const state = await findPairingState(context, { ...typed, personId: session.personId }, exchange.now)
  if (state.kind !== 'waiting') return answerState(exchange, context, { state, handle, asked: 'nothing' })
  const { asking } = state
  const page = confirmDevicePage({
    session,
    pairing: handle,
    userCode: typed.userCode,
    asking: asking.asking,
    scopes: asking.scopes,
    fingerprintWords: asking.jkt === null ? undefined : buildFingerprintWords(asking.jkt),
    network: compareNetworks(asking.address, exchange.address, context.trust),
    address: asking.address,
    askedAgo: agoInWords(asking.createdAt, exchange.now),
  })
  return answerPage(exchange, context, page)
}

export async function submitConfirmDevice(exchange: Exchange, context: Context): Promise<Answer> {
  const { personId, csrfToken } = requireFact(exchange.signedIn, 'requireSession')
  const form = requireFact(exchange.form, 'parsePageForm')
  const handle = form.get('pairing') ?? ''
  const typed = parsePairingHandle(handle, csrfToken)
  if (typed === undefined) return answerRefusal(exchange, context, 'foreign_form')
  const answer = form.get('decision')
  const wasSent = answer === 'deny_sent'
  if (answer !== 'approve' && answer !== 'deny' && !wasSent) return answerRefusal(exchange, context, 'foreign_form')
  const { pairingId } = typed
  const decision = answer === 'approve' ? 'approve' : 'deny'
  const decided = await decidePairing(context, { pairingId, personId, decision }, exchange.now)
  if (decided.ok) {
    if (wasSent) context.ports.log.warn('pairing_reported', { client_id: decided.value.clientId, address: decided.value.address })
    if (decision === 'deny') return answerPage(exchange, context, stoppedPage({ wasSent }))
    const undo = { session: { csrfToken }, pairing: handle }
    return answerPage(exchange, context, connectedPage({ ...describeAsking(decided.value), undo }))
  }
  if (decided.error !== 'pairing_over') return answerPage(exchange, context, { ...takenPage(), status: 409 })
  const state = await findPairingState(context, { pairingId, personId }, exchange.now)
  return answerState(exchange, context, { state, handle, asked: decision })
}

/** Pressed twice it answers the same: what was undone is not connected. */
export async function submitUndo(exchange: Exchange, context: Context): Promise<Answer> {
  const { personId, csrfToken } = requireFact(exchange.signedIn, 'requireSession')
  const handle = requireFact(exchange.form, 'parsePageForm').get('pairing') ?? ''
  const typed = parsePairingHandle(handle, csrfToken)
  if (typed === undefined) return answerRefusal(exchange, context, 'foreign_form')
  const { pairingId } = typed
  await undoPairing(context, { pairingId, personId }, exchange.now)
  const state = await findPairingState(context, { pairingId, personId }, exchange.now)
  if (state.kind === 'refused' || state.kind === 'ended') return answerPage(exchange, context, undonePage(describeAsking(state.asking).name))
  return answerState(exchange, context, { state, handle, asked: 'undo' })
}

interface Answered {
  readonly state: PairingState
  readonly handle: string
  readonly asked: 'approve' | 'deny' | 'undo' | 'nothing'
}

/** What is so, whatever was asked for. 409 where that is not what the person wanted. */
async function answerState(exchange: Exchange, context: Context, { state, handle, asked }: Answered): Promise<Answer> {
  const session = requireFact(exchange.signedIn, 'requireSession')
  switch (state.kind) {
    case 'connected': {
      const before = asked === 'deny' ? 'other_answer' : 'same_answer'
      const undo = state.canUndo ? { session, pairing: handle } : undefined
      return answerPage(exchange, context, {
        ...connectedPage({ ...describeAsking(state.asking), before, undo }),
        status: before === 'other_answer' ? 409 : 200,
      })
    }
    case 'refused': {
      const before = asked === 'approve' ? 'other_answer' : 'same_answer'
      return answerPage(exchange, context, { ...stoppedPage({ wasSent: false, before }), status: before === 'other_answer' ? 409 : 200 })
    }
    case 'ended':
      return answerPage(exchange, context, undonePage(describeAsking(state.asking).name))
    case 'answered_by_another':
      return answerPage(exchange, context, { ...answeredByAnotherPage(), status: 409 })
    case 'expired':
      return answerRefusal(exchange, context, 'pairing_expired')
    case 'waiting':
      return answerRedirect(`/device/confirm?pairing=${handle}`)
    case 'unknown':
      return answerRefusal(exchange, context, 'pairing_unknown')
  }
}

function describeAsking({ asking, scopes }: PendingPairing): Pick<ConnectedFacts, 'isDevice' | 'name' | 'scopes'> {
  return asking.kind === 'device' ? { isDevice: true, name: asking.model, scopes } : { isDevice: false, name: asking.name, scopes }
}
