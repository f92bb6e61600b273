// RFC 9110 where the sidecar is a hop: Max-Forwards, Via, Date, Allow.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sendRaw, statusOf } from '../support/raw-socket.ts'
import { DEVICE, ROUTES, type SidecarRig, startRig } from '../support/sidecar-rig.ts'

let rig: SidecarRig
const TUNING = `/guitars/${DEVICE}/tuning`
beforeAll(async () => {
  rig = await startRig({ config: { routes: [...ROUTES, { method: 'OPTIONS', path: '/guitars/{id}/tuning', resource: '{id}', scope: 'read' }] } })
})
afterAll(() => rig.close())
beforeEach(() => rig.upstream.clear())

describe('TR16: Max-Forwards, RFC 9110 7.6.2', () => {
  const ask = (method: string, value: string) => rig.call(rig.device, method, TUNING, { headers: `Max-Forwards: ${value}\r\n` })

  test.each(['0', '00', '0 '])('TR16: OPTIONS with %j is answered here', async (value) => {
    const answer = await ask('OPTIONS', value)
    expect(statusOf(answer)).toBe(204)
    expect(answer).toMatch(/\r\nallow: GET, HEAD, DELETE, OPTIONS\r\n/i)
    expect(rig.upstream.received()).toBe('')
  })
  test('TR16: and not without credentials', async () => {
    expect(statusOf(await sendRaw(rig.origin, `OPTIONS ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\nMax-Forwards: 0\r\n\r\n`))).toBe(401)
  })
  test.each([
    ['1', '0'],
    ['10', '9'],
    ['x', 'x'],
    ['-1', '-1'],
    ['9999999999999', '9999999999999'],
  ])('TR16: OPTIONS with %s goes up with %s', async (value, next) => {
    expect(statusOf(await ask('OPTIONS', value))).toBe(200)
    expect(rig.upstream.received()).toContain(`\r\nMax-Forwards: ${next}\r\n`)
  })
  test.each(['GET', 'DELETE'])('TR16: %s is not concerned', async (method) => {
    expect(statusOf(await ask(method, '0'))).toBe(200)
    expect(rig.upstream.received()).toContain('\r\nMax-Forwards: 0\r\n')
  })
})

describe('TR16: Via, RFC 9110 7.6.3', () => {
  test('TR16: names this hop', async () => {
    await rig.call(rig.device)
    expect(rig.upstream.received().match(/\r\nVia: .*\r\n/gi)).toEqual(['\r\nVia: 1.1 latchkey\r\n'])
  })
  test('TR16: after those before it', async () => {
    await rig.call(rig.device, 'GET', TUNING, { headers: 'Via: 1.0 fred\r\nvia: 1.1 p.example\r\n' })
    expect(rig.upstream.received().match(/\r\nVia: .*\r\n/gi)).toEqual(['\r\nVia: 1.0 fred, 1.1 p.example, 1.1 latchkey\r\n'])
  })
})

describe('TR16: Date, RFC 9110 6.6.1', () => {
  test('TR16: is added where the upstream has none', async () => {
    expect((await rig.call(rig.device)).match(/\r\ndate: .* GMT\r\n/gi)).toHaveLength(1)
  })
  test('TR16: is the upstream’s where there is one', async () => {
    rig.upstream.answerWith('HTTP/1.1 200 OK\r\nDATE: Mon, 23 Nov 2026 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n')
    expect((await rig.call(rig.device)).match(/\r\ndate: .*\r\n/gi)).toEqual(['\r\nDATE: Mon, 23 Nov 2026 00:00:00 GMT\r\n'])
  })
})

describe('TR16: 405 comes with Allow, RFC 9110 15.5.6', () => {
  test.each([
    ['a method that is not routed', 'PATCH', TUNING, /\r\nallow: GET, HEAD, DELETE, OPTIONS\r\n/i],
    ['a method that is never forwarded', 'TRACE', TUNING, /\r\nallow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n/i],
    ['CONNECT', 'CONNECT', 'x.example:443', /\r\nallow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n/i],
  ])('TR16: %s', async (_, method, target, allow) => {
    const answer = await sendRaw(rig.origin, `${method} ${target} HTTP/1.1\r\nHost: ${rig.host}\r\n\r\n`)
    expect(statusOf(answer)).toBe(405)
    expect(answer).toMatch(allow)
  })
})
