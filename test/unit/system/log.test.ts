// TR30: one format for both programs, states once each way, and challenges only for those who look for them.
import { Writable } from 'node:stream'
import { afterEach, describe, expect, test } from 'vitest'
import { createAuthzServerState, createFeedState, createUpstreamState, logOf, watchSink } from '../../../sidecar/logging.ts'
import { createBreaker } from '../../../sidecar/uma/breaker.ts'
import { createLog, createStateLog, type LeveledLog, LOG_LEVELS, loggedReload } from '../../../system/log.ts'

let lines: string[] = []
afterEach(() => {
  lines = []
})
const openLog = (program = 'sidecar', level?: (typeof LOG_LEVELS)[number]): LeveledLog =>
  createLog({ program, ...(level === undefined ? {} : { level }), destination: { write: (line) => void lines.push(line) } })
const events = () => lines.map((line) => (JSON.parse(line) as { event: string }).event)

describe('TR30: a line', () => {
  test.each(LOG_LEVELS)('TR30: at level %s it has level, time in milliseconds, program and event', (level) => {
    openLog('authz-server', 'debug')[level]('something', { reason: 'a_reason' })
    const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>
    expect(line).toEqual({
      level,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      program: 'authz-server',
      event: 'something',
      reason: 'a_reason',
    })
    expect(lines[0]).toMatch(/^\{.*\}\n$/)
  })

  test.each([
    { level: undefined, expected: ['info', 'warn', 'error'] },
    { level: 'debug', expected: ['debug', 'info', 'warn', 'error'] },
    { level: 'warn', expected: ['warn', 'error'] },
    { level: 'error', expected: ['error'] },
  ] as const)('TR30: log_level $level', ({ level, expected }) => {
    const log = openLog('sidecar', level)
    for (const name of LOG_LEVELS) log[name](name)
    expect(events()).toEqual(expected)
  })

  test('TR30: the level can change while the program runs, and secrets are left out', () => {
    const log = openLog()
    log.debug('unseen')
    log.setLevel('debug')
    log.debug('seen', { token: 'secret', authorization: 'secret' })
    expect(events()).toEqual(['seen'])
    expect(lines.join('')).not.toContain('secret"')
    expect(lines.join('')).toContain('[hidden]')
  })

  test('TR30: a reader that is gone ends nothing', async () => {
    const gone = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EIO')) })
    const log = createLog({ program: 'sidecar', destination: gone })
    log.info('one')
    await new Promise((resolve) => setImmediate(resolve))
    log.info('two')
  })
})

describe('TR30: states', () => {
  test('TR30: lost and back, once each, however often they are noticed', () => {
    const state = createStateLog(openLog(), { lost: 'lost', back: 'back' })
    for (const step of ['back', 'lost', 'lost', 'lost', 'back', 'back', 'lost', 'back'] as const) state[step]()
    expect(events()).toEqual(['lost', 'back', 'lost', 'back'])
  })

  test.each([
    { title: 'feed', create: createFeedState, expected: ['feed_lost', 'feed_back'] },
    { title: 'authz server', create: createAuthzServerState, expected: ['authz_server_unreachable', 'authz_server_back'] },
  ])('TR30: $title', ({ create, expected }) => {
    const state = create(openLog())
    state.lost()
    state.back()
    expect(events()).toEqual(expected)
  })

  test('TR30: the upstream, by what happened to requests', () => {
    const note = createUpstreamState(openLog())
    const base = { requestId: 'r', at: 0 as never, peer: { address: '' as const, kind: 'client' as const } }
    const failed = { ...base, forwarded: true as const, reason: 'upstream_unreachable' as const, status: 502 }
    const served = { ...base, forwarded: true as const, status: 200 }
    for (const record of [served, failed, failed, { ...base, reason: 'no_token' as const, status: 401 }, served, served]) note(record)
    expect(events()).toEqual(['upstream_unreachable', 'upstream_back'])
  })

  test('TR30: audit lines that are lost', () => {
    let isTaking = true
    const sink = watchSink(() => isTaking, openLog())
    for (const taking of [true, false, false, true]) {
      isTaking = taking
      sink('line')
    }
    expect(events()).toEqual(['audit_lines_lost', 'audit_lines_written_again'])
  })

  test('TR30: a breaker says when it opens, and when it is closed again', async () => {
    let now = 0
    const breaker = createBreaker(() => now, createAuthzServerState(openLog()))
    const fail = () => breaker.run(() => Promise.reject(new Error('away')))
    for (let turn = 0; turn < 8; turn += 1) await fail()
    now += 6000
    await fail()
    now += 6000
    await breaker.run(() => Promise.resolve(1))
    expect(events()).toEqual(['authz_server_unreachable', 'authz_server_back'])
  })

  test('TR30: without a log, states are notices', () => {
    const notices: string[] = []
    logOf({ notice: (text) => notices.push(text) }).warn('feed_lost', { cause: 'the stream ended' })
    expect(notices).toEqual(['feed_lost: the stream ended'])
  })
})

test.each([
  { title: 'done', reload: () => Promise.resolve(), expected: { level: 'info', event: 'reloaded' } },
  { title: 'refused', reload: () => Promise.reject(new Error('why')), expected: { level: 'error', event: 'reload_refused', cause: 'why' } },
])('TR28: a reload that was $title is logged, and never throws', async ({ reload, expected }) => {
  await loggedReload(reload, openLog())()
  expect(JSON.parse(lines[0] ?? '')).toMatchObject(expected)
})
