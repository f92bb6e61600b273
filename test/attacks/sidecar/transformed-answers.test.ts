// TR02: under rules that change a response, no caller can make it depend on what is hidden, get a part that was not transformed, or learn about the original.
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { dependsOnBody, describesBody } from '../../../sidecar/obligations/body-fields.ts'
import { createOwnerRules } from '../../support/owner-rules.ts'
import { statusOf } from '../../support/raw-socket.ts'
import { type Caller, DEVICE, REQUESTER, RESOURCE, refusalOf, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

let rig: SidecarRig
let bob: Caller
const rules = createOwnerRules()
const TUNING = `/guitars/${DEVICE}/tuning`
const NOTES = `/guitars/${DEVICE}/notes`
const share = (lines: string) =>
  rules.enforce(
    rig,
    `shares:\n  - name: Bob may use it\n    who: [bob@example.test]\n    what: [${DEVICE}]\n    may: [read, play]\n    hide: [$.secret]\n${lines}`,
  )

beforeAll(async () => {
  rig = await startRig()
  const permissions = [{ resource_id: RESOURCE, resource_scopes: ['read', 'play'] }]
  bob = rig.caller({ sub: REQUESTER, email: 'bob@example.test', email_verified: true, permissions })
}, 60_000)
afterAll(async () => {
  await rig.close()
  await rules.close()
})
beforeEach(() => rig.upstream.clear())

const BODY = '{"secret":"s3cret","a":1}'
const answer = (lines: string, status = '200 OK', body = BODY) => `HTTP/1.1 ${status}\r\n${lines}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
const JSON_TYPE = 'Content-Type: application/json'

const CONDITIONS = [
  'If-Match: "x"',
  'If-None-Match: "x"',
  'If-None-Match: *',
  'If-Modified-Since: Mon, 23 Nov 2026 00:00:00 GMT',
  'If-Unmodified-Since: Mon, 23 Nov 2026 00:00:00 GMT',
  'If-Range: "x"',
  'if-MATCH: "x"',
  'If: ("x")',
  'If-Schedule-Tag-Match: "x"',
  'X-If-Match: "x"',
  'Unless-Modified-Since: x',
]
const PARTS = [
  'Range: bytes=0-1',
  'RANGE: bytes=-5',
  'X-Range: bytes=0-1',
  'Request-Range: bytes=0-1',
  'Range-Unit: items',
  'A-IM: vcdiff',
  'Content-Range: bytes 0-1/2',
]
const DIGESTS = ['Want-Digest: sha-256', 'Want-Content-Digest: sha-256=1', 'Want-Repr-Digest: sha-256=1', 'Accept-Signature: sig1=()', 'Accept-Encoding: br']

describe.each([
  ['other answers are refused', ''],
  ['other answers are allowed', '    other_answers: allow\n'],
])('TR02: where %s', (_, lines) => {
  beforeAll(() => share(lines), 60_000)

  test.each([...CONDITIONS, ...PARTS, ...DIGESTS])('TR02: "%s" does not reach the upstream', async (field) => {
    rig.upstream.answerWith(answer(JSON_TYPE))
    const got = await rig.call(bob, 'GET', TUNING, { headers: `${field}\r\n` })
    expect([statusOf(got), got.endsWith('{"a":1}')]).toEqual([200, true])
    const [name = ''] = field.toLowerCase().split(':')
    const names = rig.upstream
      .received()
      .toLowerCase()
      .split('\r\n')
      .map((line) => line.split(':')[0])
    expect(names.filter((one) => one === name)).toEqual(name === 'accept-encoding' ? ['accept-encoding'] : [])
    expect(rig.upstream.received()).not.toMatch(/^accept-encoding: br/im)
  })

  const PARTS_OF_CHANGES = ['Content-Range: bytes 0-1/5', 'Range: bytes=0-1', 'X-Update-Range: bytes=0-1', 'X-Content-Range: bytes 0-1/5', 'Range-Unit: items']
  test.each([...CONDITIONS, ...PARTS_OF_CHANGES])(
    'TR02: "%s" on a request that changes something is refused, and not carried out without it',
    async (field) => {
      const got = await rig.call(bob, 'POST', NOTES, { headers: `${field}\r\n`, body: '{}' })
      expect(refusalOf(got)).toMatchObject({ status: 412, reason: 'condition_refused' })
      expect(rig.upstream.received()).toBe('')
    },
  )

  test.each([
    ['206 without Content-Range', answer(JSON_TYPE, '206 Partial Content')],
    ['206 that is a value of its own', answer(JSON_TYPE, '206 Partial Content', '"s3cret"')],
    ['206 of a type that is not JSON', answer('Content-Type: text/plain', '206 Partial Content')],
    ['206 of a picture', answer('Content-Type: image/png\r\nContent-Range: bytes 0-24/25', '206 Partial Content')],
    ['parts', answer('Content-Type: multipart/byteranges; boundary=x', '206 Partial Content', '--x\r\n\r\n"s3cret"')],
    ['parts with 200', answer('Content-Type: multipart/mixed; boundary=x', '200 OK', '--x\r\n\r\n{"secret":"s3cret"}')],
    ['parts in capitals', answer('Content-Type: MULTIPART/Related', '200 OK', '--x\r\n\r\n{"secret":"s3cret"}')],
    ['a message', answer('Content-Type: message/http')],
    ['a whole response', answer('Content-Type: application/http')],
    ['Content-Range with 200', answer(`${JSON_TYPE}\r\nContent-Range: bytes 0-24/25`)],
    ['Content-Range of a type that is not JSON', answer('Content-Type: text/plain\r\nContent-Range: items 0-24/25')],
    ['a difference', answer('Content-Type: text/plain\r\nIM: vcdiff', '226 IM Used')],
  ])('TR02: %s is refused', async (_, response) => {
    rig.upstream.answerWith(response)
    const got = await rig.call(bob)
    expect(refusalOf(got)).toMatchObject({ status: 403, reason: 'cannot_hide' })
    expect(got).not.toContain('s3cret')
  })

  test.each([
    ['416', answer(`${JSON_TYPE}\r\nContent-Range: bytes */98765`, '416 Range Not Satisfiable'), 416],
    ['416 without a body', 'HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */98765\r\nContent-Length: 0\r\n\r\n', 416],
    ['204', 'HTTP/1.1 204 No Content\r\nContent-Range: bytes */98765\r\nETag: "98765"\r\n\r\n', 204],
  ])('TR02: %s does not tell the length', async (_, response, status) => {
    rig.upstream.answerWith(response)
    const got = await rig.call(bob)
    expect([statusOf(got), /98765|content-range/i.test(got)]).toEqual([status, false])
  })

  const DESCRIPTIONS = [
    ...['ETag', 'X-ETag', 'Last-Modified', 'Content-MD5', 'Digest', 'Content-Digest', 'Repr-Digest', 'Accept-Ranges', 'Content-Location', 'Link'],
    ...['Signature', 'Signature-Input', 'X-Signature', 'X-Goog-Hash', 'X-Amz-Checksum-Sha256', 'X-Checksum', 'X-Content-Length', 'X-Original-Content-Length'],
    ...['Content-SHA256', 'X-Amz-Content-Sha-256', 'X-MD5', 'x_etag', 'Content_MD5', 'Delta-Base', 'X-Body-Length', 'X-File-Size', 'Upload-Length'],
  ]
  test.each(DESCRIPTIONS)('TR02: %s of the original does not reach the caller', async (name) => {
    rig.upstream.answerWith(answer(`${JSON_TYPE}\r\n${name}: s3cret`))
    // A difference to an earlier response is not transformed at all.
    const got = await rig.call(bob)
    expect(got).not.toContain('s3cret')
    if (name !== 'Delta-Base') expect(statusOf(got)).toBe(200)
  })

  test('TR02: nor in the response to HEAD', async () => {
    rig.upstream.answerWith(`HTTP/1.1 200 OK\r\n${JSON_TYPE}\r\nContent-Length: 98765\r\n${DESCRIPTIONS.map((name) => `${name}: s3cret\r\n`).join('')}\r\n`)
    const got = await rig.call(bob, 'HEAD')
    expect([statusOf(got), /s3cret|98765/.test(got)]).toEqual([200, false])
  })

  test.each(['X-Total: 3', 'Location: /made', 'Content-Language: de', 'X-Ratelimit-Limit: 5', 'Content-Disposition: inline'])(
    'TR02: "%s" passes',
    async (field) => {
      rig.upstream.answerWith(answer(`${JSON_TYPE}\r\n${field}`))
      expect(await rig.call(bob)).toContain(field)
    },
  )

  test.each(['utf8', 'UTF8', '"utf8"', 'unicode-1-1-utf-8', 'x-unicode20utf8', 'utf-8'])('TR16: charset=%s is UTF-8', async (label) => {
    rig.upstream.answerWith(answer(`${JSON_TYPE}; charset=${label}`))
    const got = await rig.call(bob)
    expect([statusOf(got), got.endsWith('{"a":1}')]).toEqual([200, true])
  })
  test.each(['utf-16', 'utf-7', 'latin1', 'utf-8-sig', 'utf-8; charset=utf-16', ''])('TR16: charset=%s is not', async (label) => {
    rig.upstream.answerWith(answer(`${JSON_TYPE}; charset=${label}`))
    expect(refusalOf(await rig.call(bob))).toMatchObject({ status: 403, reason: 'cannot_hide' })
  })
})

describe('TR02: where nothing is transformed', () => {
  test.each([...CONDITIONS, 'Range: bytes=0-1'])('TR02: "%s" reaches the upstream', async (field) => {
    rig.upstream.answerWith(answer('Content-Type: text/plain\r\nETag: "e"\r\nContent-Range: bytes 0-24/25', '206 Partial Content'))
    const got = await rig.call(rig.device, 'GET', TUNING, { headers: `${field}\r\n` })
    expect(statusOf(got)).toBe(206)
    expect(got).toMatch(/\r\nETag: "e"\r\n/)
    expect(rig.upstream.received()).toContain(`\r\n${field}\r\n`)
  })
})

test('TR02: spelling does not matter to the names', () => {
  const spell = (name: string) =>
    fc
      .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
      .map((capitals) => [...name].map((letter, index) => (capitals[index] ? letter.toUpperCase() : letter)).join(''))
  const names = ['if-match', 'if-none-match', 'if-range', 'range', 'if-modified-since', 'if-unmodified-since']
  fc.assert(
    fc.property(fc.constantFrom(...names).chain(spell), fc.constantFrom('-', '_', '.'), (name, separator) => {
      expect(dependsOnBody(name.replaceAll('-', separator).toLowerCase())).toBe(true)
    }),
    { numRuns: 200 },
  )
  expect(['accept', 'content-type', 'cookie', 'arrange', 'orange', 'x-iffy', 'user-agent', 'prefer'].filter(dependsOnBody)).toEqual([])
  expect(['content-type', 'location', 'set-cookie', 'x-total-count', 'crcx', 'shape', 'hashtag'].filter(describesBody)).toEqual([])
})
