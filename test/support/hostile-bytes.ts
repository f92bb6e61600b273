// Random and mutated messages for fuzz tests: bytes that nearly are HTTP, in random pieces.
import fc from 'fast-check'

const byteString = (maxLength: number) => fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString('latin1'))

interface Mutation {
  readonly kind: 'insert' | 'remove' | 'replace' | 'repeat'
  /** Where, as a share of the length. */
  readonly at: number
  readonly length: number
  readonly text: string
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('insert', 'remove', 'replace', 'repeat'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(12),
  text: fc.oneof(byteString(6), fc.constantFrom('\r\n', '\n', '\r', '\0', ' ', ':', ';', ',', '0', 'chunked', 'HTTP/1.1', '\r\n\r\n', '\x80', '\xff')),
})

function mutate(text: string, { kind, at, length, text: inserted }: Mutation): string {
  const start = Math.floor(at * text.length)
  const before = text.slice(0, start)
  switch (kind) {
    case 'insert':
      return before + inserted + text.slice(start)
    case 'remove':
      return before + text.slice(start + length)
    case 'replace':
      return before + inserted + text.slice(start + inserted.length)
    case 'repeat':
      return before + text.slice(start, start + length) + text.slice(start)
  }
}

/** One of the templates with up to `most` mutations. */
export function mutated(templates: readonly string[], most: number): fc.Arbitrary<string> {
  return fc.tuple(fc.constantFrom(...templates), fc.array(mutation, { maxLength: most })).map(([text, changes]) => changes.reduce(mutate, text))
}

const RESPONSES = [
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a":"b"}',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n5;x=1\r\nhello\r\n6\r\n world\r\n0\r\nX-T: 1\r\n\r\n',
  'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end',
  'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 500\r\n\r\n',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x02hi',
  'HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 5\r\n\r\nlarge',
  'HTTP/1.1 404 Non trouv\xe9\r\nContent-Length: 0\r\nX-A: \xe9\xff\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\n',
]

const built = fc
  .record({
    status: fc.oneof(fc.integer({ min: 0, max: 1100 }).map(String), byteString(4)),
    phrase: byteString(40),
    fields: fc.array(
      fc.tuple(fc.oneof(fc.constantFrom('Content-Length', 'Transfer-Encoding', 'Connection', 'Keep-Alive', 'X-A'), byteString(8)), byteString(20)),
      { maxLength: 6 },
    ),
    body: byteString(60),
  })
  .map(({ status, phrase, fields, body }) => `HTTP/1.1 ${status} ${phrase}\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`)

/** Latin-1. */
export const hostileResponse: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: mutated(RESPONSES, 4) },
  { weight: 2, arbitrary: built },
  { weight: 1, arbitrary: byteString(300) },
)

/** Where a message is cut into pieces, as shares of its length. */
export const cuts: fc.Arbitrary<readonly number[]> = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 })

export function cutUp(text: string, at: readonly number[]): readonly Buffer[] {
  const bytes = Buffer.from(text, 'latin1')
  const edges = [0, ...at.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b), bytes.length]
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge))
}
