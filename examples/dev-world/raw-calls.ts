// Calls made by hand, for what the SDK would never do: without a nonce, with a stolen token, with the same proof twice.
import { randomBytes } from 'node:crypto'
import { buildProof } from '../../protocol/dpop/proof.ts'
import type { SigningKey } from '../../protocol/jws.ts'

export interface RawCall {
  readonly method?: string
  readonly uri: string
  readonly accessToken?: string
  readonly proof?: string
}

export interface RawAnswer {
  readonly status: number
  readonly challenge: string
  readonly nonce: string | undefined
  readonly body: unknown
}

export function buildRawProof(key: SigningKey, call: RawCall, nonce: string | undefined): string {
  return buildProof(key, {
    method: call.method ?? 'GET',
    uri: call.uri,
    now: Math.floor(Date.now() / 1000),
    jti: randomBytes(16).toString('base64url'),
    nonce,
    accessToken: call.accessToken,
  })
}

export async function rawCall(call: RawCall): Promise<RawAnswer> {
  const response = await fetch(call.uri, {
    method: call.method ?? 'GET',
    redirect: 'manual',
    headers: {
      ...(call.accessToken === undefined ? {} : { authorization: `DPoP ${call.accessToken}` }),
      ...(call.proof === undefined ? {} : { dpop: call.proof }),
    },
  })
  const text = await response.text()
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate') ?? '',
    nonce: response.headers.get('dpop-nonce') ?? undefined,
    body: parseBody(text),
  }
}

/** A fresh nonce of that server, taken from the challenge to a proof without one. */
export async function fetchNonce(key: SigningKey, call: RawCall): Promise<string | undefined> {
  return (await rawCall({ ...call, proof: buildRawProof(key, call, undefined) })).nonce
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
