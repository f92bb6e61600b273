// What can go wrong with a client that is in use, as one class with a closed list of codes. Messages never hold tokens, codes or proofs.

export const CLIENT_ERROR_CODES = [
  'not_paired',
  'revoked',
  'unreachable',
  'issuer_unusable',
  'origin_not_configured',
  'answer_unusable',
  'key_file_unusable',
  'token_file_unusable',
] as const
export type ClientErrorCode = (typeof CLIENT_ERROR_CODES)[number]

export class ClientError extends Error {
  readonly code: ClientErrorCode
  constructor(code: ClientErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'ClientError'
    this.code = code
  }
}
