// The raw answer to bytes that are no request we can read: always the same few lines, then the connection ends. Echoes nothing.
import { STATUS_CODES } from 'node:http'
import { METHODS } from '../http/request-head.ts'
import { answerFor } from './answer-for.ts'
import type { RefusalReason } from './refusal.ts'

export function buildUnreadableAnswer(reason: RefusalReason): { readonly status: number; readonly text: string } {
  const { status, error, text } = answerFor({ reason })
  const body = `${JSON.stringify({ error, error_description: text, reason })}\n`
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
    ...(status === 405 ? [`Allow: ${[...METHODS].join(', ')}`] : []),
  ]
  return { status, text: `${lines.join('\r\n')}\r\n\r\n${body}` }
}
