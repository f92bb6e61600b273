// Reads an authorization server's JSON answer with a bound on its size. Does not judge what it says.
import { type JsonObject, parseJsonObject } from '../protocol/encoding.ts'

/** Metadata is the largest answer, a few kilobytes. */
const ANSWER_MAX_BYTES = 65_536

export interface Answer {
  readonly status: number
  /** Empty if the body was no JSON object. */
  readonly body: JsonObject
  /** The body's `error`, or empty. */
  readonly error: string
}

export async function readAnswer(response: Response): Promise<Answer> {
  const body = parseJsonObject(await readBounded(response)) ?? {}
  const error = typeof body['error'] === 'string' ? body['error'] : ''
  return { status: response.status, body, error }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > ANSWER_MAX_BYTES) return '' // leaving the loop cancels the rest
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
