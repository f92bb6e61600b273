// FA32: callers who set off a bomb in the operator's hand-written Rego, among others who do not. The others stay served or refused at once; the file is named.
import { afterAll, expect, test, vi } from 'vitest'
import { buildHandWritten } from '../../../policies/hand-written/build-hand-written.ts'
import { DECISION_MILLISECONDS, KILLS_MAX } from '../../../policies/runtime/worker/runner-limits.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'
import { loadGuardrailModules } from '../../../sidecar/guardrails/load-guardrail-modules.ts'
import { sendRaw, statusOf, until } from '../../support/raw-socket.ts'
import { DEVICE, refusalOf, startRig } from '../../support/sidecar-rig.ts'
import { ALLOW } from '../../unit/policies/hand-written-rego.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

const compiler = createCompiler()
afterAll(() => compiler.close())

// Goes off for one path: for the ability that only its route needs.
const BOMB = `package latchkey.sharing

default decision := ${ALLOW}

numbers contains n if some n in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]

decision := ${ALLOW.replace('no_guardrail', 'guardrail')} if {
	input.scope == "play"
	count({1 |
		some a in numbers
		some b in numbers
		some c in numbers
		some d in numbers
		some e in numbers
		some f in numbers
		a + b + c + d + e + f < 0
	}) > 0
}
`

// More than the usual 50 ms, so that a busy machine does not end what is no bomb.
const LIMIT = 500
const PATH = 'operators/night.wasm'

async function startWithBomb(decisionMilliseconds: number) {
  const built = await buildHandWritten({ text: BOMB, file: 'night.rego', compiler })
  if (!built.ok) throw new Error(JSON.stringify(built.error))
  const notices: string[] = []
  const guardrails = await loadGuardrailModules({
    rules: undefined,
    handWritten: { path: PATH, bytes: built.value.wasm },
    decisionMilliseconds,
    notice: (text) => notices.push(text),
  })
  return { notices, rig: await startRig({ ports: { guardrails } }) }
}

test('FA32, G07: a bomb is 403 at its limit; the next request is served, and the operator reads which file', async () => {
  const { rig, notices } = await startWithBomb(LIMIT)
  const started = performance.now()
  expect(refusalOf(await rig.call(rig.device, 'POST', `/guitars/${DEVICE}/notes`, { body: 'x' }))).toMatchObject({ status: 403, reason: 'guardrail_denied' })
  expect(performance.now() - started).toBeLessThan(LIMIT + 3_000)
  expect(JSON.parse(rig.audit.at(-1) ?? '{}')).toMatchObject({ reason: 'guardrail_fault' })
  expect(rig.upstream.received()).toBe('')
  expect(statusOf(await rig.call(rig.device))).toBe(200)
  await until(() => notices.length > 0, 10_000)
  // Whichever limit comes first, of time or of memory.
  expect(notices).toEqual([
    expect.stringMatching(/^guardrails\.hand_written: operators\/night\.wasm: a decision was terminated: (no decision within|.*opa_malloc)/),
  ])
  await rig.close()
})

test('FA32: with one bomb in ten requests all are answered, and after too many the file is quarantined: 403 at once', async () => {
  const { rig, notices } = await startWithBomb(DECISION_MILLISECONDS)
  await rig.nonce()
  const waits: number[] = []
  const answers = await Promise.all(
    Array.from({ length: 300 }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 4))
      const isBomb = index % 10 === 5
      const path = isBomb ? `/guitars/${DEVICE}/notes` : `/guitars/${DEVICE}/tuning`
      const began = performance.now()
      const method = isBomb ? 'POST' : 'GET'
      const framing = isBomb ? 'Content-Length: 1\r\n\r\nx' : '\r\n'
      const text = `${method} ${path} HTTP/1.1\r\nHost: ${rig.host}\r\n${rig.device.headers(method, path)}${framing}`
      // One nonce for all of them; a busy machine may take its time.
      const answer = await sendRaw(rig.origin, text, 20_000)
      if (!isBomb) waits.push(performance.now() - began)
      return { isBomb, status: statusOf(answer) }
    }),
  )
  expect(answers.filter(({ isBomb, status }) => isBomb && status !== 403)).toEqual([])
  // 0: under way when the file was given up, and cut.
  expect(answers.filter(({ status }) => ![200, 403, 0].includes(status))).toEqual([])
  expect(answers.filter(({ status }) => status === 0).length).toBeLessThanOrEqual(rig.audit.filter((line) => line.includes('"outcome":"cut"')).length)
  // 82 ms were measured where nothing else ran; a test machine is busy.
  const sorted = waits.sort((a, b) => a - b)
  expect(sorted[Math.floor(sorted.length * 0.99)]).toBeLessThan(10_000)
  await until(() => notices.some((text) => text.includes(`${PATH}: quarantined: ${KILLS_MAX} decisions`)))
  const began = performance.now()
  expect(refusalOf(await rig.call(rig.device))).toMatchObject({ status: 403, reason: 'guardrail_denied' })
  expect(performance.now() - began).toBeLessThan(3_000)
  expect(await (await fetch(`${rig.adminOrigin}/metrics`)).text()).toMatch(/guardrail_quarantined 1\n/)
  await rig.close()
})
