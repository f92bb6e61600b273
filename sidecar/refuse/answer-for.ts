// The one place where a refusal becomes an answer: status, error, challenge and a safe text. Neighbours share a text, so that a caller learns nothing extra.
import type { ReasonCode } from '../../policies/contract/reasons.ts'
import { requesterSentence } from '../../policies/contract/requester-sentence.ts'
import type { Refusal } from './refusal.ts'

/** The `error` of a DPoP challenge (RFC 9449 section 7.1, RFC 6750 section 3.1); `none` asks for a token without naming a fault. */
export type DpopChallenge = 'none' | 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce' | 'insufficient_scope'

export interface RefusalAnswer {
  readonly status: number
  readonly error: string
  /** What the caller is told as `reason`; a stable code of docs/errors.md. */
  readonly reason: string
  readonly text: string
  readonly challenge?: DpopChallenge
  readonly retryAfterSeconds?: number
  /** The connection cannot be trusted to be in step any more. */
  readonly close?: true
}

const ASK_FOR_ACCESS = 'Request access from the authorization server with the ticket in this response.'

export function answerFor(refusal: Refusal): RefusalAnswer {
  const { reason } = refusal
  switch (reason) {
    case 'target_too_long':
      return { status: 414, error: 'invalid_request', reason, text: 'The request target is too long.', close: true }
    case 'too_many_headers':
    case 'head_too_large':
      return { status: 431, error: 'invalid_request', reason, text: 'The request has too many or too long header fields.', close: true }
    case 'http_version':
      return { status: 505, error: 'invalid_request', reason, text: 'Only HTTP/1.1 is supported.', close: true }
    case 'content_too_large':
      return { status: 413, error: 'invalid_request', reason, text: 'The Content-Length is too large.', close: true }
    case 'condition_refused':
      return {
        status: 412,
        error: 'precondition_failed',
        reason,
        text: "Conditions and ranges cannot be evaluated, because the owner's rules change what you see. Send the request without them.",
      }
    case 'transfer_encoding':
      return { status: 501, error: 'invalid_request', reason, text: 'The only supported transfer encoding is "chunked".', close: true }
    case 'target_malformed':
    case 'header_name':
    case 'header_repeated':
    case 'host_malformed':
    case 'body_length':
    case 'connection_names':
    case 'purpose_malformed':
    case 'malformed_request':
      return { status: 400, error: 'invalid_request', reason, text: 'The request is malformed.', close: true }
    case 'upgrade_refused':
      return { status: 400, error: 'invalid_request', reason, text: 'This upgrade is not supported.', close: true }
    case 'method_unknown':
    case 'connect_refused':
      return { status: 405, error: 'invalid_request', reason, text: 'This method is not supported.', close: true }
    case 'wrong_host':
      return { status: 421, error: 'invalid_request', reason, text: 'The Host header does not name this server.', close: true }
    case 'request_timeout':
      return { status: 408, error: 'invalid_request', reason, text: 'The request took too long to arrive.', close: true }
    case 'expectation_unknown':
      return { status: 417, error: 'invalid_request', reason, text: 'The only supported expectation is "100-continue".', close: true }
    case 'upgrade_not_supported':
      return { status: 501, error: 'upgrade_not_supported', reason, text: 'Upgrades such as WebSocket are not supported yet.', close: true }
    case 'two_credentials':
    case 'two_proofs':
    case 'proof_repeated':
      return { status: 400, error: 'invalid_request', reason, text: 'Send exactly one access token and one proof.' }
    case 'encoded_slash':
      return { status: 400, error: 'invalid_request', reason, text: 'An encoded slash (%2F) is not accepted in this path.' }
    case 'query_ambiguous':
      return {
        status: 400,
        error: 'invalid_request',
        reason,
        text: 'The query has more than one possible meaning. Send each parameter once, with its exact name, separated by "&".',
      }
    case 'query_not_allowed':
      return { status: 400, error: 'invalid_request', reason, text: 'A query parameter is missing, or one is not allowed here.' }
    case 'unknown_route':
      return { status: 404, error: 'not_found', reason: 'not_found', text: 'Nothing was found at this URL.' }
    case 'method_not_allowed':
      return { status: 405, error: 'method_not_allowed', reason, text: 'This URL does not support this method.' }
    case 'no_token':
    case 'preflight_refused':
      return { status: 401, error: 'invalid_token', reason, text: 'Send an access token and a proof of possession of its key.', challenge: 'none' }
    case 'bearer_not_accepted':
    case 'scheme_unknown':
      return {
        status: 401,
        error: 'invalid_token',
        reason,
        text: 'Send the token as "Authorization: DPoP", with a proof of possession of its key.',
        challenge: 'invalid_token',
      }
    case 'token_expired':
    case 'token_revoked':
      return { status: 401, error: 'invalid_token', reason, text: 'The access token is no longer valid.', challenge: 'invalid_token' }
    case 'device_unknown':
    case 'device_revoked':
    case 'device_changed_owner':
      return { status: 401, error: 'invalid_token', reason: 'device_revoked', text: 'The device may no longer act for its owner.', challenge: 'invalid_token' }
    case 'token_malformed':
    case 'jws_too_long':
    case 'jws_malformed':
    case 'jws_algorithm':
    case 'jws_critical_header':
    case 'token_type':
    case 'token_key_unknown':
    case 'token_signature':
    case 'token_issuer':
    case 'token_audience':
    case 'token_from_the_future':
    case 'claims_malformed':
    case 'confirmation_unusable':
      return { status: 401, error: 'invalid_token', reason: 'token_not_valid', text: 'The access token is not valid for this API.', challenge: 'invalid_token' }
    case 'proof_key_mismatch':
      return {
        status: 401,
        error: 'invalid_token',
        reason,
        text: 'The proof was made with a different key than the one the token is bound to.',
        challenge: 'invalid_token',
      }
    case 'proof_nonce_missing':
    case 'proof_nonce_stale':
    case 'proof_nonce_unknown':
      return { status: 401, error: 'use_dpop_nonce', reason, text: 'Send a new proof with the nonce from this response.', challenge: 'use_dpop_nonce' }
    case 'proof_missing':
    case 'proof_malformed':
    case 'proof_type':
    case 'proof_key_unusable':
    case 'proof_signature':
    case 'proof_method_mismatch':
    case 'proof_uri_mismatch':
    case 'proof_token_mismatch':
    case 'proof_replayed':
      return { status: 401, error: 'invalid_dpop_proof', reason, text: 'The proof does not match this request.', challenge: 'invalid_dpop_proof' }
    case 'insufficient_scope':
      return { status: 403, error: 'insufficient_scope', reason, text: 'The token does not grant this ability.', challenge: 'insufficient_scope' }
    case 'permission_needed':
    case 'approval_needed':
      return { status: 401, error: 'permission_needed', reason, text: ASK_FOR_ACCESS }
    // Looks like a thing that is someone else's: what exists is not for everyone to know.
    case 'unknown_resource':
      return { status: 401, error: 'permission_needed', reason: 'permission_needed', text: ASK_FOR_ACCESS }
    // That a guardrail can be made to fail is nothing a caller should learn.
    case 'guardrail_denied':
    case 'guardrail_fault':
      return { status: 403, error: 'policy_denied', reason: 'guardrail_denied', text: 'The operator of this service does not allow this now.' }
    case 'policy_denied':
      return { status: 403, error: 'policy_denied', reason: safeReason(refusal), text: requesterSentence(safeReason(refusal)) }
    case 'rules_changed':
      return { status: 403, error: 'policy_denied', reason, text: "The owner's rules changed while this request was being processed." }
    case 'policy_fault':
    case 'obligation_unknown':
    case 'cannot_hide':
    case 'obligation_impossible':
    case 'place_not_found':
      return { status: 403, error: 'policy_denied', reason, text: "The owner's rules could not be applied, so the request is denied." }
    case 'answer_too_recent':
      return { status: 403, error: 'policy_denied', reason, text: 'The owner shares this data only when it is older.' }
    case 'limit_used_up':
      return { status: 403, error: 'policy_denied', reason, text: 'You have used this as often as the owner allows.' }
    case 'limit_reached':
      return {
        status: 429,
        error: 'too_many_requests',
        reason,
        text: 'You have used this as often as the owner allows for now. Try again later.',
        ...(refusal.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: refusal.retryAfterSeconds }),
      }
    case 'limits_unavailable':
    case 'policy_unavailable':
    case 'not_ready':
    case 'replay_store_full':
    case 'too_many_requests_in_flight':
      return { status: 503, error: 'temporarily_unavailable', reason, text: 'No decision is possible at the moment. Try again soon.', retryAfterSeconds: 5 }
    case 'upstream_unreachable':
    case 'upstream_malformed':
      return { status: 502, error: 'bad_gateway', reason, text: 'The API behind this server did not respond correctly.' }
    case 'upstream_timeout':
      return { status: 504, error: 'gateway_timeout', reason, text: 'The API behind this server did not respond in time.' }
    case 'server_stopping':
      return { status: 503, error: 'temporarily_unavailable', reason, text: 'This server is shutting down. Try again soon.', retryAfterSeconds: 5 }
    case 'internal_fault':
      return { status: 500, error: 'server_error', reason, text: 'An internal error occurred.', close: true }
  }
}

/** Near misses are told, since they help an honest caller; that somebody is blocked, or which rule spoke, is the owner's business. */
const SAFE_REASONS: ReadonlySet<ReasonCode> = new Set([
  'paused',
  'not_these_days',
  'not_these_dates',
  'not_these_hours',
  'not_yet',
  'expired',
  'not_from_this_network',
  'not_at_this_place',
  'not_for_this_purpose',
  'not_with_this_app',
  'proof_too_weak',
  'sign_in_too_weak',
  'not_in_this_state',
  'not_with_these_attributes',
])

function safeReason(refusal: Refusal): ReasonCode {
  const reasons = refusal.decision?.reasons ?? []
  if (reasons.some((reason) => reason.code === 'blocked')) return 'no_share_for_this'
  return reasons.find((reason) => SAFE_REASONS.has(reason.code))?.code ?? 'no_share_for_this'
}
