// Why the authz server cannot be reached, from what the network says: the address, the code, and what to look at.
import type { EpochSeconds } from '../../protocol/time.ts'

const REMEDIES: { readonly [code: string]: string } = {
  ECONNREFUSED: 'nothing listens there. Check authz_server.issuer, and that the authz server runs',
  ENOTFOUND: 'this name has no address. Check authz_server.issuer, and the name server of this machine',
  EAI_AGAIN: 'this name could not be looked up. Check the name server of this machine',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed. Name its authority in NODE_EXTRA_CA_CERTS',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is of a private authority. Name that in NODE_EXTRA_CA_CERTS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate chain is incomplete, or of a private authority. Name that in NODE_EXTRA_CA_CERTS',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate chain is incomplete, or of a private authority. Name that in NODE_EXTRA_CA_CERTS',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate has another name. Check authz_server.issuer, or renew the certificate',
  CERT_HAS_EXPIRED: 'its certificate has expired by the clock of this machine',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet by the clock of this machine',
}
const OF_THE_CLOCK = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']

/** Undefined for a fault that is not the network's. */
export function explainUnreachable(issuer: string, cause: unknown, now: EpochSeconds | number): string | undefined {
  const code = codeOf(cause)
  if (code === undefined) return undefined
  const remedy = Object.hasOwn(REMEDIES, code) ? `: ${REMEDIES[code]}` : ''
  const clock = OF_THE_CLOCK.includes(code) ? `, which says ${new Date(now * 1000).toISOString()}. Renew it, or set the clock` : ''
  return `the authz server at ${issuer} cannot be reached (${code})${remedy}${clock}`
}

/** `fetch` fails with a TypeError whose cause, or whose cause's errors, have the code. */
function codeOf(fault: unknown): string | undefined {
  if (!(fault instanceof Error)) return undefined
  const own = (fault as NodeJS.ErrnoException).code
  if (typeof own === 'string' && /^[A-Z_0-9]{2,60}$/.test(own)) return own
  const [first] = fault instanceof AggregateError ? (fault.errors as readonly unknown[]) : []
  return codeOf(fault.cause ?? first)
}
