// TR28: a sidecar takes over routes, trusted proxies and guardrails while requests are under way, and cuts none of them.
import { afterEach, expect, test } from 'vitest'
import type { GuardrailModules, HandWrittenModule } from '../../../sidecar/ports.ts'
import { openRaw, sendRaw, statusOf, until } from '../../support/raw-socket.ts'
import { DEVICE, type ROUTES, refusalOf, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

const TUNING = `/guitars/${DEVICE}/tuning`
const STATE = `/guitars/${DEVICE}/state`
const ALLOW = { effect: 'allow', reasons: [], obligations: [] } as const
const DENY = { effect: 'deny', reasons: [{ code: 'guardrail' }], obligations: [] } as const

let rig: SidecarRig
afterEach(() => rig.close())

function createModule(evaluate: HandWrittenModule['evaluate']): HandWrittenModule & { isClosed: boolean } {
  const module = {
    evaluate,
    kills: () => 0,
    isQuarantined: () => false,
    isClosed: false,
    async close() {
      module.isClosed = true
    },
  }
  return module
}

test('TR28: a new route is served at once, an old one is gone, and an answer under way is completed', async () => {
  rig = await startRig()
  let finish: () => void = () => undefined
  rig.upstream.answerWith((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst')
    finish = () => socket.write('later')
  })
  await rig.nonce()
  const client = await openRaw(rig.origin)
  client.send(`GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n${rig.device.headers('GET', TUNING)}\r\n`)
  await client.waitFor('first')
  const routes = [{ method: 'GET', path: '/guitars/{id}/state', resource: '{id}', scope: 'read' }] as typeof ROUTES
  rig.sidecar.reload({ ...rig.config, routes }, { guardrails: {} })
  finish()
  await client.waitFor('firstlater')
  client.close()
  rig.upstream.clear()
  expect(statusOf(await rig.call(rig.device, 'GET', STATE))).toBe(200)
  expect(refusalOf(await rig.call(rig.device))).toMatchObject({ status: 404 })
})

test('TR28: trusted proxies are believed from the reload on', async () => {
  rig = await startRig()
  const ask = () => sendRaw(rig.origin, `GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n`)
  await ask()
  rig.sidecar.reload({ ...rig.config, trusted_proxies: ['127.0.0.1'] }, { guardrails: {} })
  await ask()
  expect(rig.audit.map((line) => (JSON.parse(line) as { ip: string }).ip)).toEqual(['127.0.0.1', '203.0.113.7'])
})

test('TR28: a decision that began with the old guardrails ends with them; then they are closed', async () => {
  let answerOld: (decision: typeof ALLOW) => void = () => undefined
  let isAsked = false
  const answer = new Promise<typeof ALLOW>((resolve) => {
    answerOld = resolve
  })
  const old = createModule(() => {
    isAsked = true
    return answer
  })
  const guardrails: GuardrailModules = { handWritten: old }
  rig = await startRig({ ports: { guardrails } })
  const first = rig.call(rig.device)
  await until(() => isAsked)
  rig.sidecar.reload(rig.config, { guardrails: { handWritten: createModule(() => Promise.resolve(DENY as never)) } })
  expect(old.isClosed).toBe(false)
  expect(refusalOf(await rig.call(rig.device))).toMatchObject({ status: 403 })
  answerOld(ALLOW)
  expect(statusOf(await first)).toBe(200)
  await until(() => old.isClosed)
})

test('TR28: a certificate that cannot be used changes nothing else either', async () => {
  rig = await startRig()
  const routes = [{ method: 'GET', path: '/other', resource: 'x', scope: 'read' }] as typeof ROUTES
  expect(() => rig.sidecar.reload({ ...rig.config, routes }, { guardrails: {}, tls: { certificate: 'none', key: 'none' } })).toThrow()
  expect(statusOf(await rig.call(rig.device))).toBe(200)
})
