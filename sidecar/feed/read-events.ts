// Splits a stream of server-sent events (WHATWG HTML, 9.2) into the data of each event. Does not interpret it.
import { FEED_MESSAGE_MAX_BYTES } from '../../protocol/feed/messages.ts'

/** A message is one line; more than a few belong to no feed of ours. */
const EVENT_MAX_LINES = 100

/** Ends when the stream ends; throws if it breaks or if one event is longer than any message may be. */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  let data: string[] = []
  for await (const line of readLines(body)) {
    if (line.startsWith('data:')) data.push(line.slice(line.startsWith('data: ') ? 6 : 5))
    if (data.length > EVENT_MAX_LINES) throw new Error('an event of the feed has more lines than a message may have')
    if (line !== '') continue
    if (data.length > 0) yield data.join('\n')
    data = []
  }
}

async function* readLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  for await (const chunk of body) {
    const lines = decoder.decode(chunk, { stream: true }).split('\n')
    lines[0] = rest + (lines[0] ?? '')
    rest = lines.pop() ?? ''
    if (rest.length > FEED_MESSAGE_MAX_BYTES) throw new Error('an event of the feed is longer than a message may be')
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line
  }
}
