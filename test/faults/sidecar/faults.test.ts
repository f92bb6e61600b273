// FA rows of the attack list: what is missing or broken makes the sidecar say no in time, and never say yes by mistake.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { FeedEntry } from '../../../protocol/feed/messages.ts'
import { openRaw, sendRaw, statusOf, until } from '../../support/raw-socket.ts'
import { DEVICE, OWNER, RESOURCE, type RigOptions, refusalOf, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

let rig: SidecarRig
afterEach(() => rig.close())
const start = async (options?: RigOptions): Promise<void> => {
  rig = await startRig(options)
}

const TUNING = `/guitars/${DEVICE}/tuning`
const NOTES = `/guitars/${DEVICE}/notes`
const RECORDING = `/guitars/${DEVICE}/recording`
const REVOKED: FeedEntry = { kind: 'device', id: DEVICE, status: 'revoked', owner: OWNER, epoch: 1 }
const stateFile = () => join(rig.dataDirectory, 'feed-state.json')

describe('the feed', () => {
  test('FA02: without a word from the authz server, all calls are refused at the limit, and not before', async () => {
    await start({ config: { feed: { max_age_seconds: 60 } } })
    rig.issuer.mode = 'down'
    rig.issuer.endStreams()
    rig.skew += 55
    expect(statusOf(await rig.call(rig.device))).toBe(200)
    rig.upstream.clear()
    rig.skew += 8
    expect(rig.sidecar.isReady()).toBe(false)
    for (let index = 0; index < 20; index += 1) expect(refusalOf(await rig.call(rig.device))).toMatchObject({ status: 503, reason: 'not_ready' })
    expect(statusOf(await sendRaw(rig.adminOrigin, 'GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'))).toBe(503)
    expect(rig.upstream.received()).toBe('')
  })

  test('FA02: what was open when the limit came is ended', async () => {
    await start({ config: { feed: { max_age_seconds: 60 } } })
    rig.upstream.answerWith((socket) => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n'))
    await rig.nonce()
    const client = await openRaw(rig.origin)
    client.send(`GET /guitars/${DEVICE}/events HTTP/1.1\r\nHost: ${rig.host}\r\n${rig.device.headers('GET', `/guitars/${DEVICE}/events`)}\r\n`)
    await client.waitFor('\r\n\r\n1')
    rig.issuer.mode = 'down'
    rig.issuer.endStreams()
    rig.skew += 70
    await client.waitForEnd(1500)
  })

  test('FA05: an old word told again does not look new', async () => {
    await start({ config: { feed: { max_age_seconds: 60 } } })
    rig.issuer.beats = false
    const old = rig.issuer.message({ kind: 'heartbeat' })
    rig.skew += 70
    for (let index = 0; index < 5; index += 1) rig.issuer.sendEvent(old)
    expect(refusalOf(await rig.call(rig.device)).reason).toBe('not_ready')
    rig.issuer.beat()
    await until(async () => statusOf(await rig.call(rig.device)) === 200)
  })

  test('the last good state carries a start without the authz server, revocations included', async () => {
    await start()
    const caller = rig.caller({ sub: OWNER, scope: 'read' })
    rig.issuer.change({ kind: 'revocation', of: 'token', id: 'gone', expires_at: 9_999_999_999 })
    const revoked = rig.caller({ sub: OWNER, scope: 'read', jti: 'gone' })
    await until(() => existsSync(stateFile()) && (JSON.parse(readFileSync(stateFile(), 'utf8')) as { changes: string[] }).changes.length === 1)
    rig.issuer.mode = 'down'
    await rig.restart()
    await rig.sidecar.whenReady()
    expect(statusOf(await rig.call(caller))).toBe(200)
    expect(refusalOf(await rig.call(revoked)).reason).toBe('token_revoked')
  })

  test('a state file that somebody changed is not believed', async () => {
    await start()
    await until(() => existsSync(stateFile()))
    rig.issuer.mode = 'down'
    await rig.sidecar.close()
    const stored = JSON.parse(readFileSync(stateFile(), 'utf8')) as { snapshot: string }
    const [header, payload = '', signature] = stored.snapshot.split('.')
    const changed = Buffer.from(payload, 'base64url').toString().replaceAll(OWNER, 'person-mallory')
    writeFileSync(stateFile(), JSON.stringify({ ...stored, snapshot: `${header}.${Buffer.from(changed).toString('base64url')}.${signature}` }))
    await rig.restart()
    expect(rig.sidecar.isReady()).toBe(false)
    expect(refusalOf(await rig.call(rig.device)).reason).toBe('not_ready')
    expect(rig.notices.some((notice) => notice.includes("not written with this sidecar's key"))).toBe(true)
  })

  test.each([
    [
      'of another key',
      async () =>
        (await import('../../../protocol/jws.ts')).signJws((await import('../../support/issuer-fixture.ts')).createTestKey(), {
          typ: 'latchkey-feed+jwt',
          payload: {},
        }),
    ],
    [
      'for another sidecar',
      async () => rig.issuer.message({ aud: 'http://other', previous: rig.issuer.revision, revision: rig.issuer.revision + 1, entries: [REVOKED] }),
    ],
    [
      'of another issuer',
      async () => rig.issuer.message({ iss: 'http://other', previous: rig.issuer.revision, revision: rig.issuer.revision + 1, entries: [REVOKED] }),
    ],
    ['that goes back', async () => rig.issuer.message({ kind: 'snapshot', revision: 0, previous: 0, entries: [REVOKED] })],
    [
      'with an entry of an unknown kind',
      async () => rig.issuer.message({ previous: rig.issuer.revision, revision: rig.issuer.revision + 1, entries: [{ kind: 'surprise' } as never] }),
    ],
    ['that is an access token', async () => rig.device.token],
  ])('a message %s changes nothing, and the feed goes on by itself', async (_, message) => {
    await start()
    rig.issuer.sendEvent(await message())
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(statusOf(await rig.call(rig.device))).toBe(200)
    await until(() => rig.issuer.openStreams() > 0)
    rig.issuer.change(REVOKED)
    await until(async () => refusalOf(await rig.call(rig.device)).reason === 'device_revoked')
  })

  test('a gap in the stream is closed by a snapshot', async () => {
    await start()
    rig.issuer.entries.push(REVOKED)
    rig.issuer.revision += 2
    rig.issuer.sendEvent(rig.issuer.message({ previous: rig.issuer.revision - 1, entries: [] }))
    await until(async () => refusalOf(await rig.call(rig.device)).reason === 'device_revoked')
  })

  test('a new signing key is learnt from the old one, without asking for keys again', async () => {
    await start()
    const asked = rig.issuer.counts.get('/jwks')
    rig.issuer.rotateKey()
    const caller = rig.caller({ sub: OWNER, scope: 'read' })
    await until(async () => statusOf(await rig.call(caller)) === 200)
    rig.issuer.change(REVOKED)
    await until(async () => refusalOf(await rig.call(rig.device)).reason === 'device_revoked')
    expect(rig.issuer.counts.get('/jwks')).toBe(asked)
  })
})

describe('tickets', () => {
  test('FA03: an authz server that hangs costs a caller a second at most, then nothing', async () => {
    await start()
    rig.issuer.mode = 'hang'
    const ask = () => sendRaw(rig.origin, `GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n\r\n`, 3000)
    const answer = await ask() // which waits for 3 s at most
    expect(refusalOf(answer)).toMatchObject({ status: 403, error: 'authz_server_unreachable' })
    expect(answer).toMatch(/warning: 199 - "UMA Authorization Server Unreachable"/i)
    await Promise.all(Array.from({ length: 5 }, ask))
    const asked = rig.issuer.counts.get('/permission')
    expect(statusOf(await ask())).toBe(403)
    expect(rig.issuer.counts.get('/permission')).toBe(asked)
    expect(statusOf(await rig.call(rig.device))).toBe(200)
  }, 15_000)

  test('one network cannot have tickets without end', async () => {
    await start()
    const ask = () => sendRaw(rig.origin, `GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n\r\n`)
    let answer = ''
    for (let index = 0; index < 80; index += 1) answer = await ask()
    expect(answer).not.toMatch(/UMA/)
    expect(statusOf(answer)).toBe(401)
    expect(rig.issuer.counts.get('/permission')).toBeLessThan(75)
    expect(statusOf(await rig.call(rig.device))).toBe(200)
  })
})

describe('the upstream', () => {
  const limits = { answer_seconds: 1, idle_seconds: 2, request_seconds: 2 }

  test('FA14: an upstream that does not respond is 504 at the limit', async () => {
    await start({ config: { limits } })
    rig.upstream.answerWith(() => undefined)
    await rig.nonce()
    const begun = performance.now()
    const answer = await sendRaw(rig.origin, `GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n${rig.device.headers('GET', TUNING)}\r\n`, 3000)
    expect(performance.now() - begun).toBeGreaterThan(900)
    expect(refusalOf(answer)).toMatchObject({ status: 504, reason: 'upstream_timeout' })
  })

  test.each([
    ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'],
    ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ])('FA15: an upstream that stops halfway, %s: the connection breaks, the body never looks whole', async (_, head) => {
    await start({ config: { limits } })
    rig.upstream.answerWith((socket) => socket.write(head))
    await rig.nonce()
    const client = await openRaw(rig.origin)
    client.send(`GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n${rig.device.headers('GET', TUNING)}\r\n`)
    expect(await client.waitForEnd(6000)).not.toContain('\r\n0\r\n')
  })

  test.each([
    ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'],
    ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ])('FA15: an upstream that breaks off halfway, %s', async (_, head) => {
    await start()
    rig.upstream.answerWith((socket) => socket.write(head, () => setTimeout(() => socket.destroy(), 50)))
    await rig.nonce()
    const client = await openRaw(rig.origin)
    client.send(`GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n${rig.device.headers('GET', TUNING)}\r\n`)
    const answer = await client.waitForEnd(2000)
    expect(answer).not.toContain('\r\n0\r\n')
    await until(() => rig.audit.some((line) => line.includes('"outcome":"failed"')))
  })

  test('FA16: a closed port is 502, soon', async () => {
    await start({ upstream: 'http://127.0.0.1:9' })
    const begun = performance.now()
    expect(refusalOf(await rig.call(rig.device))).toMatchObject({ status: 502, reason: 'upstream_unreachable' })
    expect(refusalOf(await rig.call(rig.device, 'POST', NOTES, { body: '{}' }))).toMatchObject({ status: 502 })
    expect(performance.now() - begun).toBeLessThan(5000)
  })

  test('FA16: a reset is 502; a POST is never sent twice', async () => {
    await start()
    expect(statusOf(await rig.call(rig.device))).toBe(200)
    rig.upstream.clear()
    rig.upstream.answerWith((socket) => socket.resetAndDestroy())
    expect(statusOf(await rig.call(rig.device, 'POST', NOTES, { body: '{}' }))).toBe(502)
    expect(rig.upstream.requests()).toBe(1)
  })

  test('FA16: a GET on a connection that had been used is tried once more; never after a byte of an answer, never on a new one', async () => {
    await start()
    expect(statusOf(await rig.call(rig.device))).toBe(200)
    rig.upstream.clear()
    let requests = 0
    rig.upstream.answerWith((socket) => {
      requests += 1
      if (requests === 1) socket.destroy()
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
    expect(statusOf(await rig.call(rig.device))).toBe(200)
    expect(requests).toBe(2)

    rig.upstream.clear()
    rig.upstream.answerWith((socket) => socket.write('HTTP/1.1 2', () => socket.destroy()))
    expect(statusOf(await rig.call(rig.device))).toBe(502)
    expect(rig.upstream.requests()).toBe(1)

    rig.upstream.clear()
    rig.upstream.answerWith((socket) => socket.destroy())
    expect(statusOf(await rig.call(rig.device))).toBe(502)
    expect(rig.upstream.requests()).toBe(1)
  })

  test.each([
    ['a switch that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'],
    ['status 099', 'HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n'],
    ['status 999', 'HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n'],
    ['garbage', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
    ['a head of 64 KB', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(65_536)}\r\nContent-Length: 0\r\n\r\n`],
  ])('%s is 502, and the connection is not used again', async (_, answer) => {
    await start()
    rig.upstream.answerWith(answer)
    expect(statusOf(await rig.call(rig.device))).toBe(502)
    rig.upstream.clear()
    expect(statusOf(await rig.call(rig.device))).toBe(200)
  })

  test('interim answers stay between the upstream and the sidecar', async () => {
    await start()
    rig.upstream.answerWith('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    const answer = await rig.call(rig.device)
    expect(statusOf(answer)).toBe(200)
    expect(answer).not.toContain('Early Hints')
  })
})

describe('big and slow', () => {
  test('Q07, FA22: a large upload streams through: same bytes, little memory', async () => {
    await start()
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const count = 1600
    let seen = 0
    const hash = createHash('sha256')
    const note = (bytes: Buffer): void => {
      seen += bytes.length
      hash.update(bytes)
    }
    rig.upstream.answerWith((socket) => {
      // What came with the head has been recorded; what follows is only counted.
      note(Buffer.from(rig.upstream.received().split('\r\n\r\n')[1] ?? '', 'latin1'))
      socket.removeAllListeners('data')
      socket.on('data', (bytes) => {
        note(bytes)
        if (seen === chunk.length * count) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      })
    })
    await rig.nonce()
    const client = await openRaw(rig.origin)
    const before = process.memoryUsage().rss
    let most = 0
    client.send(`PUT ${RECORDING} HTTP/1.1\r\nHost: ${rig.host}\r\n${rig.device.headers('PUT', RECORDING)}Content-Length: ${chunk.length * count}\r\n\r\n`)
    await new Promise((resolve) => setTimeout(resolve, 100))
    for (let index = 0; index < count; index += 1) {
      if (!client.socket.write(chunk)) await new Promise((resolve) => client.socket.once('drain', resolve))
      most = Math.max(most, process.memoryUsage().rss)
    }
    await client.waitFor('HTTP/1.1 200', 10_000)
    expect(hash.digest('hex')).toBe(
      createHash('sha256')
        .update(Buffer.alloc(chunk.length * count, 'x'))
        .digest('hex'),
    )
    expect(most - before).toBeLessThan(64 * 1024 * 1024)
    client.close()
  }, 30_000)

  test('Q02: a body that trickles is ended at the limit of its route', async () => {
    await start({ config: { limits: { answer_seconds: 10, idle_seconds: 10, request_seconds: 1 } } })
    const carriers: Socket[] = []
    rig.upstream.answerWith((socket) => {
      carriers.push(socket)
    })
    await rig.nonce()
    const clients = await Promise.all(Array.from({ length: 50 }, () => openRaw(rig.origin)))
    for (const client of clients)
      client.send(`POST ${NOTES} HTTP/1.1\r\nHost: ${rig.host}\r\n${rig.device.headers('POST', NOTES)}Content-Length: 1000\r\n\r\nx`)
    const drip = setInterval(() => {
      for (const client of clients) if (!client.isEnded()) client.send('x')
    }, 200)
    const answers = await Promise.all(clients.map((client) => client.waitForEnd(4000)))
    clearInterval(drip)
    expect(new Set(answers.map(statusOf))).toEqual(new Set([408]))
    expect(carriers).toHaveLength(50)
    await until(() => carriers.every((socket) => socket.destroyed))
  })

  test('Q09: clients that leave in the middle leave nothing behind', async () => {
    await start()
    rig.upstream.answerWith((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nbegin'))
    await rig.nonce()
    for (let round = 0; round < 10; round += 1) {
      const clients = await Promise.all(Array.from({ length: 30 }, () => openRaw(rig.origin)))
      clients.forEach((client, index) => {
        if (index % 2 === 0) client.send(`GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n${rig.device.headers('GET', TUNING)}\r\n`)
        else client.send(`PUT ${RECORDING} HTTP/1.1\r\nHost: ${rig.host}\r\n${rig.device.headers('PUT', RECORDING)}Content-Length: 1000\r\n\r\npart`)
      })
      await until(() => clients.filter((client) => client.received().includes('200 OK')).length >= 15)
      for (const client of clients) client.close()
    }
    await until(
      () => rig.upstream.open() === 0,
      5000,
      () => `${rig.upstream.open()} upstream connections are still open`,
    )
    await until(async () => (await (await fetch(`${rig.adminOrigin}/metrics`)).text()).includes('open_forwards 0'))
  }, 30_000)

  test('Q01: a connection that says nothing, or says it slowly, is closed', async () => {
    await start()
    const silent = await openRaw(rig.origin)
    const slow = await openRaw(rig.origin)
    slow.send(`GET ${TUNING} HTTP/1.1\r\n`)
    const drip = setInterval(() => !slow.isEnded() && slow.send('X'), 2000)
    await Promise.all([silent.waitForEnd(15_000), slow.waitForEnd(15_000)])
    clearInterval(drip)
  }, 20_000)

  test('Q04: heads past the limits', async () => {
    await start()
    const get = (path: string, lines: string) => sendRaw(rig.origin, `GET ${path} HTTP/1.1\r\nHost: ${rig.host}\r\n${lines}\r\n`)
    expect(statusOf(await get(TUNING, `X-A: ${'a'.repeat(16_384)}\r\n`))).toBe(431)
    expect(statusOf(await get(TUNING, 'X-A: 1\r\n'.repeat(100)))).toBe(431)
    expect(statusOf(await get(TUNING, 'X-A: 1\r\n'.repeat(99)))).toBe(401)
    expect(statusOf(await get(`/${'a'.repeat(8191)}`, ''))).toBe(404)
    expect(statusOf(await get(`/${'a'.repeat(8192)}`, ''))).toBe(414)
  })
})

test('FA31: a stop lets what is in flight finish, is not ready at once, and takes nobody new', async () => {
  await start()
  rig.upstream.answerWith((socket) => setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), 700))
  await rig.nonce()
  const clients = await Promise.all(Array.from({ length: 100 }, () => openRaw(rig.origin)))
  for (const client of clients) client.send(`GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n${rig.device.headers('GET', TUNING)}\r\n`)
  await until(() => rig.upstream.requests() === 100)
  const stopped = rig.sidecar.close()
  expect(rig.sidecar.isReady()).toBe(false)
  await expect(openRaw(rig.origin)).rejects.toThrow()
  const answers = await Promise.all(clients.map((client) => client.waitForEnd(5000)))
  expect(answers.filter((answer) => statusOf(answer) === 200 && answer.endsWith('ok'))).toHaveLength(100)
  await stopped
  await rig.restart()
})

test('a resource that is removed, or goes to another owner, is gone for its callers', async () => {
  await start()
  rig.issuer.change({ kind: 'resource_removed', id: RESOURCE })
  await until(async () => refusalOf(await rig.call(rig.device)).reason === 'permission_needed')
})
