// Names a pairing in a page's address, for the session that typed its code alone: a link with it does nothing in another browser.
import { createHmac } from 'node:crypto'
import { isEqualConstantTime } from '../../protocol/encoding.ts'

export interface TypedPairing {
  readonly pairingId: string
  /** As typed, made plain: shown again to compare. */
  readonly userCode: string
}

/** Made with the session's form token, which no other session has and no page address shows. */
export function buildPairingHandle({ pairingId, userCode }: TypedPairing, csrfToken: string): string {
  return `${pairingId}.${userCode}.${sign({ pairingId, userCode }, csrfToken)}`
}

export function parsePairingHandle(handle: string | undefined | null, csrfToken: string): TypedPairing | undefined {
  const [, pairingId, userCode, mac] = /^([A-Za-z0-9_-]{1,64})\.([A-Z-]{1,20})\.([A-Za-z0-9_-]{43})$/.exec(handle ?? '') ?? []
  if (pairingId === undefined || userCode === undefined || mac === undefined) return undefined
  const typed = { pairingId, userCode }
  return isEqualConstantTime(mac, sign(typed, csrfToken)) ? typed : undefined
}

function sign({ pairingId, userCode }: TypedPairing, csrfToken: string): string {
  return createHmac('sha256', csrfToken).update(`latchkey pairing|${pairingId}|${userCode}`).digest('base64url')
}
