// Splits a stream of server-sent events (WHATWG HTML, 9.2) into the data of each event. Does not interpret it.
import { FEED_MESSAGE_MAX_BYTES } from '../../protocol/feed/messages.ts'

/** Ends when the stream ends; throws if it breaks or if one event, all its lines together, is longer than any message may be. */
export async function* readEvents(body: AsyncIterable<Uint8Array>, maxBytes: number = FEED_MESSAGE_MAX_BYTES): AsyncGenerator<string, void> {
  let data: string[] = []
  let size = 0
  for await (const line of readLines(body, maxBytes)) {
    if (line.startsWith('data:')) {
      data.push(line.slice(line.startsWith('data: ') ? 6 : 5))
      // The line itself counts too, so that empty ones are not free.
      size += line.length
      if (size > maxBytes) throw new EventTooLong()
    }
    if (line !== '') continue
    if (data.length > 0) yield data.join('\n')
    data = []
    size = 0
  }
}

export class EventTooLong extends Error {
  constructor() {
    super('an event of the feed is longer than a message may be')
  }
}

async function* readLines(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  for await (const chunk of body) {
    const lines = decoder.decode(chunk, { stream: true }).split('\n')
    lines[0] = rest + (lines[0] ?? '')
    rest = lines.pop() ?? ''
    if (rest.length > maxBytes) throw new EventTooLong()
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line
  }
}
