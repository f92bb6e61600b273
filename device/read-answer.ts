// Reads an authorization server's JSON answer with a bound on its size. Does not judge what it says.
import { type JsonObject, parseJsonObject } from '../protocol/encoding.ts'
import { printable } from '../protocol/oauth/printable.ts'

/** Metadata is the largest answer, a few kilobytes. */
const ANSWER_MAX_BYTES = 65_536

export interface Answer {
  readonly status: number
  /** Empty if the body was no JSON object. */
  readonly body: JsonObject
  /** The body's `error`, or empty. */
  readonly error: string
  /** The body's `error_description`, made fit for a message, or empty. */
  readonly description: string
}

/** The server does not accept this client: unknown, not activated, or another key. */
export interface ClientRefused {
  readonly reason: 'client_refused'
  /** OAuth's code, or the status where there is none. */
  readonly error: string
  /** The server's `error_description`, one line of at most 300 characters; empty if it gave none. */
  readonly description: string
}

export function clientRefused(answer: Answer): ClientRefused {
  return { reason: 'client_refused', error: answer.error || `status ${answer.status}`, description: answer.description }
}

/** `(invalid_client: the client is unknown)`, for the end of a message. */
export function describeAnswer({ error, description, status }: Answer): string {
  return `(${[error || `status ${status}`, description].filter((part) => part !== '').join(': ')})`
}

export async function readAnswer(response: Response): Promise<Answer> {
  const body = parseJsonObject(await readBounded(response)) ?? {}
  const textOf = (name: string): string => {
    const value = body[name]
    return typeof value === 'string' ? printable(value) : ''
  }
  return { status: response.status, body, error: textOf('error'), description: textOf('error_description') }
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
