// Pin & Pair from the device's side (RFC 8628), with proof of the key from the first request. Ends with tokens or with a reason; never shows or keeps anything itself.
import type { ProvingFetch } from '../protocol/dpop/proving-fetch.ts'
import { GRANT_TYPES, type TokenResponse } from '../protocol/oauth/messages.ts'
import { err, ok, type Result } from '../protocol/result.ts'
import type { Endpoints } from './discovery.ts'
import { afterPoll, afterWait, nextWait, type PollSchedule, startSchedule } from './poll-schedule.ts'
import type { ClientPorts } from './ports.ts'
import { type Answer, type ClientRefused, clientRefused } from './read-answer.ts'
import { fingerprintWordsOf, type PairingCode } from './show-code.ts'
import { parseTokenResponse, postForm } from './token-endpoint.ts'

export type PairingRefusal = { readonly reason: 'denied' | 'expired' | 'unreachable' | 'answer_unusable' } | ClientRefused

export interface PairingRequest {
  readonly endpoints: Endpoints
  readonly clientId: string
  /** Thumbprint of the proving key, for the words. */
  readonly keyThumbprint: string
  readonly scope?: string | undefined
  /** Called once, when there is a code to show. */
  readonly onCode: (code: PairingCode) => void
  /** Stops the polling; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

interface StartedPairing {
  readonly deviceCode: string
  readonly schedule: PollSchedule
  readonly code: PairingCode
}

export async function runPairing(provingFetch: ProvingFetch, request: PairingRequest, ports: ClientPorts): Promise<Result<TokenResponse, PairingRefusal>> {
  const started = await startPairing(provingFetch, request)
  if (!started.ok) return started
  request.onCode(started.value.code)
  return pollForTokens(provingFetch, { request, ...started.value }, ports)
}

async function startPairing(provingFetch: ProvingFetch, request: PairingRequest): Promise<Result<StartedPairing, PairingRefusal>> {
  const scope: Record<string, string> = request.scope === undefined ? {} : { scope: request.scope }
  const answer = await postForm(provingFetch, {
    endpoint: request.endpoints.deviceAuthorization,
    form: { client_id: request.clientId, ...scope },
    signal: request.signal,
  })
  if (answer === undefined) return err({ reason: 'unreachable' })
  if (answer.status !== 200) return err(clientRefused(answer))
  return parseStart(answer, request.keyThumbprint)
}

/** RFC 8628 section 3.2: four members are required, `interval` and the complete address are not. */
function parseStart(answer: Answer, keyThumbprint: string): Result<StartedPairing, PairingRefusal> {
  const { device_code, user_code, verification_uri, verification_uri_complete, expires_in, interval } = answer.body
  if (typeof device_code !== 'string' || typeof user_code !== 'string' || typeof verification_uri !== 'string') return err({ reason: 'answer_unusable' })
  if (!isSeconds(expires_in) || !(interval === undefined || isSeconds(interval))) return err({ reason: 'answer_unusable' })
  const code: PairingCode = {
    userCode: user_code,
    verificationUri: verification_uri,
    verificationUriComplete: typeof verification_uri_complete === 'string' ? verification_uri_complete : verification_uri,
    expiresInSeconds: expires_in,
    fingerprintWords: fingerprintWordsOf(keyThumbprint),
  }
  return ok({ deviceCode: device_code, code, schedule: startSchedule(expires_in, interval) })
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
}

async function pollForTokens(
  provingFetch: ProvingFetch,
  pairing: StartedPairing & { readonly request: PairingRequest },
  ports: ClientPorts,
): Promise<Result<TokenResponse, PairingRefusal>> {
  const { request, deviceCode } = pairing
  let schedule = pairing.schedule
  for (let wait = nextWait(schedule); wait !== undefined; wait = nextWait(schedule)) {
    await ports.sleep(wait * 1000, request.signal)
    schedule = afterWait(schedule, wait)
    const answer = await postForm(provingFetch, {
      endpoint: request.endpoints.token,
      form: { grant_type: GRANT_TYPES.deviceCode, device_code: deviceCode, client_id: request.clientId },
      signal: request.signal,
    })
    const outcome = readPoll(answer)
    if (typeof outcome !== 'string') return outcome
    schedule = afterPoll(schedule, outcome)
  }
  return err({ reason: 'expired' })
}

function readPoll(answer: Answer | undefined): Result<TokenResponse, PairingRefusal> | 'pending' | 'slow_down' | 'unreachable' {
  if (answer === undefined) return 'unreachable'
  if (answer.status === 200) {
    const tokens = parseTokenResponse(answer.body)
    return tokens === undefined ? err({ reason: 'answer_unusable' }) : ok(tokens)
  }
  switch (answer.error) {
    case 'authorization_pending':
      return 'pending'
    case 'slow_down':
      return 'slow_down'
    case 'access_denied':
      return err({ reason: 'denied' })
    case 'expired_token':
      return err({ reason: 'expired' })
    default:
      return err(clientRefused(answer))
  }
}
