// An existing API that knows nothing of Latchkey: smart guitars with their tuning, notes and diagnosis. Has no login at all; who may call is the sidecar's affair.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

export interface Guitar {
  readonly id: string
  readonly model: string
  readonly tuning: { readonly name: string; readonly hz: number; readonly strings: readonly string[] }
  readonly location: { readonly latitude: number; readonly longitude: number; readonly room: string }
  readonly owner: { readonly name: string; readonly email: string }
}

interface Note {
  readonly string: string
  readonly hz: number
}

/** Notes are kept for the last rehearsals only. */
const NOTES_MAX = 100
const BODY_MAX_BYTES = 10_000
const EVENT_INTERVAL_MILLISECONDS = 1000

export function createGuitarsApi(guitars: readonly Guitar[]): RequestListener {
  const notes = new Map<string, Note[]>(guitars.map(({ id }) => [id, []]))
  const actions: Readonly<Record<string, (guitar: Guitar, exchange: Exchange) => void | Promise<void>>> = {
    'GET tuning': (guitar, { response }) => sendJson(response, 200, guitar),
    'GET notes': (guitar, { response }) => sendJson(response, 200, { notes: notes.get(guitar.id) }),
    'POST notes': (guitar, exchange) => addNote(notes.get(guitar.id) ?? [], exchange),
    'POST diagnose': (guitar, { response }) => sendJson(response, 200, { guitar: guitar.id, battery: 0.83, pickups: 'ok', lastService: '2026-03-14' }),
    'GET events': (guitar, { response }) => streamEvents(guitar, response),
  }
  return (request, response) => {
    const [, collection, id, part] = (request.url ?? '').split('?', 1)[0]?.split('/') ?? []
    const guitar = collection === 'guitars' ? guitars.find((one) => one.id === id) : undefined
    const action = actions[`${request.method} ${part}`]
    if (guitar === undefined || action === undefined) return sendJson(response, 404, { error: 'no such guitar or part' })
    void Promise.resolve(action(guitar, { request, response })).catch(() => response.destroy())
  }
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

async function addNote(notes: Note[], { request, response }: Exchange): Promise<void> {
  const note = parseNote(await readText(request))
  if (note === undefined) return sendJson(response, 400, { error: 'a note is {"string": "E2", "hz": 82.4}' })
  notes.push(note)
  if (notes.length > NOTES_MAX) notes.shift()
  sendJson(response, 201, note)
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > BODY_MAX_BYTES) return ''
  }
  return text
}

function parseNote(text: string): Note | undefined {
  try {
    const { string, hz } = JSON.parse(text) as Partial<Note>
    return typeof string === 'string' && typeof hz === 'number' ? { string, hz } : undefined
  } catch {
    return undefined
  }
}

/** Server-sent events: one reading a second until the listener leaves. */
function streamEvents(guitar: Guitar, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  const send = () => response.write(`data: ${JSON.stringify({ guitar: guitar.id, hz: guitar.tuning.hz })}\n\n`)
  send()
  const timer = setInterval(send, EVENT_INTERVAL_MILLISECONDS)
  response.on('close', () => clearInterval(timer))
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export const DEMO_GUITARS: readonly Guitar[] = [
  {
    id: 'guitar-0042',
    model: 'Nightingale S',
    tuning: { name: 'standard', hz: 440.02, strings: ['E2', 'A2', 'D3', 'G3', 'B3', 'E4'] },
    location: { latitude: 48.85837, longitude: 2.294481, room: 'studio' },
    owner: { name: 'Alice', email: 'alice@example.test' },
  },
  {
    id: 'guitar-0007',
    model: 'Nightingale S',
    tuning: { name: 'drop D', hz: 432.0, strings: ['D2', 'A2', 'D3', 'G3', 'B3', 'E4'] },
    location: { latitude: 48.85837, longitude: 2.294481, room: 'attic' },
    owner: { name: 'Alice', email: 'alice@example.test' },
  },
]
