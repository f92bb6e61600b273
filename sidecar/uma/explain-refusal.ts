// Why the authz server refuses this sidecar, with the values of both sides where they can be known, and what to change. Never repeats a credential.
import { type JsonObject, parseJsonObject } from '../../protocol/encoding.ts'
import { printable } from '../../protocol/oauth/printable.ts'
import type { Clock } from '../../protocol/time.ts'
import { readBounded } from '../feed/read-bounded.ts'
import { AUTHZ_CALL_MILLISECONDS, AUTHZ_JSON_MAX_BYTES } from '../limits.ts'

export interface OwnIdentity {
  readonly issuer: string
  readonly clientId: string
  readonly publicOrigin: string
  /** Thumbprint of the key of `authz_server.key_file`. */
  readonly thumbprint: string
  readonly clock: Clock
  /** Asks the authz server what it calls itself. */
  readonly fetch: typeof fetch
}

export interface Refusal {
  readonly status: number
  /** The field `Date`. */
  readonly date: string | null
  readonly body: JsonObject | undefined
}

export type RefusalExplainer = (refusal: Refusal) => Promise<string>

/** Clocks that differ by less do not explain a refusal. */
const CLOCK_DIFFERENCE_SECONDS = 60

/** `400 invalid_client: ...`, in words for the operator. Never rejects. */
export function createRefusalExplainer(own: OwnIdentity): RefusalExplainer {
  return async ({ status, date, body }) => {
    const error = textOf(body?.['error'])
    const description = textOf(body?.['error_description'])
    const reason = explainClock(own, date) ?? (await explainIssuer(own)) ?? explainError(own, error, status)
    return [`status ${status}`, error, description, reason].filter((part) => part !== '').join(': ')
  }
}

function explainClock({ clock }: OwnIdentity, date: string | null): string | undefined {
  const theirs = Math.floor(Date.parse(date ?? '') / 1000)
  const ours = clock()
  if (!Number.isFinite(theirs) || Math.abs(theirs - ours) < CLOCK_DIFFERENCE_SECONDS) return undefined
  return `the clock of this machine says ${toIso(ours)}, the one of the authz server ${toIso(theirs)}. Set the wrong one, e.g. by NTP`
}

async function explainIssuer({ issuer, fetch }: OwnIdentity): Promise<string | undefined> {
  const name = await askForIssuer(issuer, fetch).catch(() => undefined)
  if (name === undefined || name === '' || name === issuer) return undefined
  return `authz_server.issuer is "${issuer}", but the authz server there calls itself "${name}". Write that, or change the issuer of the authz server`
}

async function askForIssuer(issuer: string, fetchIt: typeof fetch): Promise<string> {
  const signal = AbortSignal.timeout(AUTHZ_CALL_MILLISECONDS)
  const response = await fetchIt(`${issuer}/.well-known/oauth-authorization-server`, { redirect: 'error', signal })
  const body = parseJsonObject(await readBounded(response, AUTHZ_JSON_MAX_BYTES))
  // It answers 421 with its name where it is called by another one.
  return textOf(response.status === 421 ? /this server is (\S{1,300})$/.exec(textOf(body?.['error_description']))?.[1] : body?.['issuer'])
}

function explainError({ issuer, clientId, publicOrigin, thumbprint }: OwnIdentity, error: string, status: number): string {
  switch (error) {
    case 'invalid_client':
      return `it does not know authz_server.client_id "${clientId}" with the key of authz_server.key_file (thumbprint ${thumbprint}). Its clients must list this client_id with authentication private_key_jwt and this public key, which \`latchkey key show\` prints`
    case 'invalid_scope':
    case 'unauthorized_client':
      return `the client "${clientId}" needs the scopes uma_protection and feed in the authz server's configuration`
    case 'invalid_target':
      return `public_origin is "${publicOrigin}": exactly one entry of resource_servers of the authz server must have client_id "${clientId}", and its id must be this origin`
    case '':
      if (status === 421) return `the authz server there does not serve the name "${issuer}". Write authz_server.issuer exactly as it is in its configuration`
      return status === 404 || status < 400 ? `"${issuer}" does not answer like an authz server. Check authz_server.issuer` : ''
    default:
      return ''
  }
}

/** Text of another machine, for one line of the log. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? printable(value) : ''
}

function toIso(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).concat('Z')
}
