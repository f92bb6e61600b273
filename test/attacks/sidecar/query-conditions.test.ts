// TR69: the query decides about the ability, the thing, and whether a request goes on at all; nothing that can be read in two ways reaches the API.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RouteConfig } from '../../../sidecar/resources/route-table.ts'
import { statusOf } from '../../support/raw-socket.ts'
import { DEVICE, refusalOf, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

const control = { method: 'POST', path: '/control', resource: '{id}' } as const
const ROUTES: readonly RouteConfig[] = [
  { method: 'GET', path: '/guitars/{id}/tuning', resource: '{id}', scope: 'read' },
  { ...control, scope: 'play', query: { cmd: { one_of: ['play', 'stop'] }, device: { bind: 'id' }, _method: { forbid: true } } },
  { ...control, scope: 'admin', query: { cmd: { one_of: ['erase'] }, device: { bind: 'id' }, _method: { forbid: true } } },
]

let rig: SidecarRig
beforeAll(async () => {
  rig = await startRig({ config: { routes: ROUTES } })
})
afterAll(() => rig.close())
beforeEach(() => {
  rig.upstream.clear()
  rig.audit.length = 0
})

const post = (query: string): Promise<string> => rig.call(rig.device, 'POST', `/control${query}`, { body: '{}' })

test('TR69: the query goes up as it came, and the log names the route that was judged', async () => {
  expect(statusOf(await post(`?x=1&device=${DEVICE}&cmd=%70lay`))).toBe(200)
  expect(rig.upstream.received()).toContain(`POST /control?x=1&device=${DEVICE}&cmd=%70lay HTTP/1.1`)
  expect(rig.audit.at(-1)).toContain('"route":"POST /control?cmd=play|stop&device={id}&!_method"')
  expect(rig.audit.at(-1)).not.toContain('%70lay')
})

test('TR69: another value needs another ability', async () => {
  expect(refusalOf(await post(`?device=${DEVICE}&cmd=erase`))).toMatchObject({ status: 403, error: 'insufficient_scope' })
  expect(rig.upstream.received()).toBe('')
})

test('TR69: another thing is another thing', async () => {
  expect(refusalOf(await post('?device=guitar-0043&cmd=play'))).toMatchObject({ status: 401, reason: 'permission_needed' })
  expect(rig.upstream.received()).toBe('')
})

describe('TR69: refused before anything is asked', () => {
  test.each([
    ['', 'query_not_allowed'],
    [`?device=${DEVICE}`, 'query_not_allowed'],
    [`?device=${DEVICE}&cmd=tune`, 'query_not_allowed'],
    [`?device=${DEVICE}&cmd=play&_method=DELETE`, 'query_not_allowed'],
    [`?device=${DEVICE}&cmd=play&_METHOD=DELETE`, 'query_ambiguous'],
    [`?device=${DEVICE}&cmd=play&cmd=erase`, 'query_ambiguous'],
    [`?device=${DEVICE}&cmd=play&CMD=erase`, 'query_ambiguous'],
    [`?device=${DEVICE}&cmd=play&cmd[]=erase`, 'query_ambiguous'],
    [`?device=${DEVICE}&cmd=play;cmd=erase`, 'query_ambiguous'],
    [`?device=${DEVICE}&device=guitar-0043&cmd=play`, 'query_ambiguous'],
  ])('TR69: %s', async (query, reason) => {
    const answer = await post(query)
    expect(refusalOf(answer)).toEqual({ status: 400, error: 'invalid_request', reason })
    expect(rig.audit.at(-1)).toContain(`"reason":"${reason}"`)
    expect(rig.upstream.received()).toBe('')
  })
})
