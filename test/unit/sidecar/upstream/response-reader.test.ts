// How responses are read: every legal framing, however the bytes are split. What two readers could read differently is malformed.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UPSTREAM_CHUNK_LINES_MAX_BYTES, UPSTREAM_HEAD_MAX_BYTES, UPSTREAM_INTERIM_MAX } from '../../../../sidecar/limits.ts'
import { ResponseReader } from '../../../../sidecar/upstream/response-reader.ts'

interface Seen {
  readonly state: string
  readonly status?: number | undefined
  readonly phrase?: string | undefined
  readonly body: string
  /** Bytes after the response. */
  readonly left: number
}

function readAll(pieces: readonly Buffer[], method = 'GET'): Seen {
  const reader = new ResponseReader(method)
  let body = ''
  let state = 'more'
  let left = 0
  for (const piece of pieces) {
    if (state !== 'more') {
      left += piece.length
      continue
    }
    const read = reader.read(piece)
    state = read.state
    if (read.data !== undefined) body += read.data.toString('latin1')
    if (state === 'done') left += piece.length - read.used
  }
  return { state, status: reader.head?.status, phrase: reader.head?.phrase, body, left }
}

const read = (text: string, method = 'GET'): Seen => readAll([Buffer.from(text, 'latin1')], method)
const OK = 'HTTP/1.1 200 OK\r\n'

describe('TR04: legal responses', () => {
  test.each([
    ['a length', `${OK}Content-Length: 2\r\n\r\nok`, { state: 'done', body: 'ok' }],
    ['a length with leading zeros', `${OK}Content-Length: 002\r\n\r\nok`, { state: 'done', body: 'ok' }],
    ['white space around the length', `${OK}Content-Length: \t 2\t \r\n\r\nok`, { state: 'done', body: 'ok' }],
    ['chunks', `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`, { state: 'done', body: 'ok' }],
    ['chunks, in capitals', `${OK}TRANSFER-ENCODING: Chunked\r\n\r\n00A\r\n0123456789\r\n0\r\n\r\n`, { state: 'done', body: '0123456789' }],
    ['chunk extensions', `${OK}Transfer-Encoding: chunked\r\n\r\n2;a=1;b="x y"\r\nok\r\n0;end\r\n\r\n`, { state: 'done', body: 'ok' }],
    ['spaces before an extension', `${OK}Transfer-Encoding: chunked\r\n\r\n2 ;a\r\nok\r\n0\r\n\r\n`, { state: 'done', body: 'ok' }],
    ['trailers', `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-A: 1\r\nX-B: \xe9\r\n\r\n`, { state: 'done', body: 'ok' }],
    ['no length: until the end', `${OK}\r\nok`, { state: 'more', body: 'ok' }],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', { state: 'done', body: 'ok' }],
    ['no phrase', 'HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n', { state: 'done', phrase: '' }],
    ['no phrase and no space', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', { state: 'done', phrase: '' }],
    ['a phrase in Latin-1', 'HTTP/1.1 404 Non trouv\xe9\r\nContent-Length: 0\r\n\r\n', { state: 'done', status: 404, phrase: 'Non trouv\xe9' }],
    ['a phrase that cannot be written', 'HTTP/1.1 404 \x01\x7f\0\r\nContent-Length: 0\r\n\r\n', { state: 'done', status: 404, phrase: 'Not Found' }],
    ['the same, for a status without a standard phrase', 'HTTP/1.1 599 \x01\r\nContent-Length: 0\r\n\r\n', { state: 'done', status: 599, phrase: '' }],
    ['no fields at all', 'HTTP/1.1 204 No Content\r\n\r\n', { state: 'done', status: 204 }],
    ['a field without a value', `${OK}X-A:\r\nContent-Length: 0\r\n\r\n`, { state: 'done' }],
    ['304 with the length of its 200', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n', { state: 'done', status: 304 }],
    ['304 with the coding of its 200', 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n', { state: 'done', status: 304 }],
    ['204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', { state: 'done', status: 204 }],
    ['100 that nobody asked for', `HTTP/1.1 100 Continue\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`, { state: 'done', status: 200, body: 'ok' }],
    ['100 with fields', `HTTP/1.1 100 Continue\r\nX-A: 1\r\nContent-Length: 3\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`, { status: 200, body: 'ok' }],
    ['an unknown 1xx', `HTTP/1.1 199 What\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`, { state: 'done', status: 200, body: 'ok' }],
    ['several of them', `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(UPSTREAM_INTERIM_MAX)}${OK}Content-Length: 0\r\n\r\n`, { state: 'done', status: 200 }],
  ] as const)('TR04: %s', (_, text, expected) => expect(read(text)).toMatchObject({ left: 0, ...expected }))

  test.each([
    ['a length', 'Content-Length: 500'],
    ['chunks', 'Transfer-Encoding: chunked'],
    ['nothing', 'X-A: 1'],
  ])('TR04: a HEAD is answered by the head alone, with %s in it', (_, line) => {
    expect(read(`${OK}${line}\r\n\r\n`, 'HEAD')).toMatchObject({ state: 'done', status: 200, body: '' })
  })

  test('TR04: however the bytes are split', () => {
    const text = `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}Transfer-Encoding: chunked\r\nX-A: \xe9\r\n\r\n5;x=1\r\nhello\r\n6\r\n\r\n\r\n\r\n\r\n0\r\nX-T: 1\r\n\r\n`
    const bytes = Buffer.from(text, 'latin1')
    const whole = readAll([bytes])
    expect(whole).toMatchObject({ state: 'done', body: 'hello\r\n\r\n\r\n', left: 0 })
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 40 }), (cuts) => {
        const edges = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
        const pieces = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge))
        expect(readAll(pieces.filter((piece) => piece.length > 0))).toEqual(whole)
      }),
      { numRuns: 300 },
    )
    expect(readAll(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(whole)
  })

  test('TR04: bytes after the end are not part of the response', () => {
    expect(read(`${OK}Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n`)).toMatchObject({ state: 'done', body: 'ok', left: 19 })
    expect(read(`${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nX`)).toMatchObject({ state: 'done', body: '', left: 1 })
    expect(read('HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\nok')).toMatchObject({ state: 'done', body: '', left: 2 })
  })
})

describe('TR01: malformed responses', () => {
  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['HTTP/2', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['HTTP/0.9', '<html>\r\n\r\n'],
    ['lower case', 'http/1.1 200 OK\r\n\r\n'],
    ['two spaces', 'HTTP/1.1  200 OK\r\n\r\n'],
    ['status 099', 'HTTP/1.1 099 Odd\r\n\r\n'],
    ['status 600', 'HTTP/1.1 600 Odd\r\n\r\n'],
    ['status 2000', 'HTTP/1.1 2000 Odd\r\n\r\n'],
    ['status 20', 'HTTP/1.1 20 Odd\r\n\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
    ['a bare CR in the phrase', 'HTTP/1.1 200 O\rK\r\n\r\n'],
    ['a bare LF in the phrase', 'HTTP/1.1 200 O\nK\r\n\r\n'],
    ['a field without a colon', `${OK}nonsense\r\n\r\n`],
    ['a field without a name', `${OK}: x\r\n\r\n`],
    ['a space before the colon', `${OK}X-A : 1\r\n\r\n`],
    ['a folded line', `${OK}X-A: 1\r\n 2\r\n\r\n`],
    ['a name with a byte above ASCII', `${OK}X-\xe9: 1\r\n\r\n`],
    ['a value with NUL', `${OK}X-A: a\0b\r\n\r\n`],
    ['a value with a bare CR', `${OK}X-A: a\rb\r\n\r\n`],
    ['a value with a bare LF', `${OK}X-A: a\nContent-Length: 3\r\n\r\n`],
    ['two lengths', `${OK}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`],
    ['one length twice', `${OK}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`],
    ['a list of lengths', `${OK}Content-Length: 3, 3\r\n\r\nabc`],
    ['a length and chunks', `${OK}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two codings', `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ...['+3', '-3', '0x3', '3 3', '', '3a', '9007199254740993', '1'.repeat(400)].map((value) => [
      `length "${value.slice(0, 20)}"`,
      `${OK}Content-Length: ${value}\r\n\r\nabc`,
    ]),
    ...['', 'x', 'identity', 'gzip', 'gzip, chunked', 'chunked, gzip', 'chunked, chunked', 'chunked;q=1', '\x0bchunked', 'chunked\xa0'].map((value) => [
      `TR16: coding "${value}"`,
      `${OK}Transfer-Encoding: ${value}\r\n\r\n0\r\n\r\n`,
    ]),
    ...[
      '5\nhello',
      '5\rhello',
      '\r\n',
      ' 5\r\nhello',
      'g\r\n',
      '-1\r\n',
      '0x5\r\nhello',
      '5 5\r\nhello\r\n0\n',
      '5\r\nhello0\r\n',
      '5\r\nhello\n',
      '11111111111111\r\n',
      '5;\x01\r\n',
      '0\r\nX\n',
      '0\r\n\rX',
    ].map((chunks) => [`chunks ${JSON.stringify(chunks)}`, `${OK}Transfer-Encoding: chunked\r\n\r\n${chunks}`]),
    ['one interim response too many', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(UPSTREAM_INTERIM_MAX + 1)],
    ['a head past the limit', `${OK}X-A: ${'a'.repeat(UPSTREAM_HEAD_MAX_BYTES)}\r\n\r\n`],
    ['a head past the limit whose end never comes', `${OK}X-A: ${'a'.repeat(UPSTREAM_HEAD_MAX_BYTES)}`],
    ['extensions past the limit', `${OK}Transfer-Encoding: chunked\r\n\r\n1;${'a'.repeat(UPSTREAM_CHUNK_LINES_MAX_BYTES + 1)}\r\n`],
    ['trailers past the limit', `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n${'X: 1\r\n'.repeat(UPSTREAM_CHUNK_LINES_MAX_BYTES)}\r\n`],
  ])('TR01: %s', (_, text = '') => expect(read(text).state).toBe('malformed'))

  test('TR01: no bytes make the reader throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 5 }), fc.boolean(), (pieces, startsWell) => {
        const begin = startsWell ? [Buffer.from(OK)] : []
        expect(['more', 'done', 'malformed']).toContain(readAll([...begin, ...pieces.map((piece) => Buffer.from(piece))]).state)
      }),
      { numRuns: 500 },
    )
  })
})

describe('whether a connection is used again', () => {
  const isReusable = (text: string, method = 'GET') => {
    const reader = new ResponseReader(method)
    reader.read(Buffer.from(text, 'latin1'))
    return reader.head?.isReusable
  }
  test.each([
    [true, `${OK}Content-Length: 0\r\n\r\n`],
    [true, `${OK}Content-Length: 0\r\nConnection: keep-alive\r\n\r\n`],
    [true, 'HTTP/1.1 304 Not Modified\r\n\r\n'],
    [false, `${OK}Content-Length: 0\r\nConnection: close\r\n\r\n`],
    [false, `${OK}Content-Length: 0\r\nConnection: x-a , Close\r\n\r\n`],
    [false, `${OK}Content-Length: 0\r\nConnection: x-a\r\nConnection: close\r\n\r\n`],
    [false, `${OK}\r\n`],
    [false, 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
    [false, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n'],
    [false, 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ])('H01: %s for %j', (expected, text) => expect(isReusable(text)).toBe(expected))

  test('H01: what the upstream says about its own idle time', () => {
    const reader = new ResponseReader('GET')
    reader.read(Buffer.from(`${OK}Keep-Alive: max=5, timeout=3\r\nContent-Length: 0\r\n\r\n`))
    expect(reader.head?.keepAliveSeconds).toBe(3)
  })
})

describe('TR01: what can never become a response is malformed at once, not after a time', () => {
  test.each([
    ['lines that end without CR', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'],
    ['one such line', 'HTTP/1.1 200 OK\r\nX-A: 1\nX-B'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['a TLS alert', '\x15\x03\x01\0\x02\x02\x46'],
    ['settings of HTTP/2', '\0\0\x12\x04\0\0\0\0\0'],
    ['HTTP/2 in words', 'HTTP/2 200\r\n'],
    ['an empty line first', '\r\nHTTP/1.1 200 OK\r\n'],
    ['the same after an interim response', 'HTTP/1.1 100 Continue\r\n\r\nok'],
  ])('TR01: %s', (_, text) => {
    expect(read(text).state).toBe('malformed')
    expect(readAll([...Buffer.from(text, 'latin1')].map((byte) => Buffer.of(byte))).state).toBe('malformed')
  })
})
