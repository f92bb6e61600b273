// The operator's API of an authz server, spoken over HTTP like any other client: a service token bound to the operator's key, a proof on each call.
import { discoverEndpoints } from '../device/discovery.ts'
import { ClientError } from '../device/errors.ts'
import { isTokenRefused } from '../device/resource-fetch.ts'
import { fetchServiceToken } from '../device/service-token.ts'
import { systemPorts } from '../device/system-ports.ts'
import { createProvingFetch } from '../protocol/dpop/proving-fetch.ts'
import { isJsonObject } from '../protocol/encoding.ts'
import type { SigningKey } from '../protocol/jws.ts'
import { printable } from '../protocol/oauth/printable.ts'
import type { Clock } from '../protocol/time.ts'
import { CommandError, EXIT_CODES } from './command-error.ts'

const CALL_TIMEOUT_MILLISECONDS = 30_000

export interface OperatorCall {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: { readonly type: string; readonly text: string | Buffer }
  /** A body that is an answer whatever its status. */
  readonly isAnswer?: (body: unknown) => boolean
}

export interface OperatorApi {
  /** The answer's JSON. Throws CommandError for a refusal, ClientError when the server cannot be reached. */
  call(call: OperatorCall): Promise<unknown>
}

export interface Operator {
  readonly issuer: string
  readonly clientId: string
  readonly key: SigningKey
}

/** The clock is the system's unless a test has one of its own. */
export function createOperatorApi(operator: Operator, clock?: Clock): OperatorApi {
  const ports = { ...systemPorts(), ...(clock === undefined ? {} : { clock }) }
  const provingFetch = createProvingFetch(operator.key, ports)
  let token: Promise<string> | undefined

  async function fetchToken(): Promise<string> {
    const endpoints = await discoverEndpoints(operator.issuer, ports)
    return fetchServiceToken(provingFetch, { ...operator, issuer: endpoints.issuer, tokenEndpoint: endpoints.token, scope: 'registry' }, ports)
  }

  async function send({ method, path, body }: OperatorCall): Promise<Response> {
    token ??= fetchToken()
    const accessToken = await token
    const content = body === undefined ? {} : { headers: { 'content-type': body.type }, body: body.text }
    const signal = AbortSignal.timeout(CALL_TIMEOUT_MILLISECONDS)
    return provingFetch(new URL(path, operator.issuer).href, { method, accessToken, signal, ...content }).catch((cause: unknown) => {
      throw new ClientError('unreachable', `the authz server at ${operator.issuer} does not respond`, { cause })
    })
  }

  return {
    async call(request) {
      let response = await send(request)
      if (isTokenRefused(response)) {
        // It has ended since the last call: a new one, once.
        await response.body?.cancel()
        token = undefined
        response = await send(request)
      }
      const answer: unknown = await response.json().catch(() => undefined)
      if (response.ok || request.isAnswer?.(answer) === true) return answer
      throw refusalOf(response.status, answer)
    },
  }
}

function refusalOf(status: number, answer: unknown): CommandError {
  const { error, error_description } = isJsonObject(answer) ? answer : {}
  const code = typeof error === 'string' ? error : `status ${status}`
  const message = typeof error_description === 'string' ? printable(error_description) : `the authz server rejects the request: ${code}`
  return new CommandError({ exitCode: EXIT_CODES.refused, code, message })
}
