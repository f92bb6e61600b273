// GET /device/confirm shows what asks; POST answers it. Only a session that typed the code gets here, and only the form decides (attack row V07).
import { buildFingerprintWords } from '../../../protocol/fingerprint-words.ts'
import { answerPage } from '../../console/answer-page.ts'
import { confirmDevicePage } from '../../console/pages/confirm-device.ts'
import { connectedPage, stoppedPage, takenPage } from '../../console/pages/connected.ts'
import { answerRefusal } from '../../console/pages/refusal.ts'
import { parsePairingHandle } from '../../console/pairing-handle.ts'
import { agoInWords } from '../../console/words.ts'
import type { Context } from '../../context.ts'
import { type Answer, type Exchange, requireFact } from '../../http/exchange.ts'
import { decidePairing } from '../../pairing/decide-pairing.ts'
import { isWaiting } from '../../pairing/pairing.ts'
import { buildPendingPairing, type PendingPairing } from '../../pairing/pending-pairing.ts'
import { compareNetworks } from '../../people/compare-networks.ts'

export async function showConfirmDevice(exchange: Exchange, context: Context): Promise<Answer> {
  const session = requireFact(exchange.signedIn, 'requireSession')
  const handle = exchange.query.get('pairing') ?? ''
  const typed = parsePairingHandle(handle, session.csrfToken)
  const pending = typed && (await findPending(context, typed.pairingId, exchange.now))
  if (typed === undefined || pending === undefined) return answerRefusal(exchange, context, 'pairing_over')
  const page = confirmDevicePage({
    session,
    pairing: handle,
    userCode: typed.userCode,
    asking: pending.asking,
    scopes: pending.scopes,
    fingerprintWords: pending.jkt === null ? undefined : buildFingerprintWords(pending.jkt),
    network: compareNetworks(pending.address, exchange.address, context.trust),
    address: pending.address,
    askedAgo: agoInWords(pending.createdAt, exchange.now),
  })
  return answerPage(exchange, context, page)
}

export async function submitConfirmDevice(exchange: Exchange, context: Context): Promise<Answer> {
  const { personId, csrfToken } = requireFact(exchange.signedIn, 'requireSession')
  const form = requireFact(exchange.form, 'parsePageForm')
  const typed = parsePairingHandle(form.get('pairing'), csrfToken)
  if (typed === undefined) return answerRefusal(exchange, context, 'foreign_form')
  const answer = form.get('decision')
  const wasSent = answer === 'deny_sent'
  if (answer !== 'approve' && answer !== 'deny' && !wasSent) return answerRefusal(exchange, context, 'foreign_form')
  const { pairingId } = typed
  const decided = await decidePairing(context, { pairingId, personId, decision: answer === 'approve' ? 'approve' : 'deny' }, exchange.now)
  if (!decided.ok) {
    if (decided.error === 'pairing_over') return answerRefusal(exchange, context, 'pairing_over')
    return answerPage(exchange, context, { ...takenPage(), status: 409 })
  }
  if (answer === 'approve') return answerPage(exchange, context, connectedPage(describeConnected(decided.value)))
  if (wasSent) context.ports.log.warn('pairing_reported', { client_id: decided.value.clientId, address: decided.value.address })
  return answerPage(exchange, context, stoppedPage(wasSent))
}

async function findPending(context: Context, pairingId: string, now: Exchange['now']): Promise<PendingPairing | undefined> {
  const pairing = await context.store.read.pairings.find(pairingId)
  if (pairing === undefined || !isWaiting(pairing, now)) return undefined
  const device = pairing.deviceId === null ? undefined : await context.store.read.devices.find(pairing.deviceId)
  return buildPendingPairing(context, pairing, device)
}

function describeConnected({ asking, scopes }: PendingPairing) {
  return asking.kind === 'device' ? { isDevice: true, name: asking.model, scopes } : { isDevice: false, name: asking.name, scopes }
}
