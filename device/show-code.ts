// What a device shows its owner: the code, the address, a QR code for both, and the key's fingerprint in words (RFC 8628 section 3.3.1).
import { renderSVG, renderUnicodeCompact } from 'uqr'
import { buildFingerprintWords } from '../protocol/fingerprint-words.ts'

export interface PairingCode {
  readonly userCode: string
  readonly verificationUri: string
  /** The address with the code in it, for the QR code. The code is still shown: a person has to compare it. */
  readonly verificationUriComplete: string
  readonly expiresInSeconds: number
  /** The same words stand on the confirm page. */
  readonly fingerprintWords: readonly string[]
}

export function fingerprintWordsOf(thumbprint: string): readonly string[] {
  return buildFingerprintWords(thumbprint)
}

/** Lines for a small display. */
export function renderPairingText(code: PairingCode): string {
  return [
    `Open   ${code.verificationUri}`,
    `Enter  ${code.userCode}`,
    `Key    ${code.fingerprintWords.join(' ')}`,
    `The page must show the same four words. The code works for ${Math.floor(code.expiresInSeconds / 60)} minutes.`,
  ].join('\n')
}

/** For a terminal: half blocks, a white border around. */
export function renderPairingQrText(code: PairingCode): string {
  return renderUnicodeCompact(code.verificationUriComplete, { ecc: 'M', border: 2 })
}

export function renderPairingQrSvg(code: PairingCode): string {
  return renderSVG(code.verificationUriComplete, { ecc: 'M', border: 4 })
}
