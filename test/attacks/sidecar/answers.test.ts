// Answers made to slip past an owner's rules, and callers who try to use a share more often than it allows: nothing hidden is shown, nobody else waits.
import type { Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Obligation } from '../../../policies/contract/obligations.ts'
import { TRANSFORM_MAX_BYTES, TRANSFORM_MAX_DEPTH, TRANSFORM_MAX_VISITS } from '../../../sidecar/limits.ts'
import { planObligations } from '../../../sidecar/obligations/answer-plan.ts'
import { transformAnswer } from '../../../sidecar/obligations/transform-answer.ts'
import { createBob, createOwnerRules } from '../../support/owner-rules.ts'
import { openRaw, sendRaw, statusOf, until } from '../../support/raw-socket.ts'
import { DEVICE, refusalOf, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

let rig: SidecarRig
const rules = createOwnerRules()
const TUNING = `/guitars/${DEVICE}/tuning`

beforeAll(async () => {
  rig = await startRig()
}, 60_000)
afterAll(async () => {
  await rig.close()
  await rules.close()
})
beforeEach(() => rig.upstream.clear())

const answer = (body: string, more = 'Content-Type: application/json') =>
  `HTTP/1.1 200 OK\r\n${more}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
const bodyOf = (text: string) => text.slice(text.indexOf('\r\n\r\n') + 4)
const call = (method = 'GET', headers = '') => rig.call(createBob(rig), method, TUNING, { headers })

describe('what an upstream sends', () => {
  beforeAll(() => rules.share(rig, '    hide: [$.secret, "$[*].secret", "$[\'é\']"]\n'), 60_000)

  test.each([
    ['G12: __proto__ as a member', '{"__proto__":{"secret":"s3cret"},"secret":"s3cret","constructor":1}', '{"__proto__":{},"constructor":1}'],
    ['an escaped name', '{"\\u0073\\u0065cret":"s3cret","a":1}', '{"a":1}'],
    ['an escaped name outside ASCII', '{"\\u00e9":"s3cret"}', '{}'],
    ['a solidus and other escapes before it', '{"\\/\\"\\\\":"\\\\","secret":"s3cret"}', '{"\\/\\"\\\\":"\\\\"}'],
    ['numbers that no program holds', '{"n":1e400,"secret":"s3cret"}', '{"n":1e400}'],
    ['lone surrogates', '{"a":"\\ud800","secret":"s3cret"}', '{"a":"\\ud800"}'],
    ['a list of objects', '[{"secret":"s3cret"},{"secret":{"secret":"s3cret"}},1]', '[{},{},1]'],
    ['all that is in it', '{"secret":{"secret":["s3cret"]},"a":{}}', '{"a":{}}'],
  ])('%s: the place is gone, the rest is as it was', async (_, body, shown) => {
    rig.upstream.answerWith(answer(body))
    const got = await call()
    expect([statusOf(got), bodyOf(got)]).toEqual([200, shown])
    expect(({} as { secret?: string }).secret).toBeUndefined()
  })

  test.each([
    ['T12: a name twice', answer('{"secret":1,"secret":"s3cret"}')],
    ['a name twice, once escaped', answer('{"a":1,"\\u0061":"s3cret"}')],
    ['a byte order mark', answer('\ufeff{"secret":"s3cret"}')],
    ['overlong UTF-8', Buffer.from(answer('{"secre\xc1\xb4":"s3cret"}').replace(/Length: \d+/, 'Length: 20'), 'latin1')],
    ['a comment', answer('{"secret":"s3cret"}//')],
    ['NaN', answer('{"a":NaN,"secret":"s3cret"}')],
    ['lines of JSON', answer('{"secret":"s3cret"}\n{"secret":"s3cret"}', 'Content-Type: application/x-ndjson')],
    ['an event stream', 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n1c\r\ndata: {"secret":"s3cret"}\r\n\r\n\r\n'],
    ['a part', answer('{"secret":"s3cret"}', 'Content-Type: application/json\r\nContent-Range: bytes 0-18/100').replace('200 OK', '206 Partial Content')],
    ['parts', answer('--x\r\n\r\n{"secret":"s3cret"}', 'Content-Type: multipart/byteranges; boundary=x').replace('200 OK', '206 Partial Content')],
    ['two encodings', answer('{"secret":"s3cret"}', 'Content-Type: application/json\r\nContent-Encoding: identity, gzip')],
    ['an error page', answer('<p>s3cret</p>', 'Content-Type: text/html').replace('200 OK', '500 Oops')],
  ])('%s: refused, never shown', async (_, upstream) => {
    rig.upstream.answerWith((socket) => socket.write(upstream))
    const got = await call()
    expect(refusalOf(got)).toMatchObject({ status: 403, reason: 'cannot_hide' })
    expect(got).not.toContain('s3cret')
    expect(JSON.parse(rig.audit.at(-1) ?? '')).toMatchObject({ reason: 'cannot_hide', status: 403 })
  })

  test('errors in JSON are looked through like all else', async () => {
    rig.upstream.answerWith(answer('{"error":"x","secret":"s3cret"}').replace('200 OK', '500 Oops'))
    const got = await call()
    expect([statusOf(got), bodyOf(got)]).toEqual([500, '{"error":"x"}'])
  })

  test('what would tell of the whole body is not passed on; where a new thing is, is', async () => {
    const about = ['ETag: "s3cret"', 'Last-Modified: s3cret', 'Digest: s3cret', 'Content-Digest: s3cret', 'Repr-Digest: s3cret', 'Content-MD5: s3cret']
    const links = ['Link: </?after=s3cret>; rel="next"', 'Content-Location: /s3cret', 'Signature: sig1=:s3cret:', 'Signature-Input: sig1=("s3cret")']
    rig.upstream.answerWith(answer('{"secret":1}', ['Content-Type: application/json', 'Location: /made', ...about, ...links].join('\r\n')))
    const got = await call()
    expect(got).not.toContain('s3cret')
    expect(got).toMatch(/\r\nLocation: \/made\r\n/i)
  })

  test('early hints, trailers and the length behind HEAD say nothing', async () => {
    rig.upstream.answerWith(`HTTP/1.1 103 Early Hints\r\nLink: </s3cret>\r\n\r\n${answer('{"secret":1}')}`)
    expect(await call()).not.toContain('s3cret')
    rig.upstream.answerWith(
      'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nTrailer: X-A\r\n\r\n2\r\n{}\r\n0\r\nX-A: s3cret\r\n\r\n',
    )
    const trailed = await call()
    expect([statusOf(trailed), trailed.includes('s3cret')]).toEqual([200, false])
    rig.upstream.answerWith('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12345\r\nETag: "s3cret"\r\n\r\n')
    const head = await call('HEAD')
    expect(statusOf(head)).toBe(200)
    expect(head).not.toMatch(/12345|s3cret/)
  })

  test.each([
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', 204],
    ['304 that nobody asked for', 'HTTP/1.1 304 Not Modified\r\nETag: "s3cret"\r\n\r\n', 304],
    ['200 that says it is empty, of no type', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 200],
    ['empty JSON in chunks', 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 200],
  ])('an answer without a body passes: %s', async (_, upstream, status) => {
    rig.upstream.answerWith(upstream)
    const got = await call()
    expect([statusOf(got), bodyOf(got), got.includes('s3cret')]).toEqual([status, '', false])
  })

  test('FA15: JSON that breaks off is not shown, whole as it may look', async () => {
    rig.upstream.answerWith((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"a":"s3cret"}'))
    const got = await call()
    expect([statusOf(got), got.includes('s3cret')]).toEqual([502, false])
  })

  test('FA42: byte by byte it is the same', async () => {
    const whole = answer('{"secret":"s3cret","a":"é","b":[1.50]}')
    rig.upstream.answerWith((socket) => void drip(socket, Buffer.from(whole)))
    expect(Buffer.from(bodyOf(await call()), 'latin1').toString()).toBe('{"a":"é","b":[1.50]}')
  })

  test('a body of the longest length passes, one byte more does not, nor 10 MB', async () => {
    const bodyOfLength = (length: number) => `{"secret":"s3cret","a":"${'x'.repeat(length - 26)}"}`
    expect(bodyOfLength(1000)).toHaveLength(1000)
    rig.upstream.answerWith(answer(bodyOfLength(TRANSFORM_MAX_BYTES)))
    const got = await call()
    expect([statusOf(got), got.includes('s3cret')]).toEqual([200, false])
    for (const length of [TRANSFORM_MAX_BYTES + 1, 10_000_000]) {
      rig.upstream.answerWith(answer(bodyOfLength(length)))
      expect(refusalOf(await call())).toMatchObject({ status: 403, reason: 'cannot_hide' })
    }
  })

  test('what a caller sends cannot make the answer one that is not looked through', async () => {
    rig.upstream.answerWith(answer('{"secret":"s3cret"}'))
    const got = await call(
      'GET',
      'Accept-Encoding: br\r\nRange: bytes=0-1\r\nIf-Range: "x"\r\nIf-None-Match: *\r\nIf-Modified-Since: Mon, 23 Nov 2026 00:00:00 GMT\r\nTE: trailers\r\n',
    )
    expect(bodyOf(got)).toBe('{}')
    expect(rig.upstream.received()).not.toMatch(/\r\n(?:range|if-|te:)|: br/i)
  })
})

async function drip(socket: Socket, bytes: Buffer): Promise<void> {
  socket.setNoDelay(true)
  for (const byte of bytes) {
    socket.write(Buffer.of(byte))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('other answers', () => {
  beforeAll(() => rules.share(rig, '    hide: [$.secret]\n    other_answers: allow\n'), 60_000)

  test.each([
    ['broken JSON', answer('{"secret":"s3cret"')],
    ['JSON with a name twice', answer('{"secret":1,"secret":"s3cret"}')],
    ['JSON in an encoding', answer('{"secret":"s3cret"}', 'Content-Type: application/json\r\nContent-Encoding: gzip')],
    ['JSON of another charset', answer('{"secret":"s3cret"}', 'Content-Type: application/json; charset=utf-7')],
    ['JSON by another name', answer('{"secret":"s3cret"}', 'Content-Type: text/json')],
    ['JSON by a list of types', answer('{"secret":"s3cret"}', 'Content-Type: text/plain, application/json')],
    ['two types', answer('{"secret":"s3cret"}', 'Content-Type: text/plain\r\nContent-Type: application/json')],
    ['no type', answer('{"secret":"s3cret"}', 'X-A: 1')],
    ['a part of JSON', answer('{"secret":"s3cret"}', 'Content-Type: application/json\r\nContent-Range: bytes 0-18/100')],
  ])('%s is not one of them', async (_, upstream) => {
    rig.upstream.answerWith(upstream)
    const got = await call()
    expect(refusalOf(got)).toMatchObject({ status: 403, reason: 'cannot_hide' })
    expect(got).not.toContain('s3cret')
  })

  test('a picture passes byte for byte, with what its header says', async () => {
    rig.upstream.answerWith(answer('picture', 'Content-Type: image/png\r\nETag: "p"'))
    const got = await call()
    expect([statusOf(got), bodyOf(got)]).toEqual([200, 'picture'])
    expect(got).toMatch(/\r\nETag: "p"\r\n/i)
  })
})

describe('answers made to cost time', () => {
  const many = Array.from({ length: 50 }, (_, index) => `$[*].f${index}`)
  const hide = (rule: number): Obligation => ({ kind: 'hide', paths: many.map((path) => `${path}x${rule}`), other_answers: 'refuse' })
  const only = (rule: number): Obligation => ({ kind: 'only_fields', paths: ['$[*]', `$.r${rule}`], other_answers: 'refuse' })
  const transform = (body: string, obligations: readonly Obligation[]) => {
    const plan = planObligations(obligations)
    if (!plan.ok) throw new Error(plan.error)
    const result = transformAnswer(Buffer.from(body), { obligations: plan.value.answer, now: 0 })
    return result.ok ? 'shown' : result.error
  }
  /** Processor time, the least of three tries: other programs on the machine change little about it. */
  const costOf = (body: string, obligations: readonly Obligation[]): number =>
    Math.min(
      ...[1, 2, 3].map(() => {
        const before = process.cpuUsage()
        transform(body, obligations)
        return process.cpuUsage(before).user
      }),
    )

  test('half a million items under 200 shares of 50 places each cost little more than under one share', () => {
    const body = `[${'0,'.repeat(500_000)}0]`
    const shares = Array.from({ length: 200 }, (_, rule) => hide(rule))
    expect(transform(body, shares)).toBe('shown')
    expect(costOf(body, shares)).toBeLessThan(4 * costOf(body, [hide(0)]))
  })

  test('rounding and hiding go over it once, whatever the number of shares', () => {
    const body = `[${Array.from({ length: 20_000 }, (_, index) => `{"f${index % 60}":${index}}`).join(',')}]`
    const rounds = many.map((path, step): Obligation => ({ kind: 'round', path, of: 'number', step: step + 2 }))
    const shares = [...rounds, ...Array.from({ length: 200 }, (_, rule) => hide(rule))]
    expect(transform(body, shares)).toBe('shown')
    expect(costOf(body, shares)).toBeLessThan(10 * costOf(body, [...rounds.slice(0, 1), hide(0)]))
  })

  test('as many ways over as many values as there is time for, and one value more', () => {
    const ways = 8
    const items = TRANSFORM_MAX_VISITS / ways - 1
    const obligations = Array.from({ length: ways }, (_, rule) => only(rule))
    expect(transform(`[${'0,'.repeat(items - 1)}0]`, obligations)).toBe('shown')
    expect(transform(`[${'0,'.repeat(items)}0]`, obligations)).toBe('cannot_hide')
  })

  test('as deep as is looked through, and one level more', () => {
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
    expect(transform(nested(TRANSFORM_MAX_DEPTH + 1), [hide(1)])).toBe('shown')
    expect(transform(nested(TRANSFORM_MAX_DEPTH + 2), [hide(1)])).toBe('cannot_hide')
    expect(transform(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, [hide(1)])).toBe('cannot_hide')
  })
})

describe('uses', () => {
  test('50 at once under a limit of 10: ten go through, and the rest is told when to come back', async () => {
    await rules.share(rig, '    limit: 10 per hour\n')
    await rig.nonce()
    const bob = createBob(rig)
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => sendRaw(rig.origin, `GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n${bob.headers('GET', TUNING)}\r\n`, 5000)),
    )
    expect(answers.map(statusOf).sort()).toEqual([...Array<number>(10).fill(200), ...Array<number>(40).fill(429)])
    expect(rig.upstream.requests()).toBe(10)
    expect(answers.filter((text) => /\r\nretry-after: \d+\r\n/i.test(text))).toHaveLength(40)
  })

  test('another token, app, device or key of the same person is the same party; another person is not', async () => {
    await rules.enforce(
      rig,
      `shares:\n  - name: Anybody may read\n    who: [anyone-signed-in]\n    what: [${DEVICE}]\n    may: [read]\n    limit: 1 per hour\n`,
    )
    const permissions = [{ resource_id: 'res-0042', resource_scopes: ['read'] }]
    expect(statusOf(await rig.call(rig.caller({ sub: 'eve', email: 'eve@example.test', email_verified: true, permissions })))).toBe(200)
    for (const more of [{}, { client_id: 'app-2' }, { email: 'other@example.test' }])
      expect(refusalOf(await rig.call(rig.caller({ sub: 'eve', email: 'eve@example.test', email_verified: true, permissions, ...more })))).toMatchObject({
        reason: 'limit_reached',
      })
    expect(statusOf(await rig.call(rig.caller({ sub: 'fay', email: 'fay@example.test', email_verified: true, permissions })))).toBe(200)
  })

  test('what is not forwarded uses nothing up, and tells the owner nothing', async () => {
    await rules.share(rig, '    limit: 1 use\n    notify: true\n')
    const bob = createBob(rig)
    const upgraded = await rig.call(bob, 'GET', TUNING, { headers: 'Connection: Upgrade\r\nUpgrade: websocket\r\n' })
    expect(statusOf(upgraded)).toBe(501)
    expect(refusalOf(await rig.call(bob, 'GET', TUNING, { proof: { method: 'POST' } })).status).toBe(401)
    expect(statusOf(await rig.call(bob))).toBe(200)
    expect(JSON.parse(rig.audit.at(-1) ?? '')).toMatchObject({ outcome: 'allowed', notify: ['Bob may read'] })
    expect(refusalOf(await rig.call(bob))).toMatchObject({ status: 403, reason: 'limit_used_up' })
    const refused = JSON.parse(rig.audit.at(-1) ?? '') as object
    expect(refused).toMatchObject({ outcome: 'refused', reason: 'limit_used_up' })
    expect(refused).not.toHaveProperty('notify')
    expect(rig.audit.filter((line) => line.includes('"notify"'))).toHaveLength(1)
  })

  test('the owner is not limited', async () => {
    await rules.share(rig, '    limit: 1 per hour\n')
    for (let index = 0; index < 3; index += 1) expect(statusOf(await rig.call(rig.device))).toBe(200)
  })

  test('a stream that was let through without a limit ends when one is set', async () => {
    await rules.share(rig, '')
    rig.upstream.answerWith((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n'))
    await rig.nonce()
    const events = `/guitars/${DEVICE}/events`
    const client = await openRaw(rig.origin)
    client.send(`GET ${events} HTTP/1.1\r\nHost: ${rig.host}\r\n${createBob(rig).headers('GET', events)}\r\n`)
    await client.waitFor('\r\n\r\n1')
    await rules.share(rig, '    limit: 5 per hour\n')
    await client.waitForEnd(2000)
    await until(() => rig.audit.some((line) => line.includes('"cut"')))
  })
})

describe('purposes', () => {
  beforeAll(() => rules.share(rig, '    only: { purpose: [rehearsal] }\n'), 60_000)

  test.each([
    ['F01: by an alias', 'Latchkey_Purpose: rehearsal\r\n', 400],
    ['twice, the same', 'Latchkey-Purpose: rehearsal\r\nlatchkey-purpose: rehearsal\r\n', 400],
    ['a list', 'Latchkey-Purpose: rehearsal, sale\r\n', 400],
    ['with a line of JSON in it', 'Latchkey-Purpose: {"a":1}\r\n', 400],
    ['not ASCII', 'Latchkey-Purpose: r\xe9hearsal\r\n', 400],
    ['65 characters', `Latchkey-Purpose: ${'r'.repeat(65)}\r\n`, 400],
    ['64 characters, another purpose', `Latchkey-Purpose: ${'r'.repeat(64)}\r\n`, 403],
    ['in capitals, another purpose', 'Latchkey-Purpose: REHEARSAL\r\n', 403],
    ['none', '', 403],
    ['as it is', 'LATCHKEY-PURPOSE: rehearsal\r\n', 200],
  ])('%s', async (_, headers, status) => {
    expect(statusOf(await call('GET', headers))).toBe(status)
    expect(rig.upstream.received()).not.toMatch(/purpose|rehearsal/i)
    expect(rig.upstream.requests()).toBe(status === 200 ? 1 : 0)
  })
})
