// TR17: the API's own credential goes to the API alone: a caller can neither replace, repeat, remove nor see it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { statusOf } from '../../support/raw-socket.ts'
import { DEVICE, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

const TUNING = `/guitars/${DEVICE}/tuning`
const CREDENTIAL = 'Bearer s3cret-of-the-api'

let current = ['Authorization', CREDENTIAL, 'X-Api-Key', 'k3y-of-the-api']
let rig: SidecarRig
beforeAll(async () => {
  rig = await startRig({ ports: { upstreamHeaders: () => current } })
})
afterAll(() => rig.close())
beforeEach(() => {
  rig.upstream.clear()
  rig.audit.length = 0
})

const valuesOf = (name: string): string[] => [...rig.upstream.received().matchAll(new RegExp(`^${name}: (.*)\r$`, 'gim'))].map(([, value = '']) => value)

describe('TR17: each request to the API carries each field exactly once', () => {
  test.each([
    ['none of the caller’s', ''],
    ['a field of the caller’s by that name', 'X-Api-Key: of-the-caller\r\n'],
    ['the same in another case, twice', 'x-api-key: of-the-caller\r\nX-API-KEY: of-the-caller\r\n'],
    ['a Connection field that names it', 'Connection: close, X-Api-Key\r\n'],
  ])('TR17: %s', async (_, headers) => {
    expect(statusOf(await rig.call(rig.device, 'GET', TUNING, { headers }))).toBe(200)
    expect(valuesOf('Authorization')).toEqual([CREDENTIAL])
    expect(valuesOf('X-Api-Key')).toEqual(['k3y-of-the-api'])
    expect(rig.upstream.received()).not.toContain('of-the-caller')
  })
  test('TR17: with a body too', async () => {
    expect(statusOf(await rig.call(rig.device, 'POST', `/guitars/${DEVICE}/notes`, { body: '{}' }))).toBe(200)
    expect(valuesOf('Authorization')).toEqual([CREDENTIAL])
  })
})

test('TR17: it is in no log, no notice, no metric and no refusal, whatever the API answers', async () => {
  const answers = [
    await rig.call(rig.device),
    await rig.call(rig.device, 'GET', '/admin'),
    await rig.call(rig.device, 'GET', '/nowhere'),
    await rig.call(rig.device, 'GET', TUNING, { headers: 'X-Api-Key: x\r\n' }),
  ]
  rig.upstream.answerWith('HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer realm="api"\r\nContent-Length: 0\r\n\r\n')
  answers.push(await rig.call(rig.device))
  rig.upstream.answerWith('NOT HTTP\r\n\r\n')
  answers.push(await rig.call(rig.device))
  rig.upstream.answerWith((socket) => socket.destroy())
  answers.push(await rig.call(rig.device))
  expect(answers.map(statusOf)).toEqual([200, 403, 404, 200, 401, 502, 502])
  const metrics = await (await fetch(`${rig.adminOrigin}/metrics`)).text()
  for (const text of [...answers, ...rig.audit, ...rig.notices, metrics]) expect(text).not.toMatch(/s3cret|k3y-of/)
})

test('TR17: what a reload has read is used from the next request on', async () => {
  const before = current
  current = ['Authorization', 'Bearer rotated']
  try {
    expect(statusOf(await rig.call(rig.device, 'GET', TUNING, { headers: 'X-Api-Key: of-the-caller\r\n' }))).toBe(200)
    expect(valuesOf('Authorization')).toEqual(['Bearer rotated'])
    expect(valuesOf('X-Api-Key')).toEqual(['of-the-caller'])
  } finally {
    current = before
  }
})
