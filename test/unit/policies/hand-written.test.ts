// Hand-written Rego from its text to its answers: what it may read, whom its diagnostics name, and what its thread does when all goes well.
import { afterAll, describe, expect, test, vi } from 'vitest'
import { buildPolicyFile, kindOfPolicyFile } from '../../../policies/build-policy-file.ts'
import { buildHandWritten } from '../../../policies/hand-written/build-hand-written.ts'
import { HAND_WRITTEN_MAX_BYTES, HAND_WRITTEN_MAX_DEPTH } from '../../../policies/hand-written/check-text.ts'
import { HOST_BUILTINS } from '../../../policies/runtime/host-builtins.ts'
import { PolicyFault } from '../../../policies/runtime/policy-fault.ts'
import { startModuleRunner } from '../../../policies/runtime/worker/module-runner.ts'
import { WAITING_MAX } from '../../../policies/runtime/worker/runner-limits.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'
import { rowInput } from './cases.ts'
import { ALLOW, DENY, question, WITH_BOMBS } from './hand-written-rego.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const compiler = createCompiler()
afterAll(() => compiler.close())

const file = 'operators/night.rego'
const HEAD = 'package latchkey.sharing\n'

async function start(text: string) {
  const built = await buildHandWritten({ text, file, compiler })
  if (!built.ok) throw new Error(JSON.stringify(built.error))
  // More than the 50 ms of a sidecar, so that a busy machine does not end what is no bomb.
  return startModuleRunner({ wasm: built.value.wasm, decisionMilliseconds: 2_000 })
}

test('it answers as it says, over every fact of the contract, local times included', async () => {
  const runner = await start(`${HEAD}
default decision := ${ALLOW}
local := [time.parse_rfc3339_ns(input.now), "Asia/Kathmandu"]
decision := ${DENY} if {
	time.weekday(local) == "Monday"
	time.clock(local) == [5, 45, 0]
	time.date(local) == [2026, 11, 23]
	net.cidr_contains("192.0.2.0/24", input.request.ip)
	input.resource.attributes.mode == "party"
	input.party.email == "bob@example.test"
	input.proof.method == "httpsig"
}
`)
  const row = {
    now: '2026-11-23T00:00:00.000Z',
    who: 'bob@example.test',
    proof: 'httpsig',
    attributes: { mode: 'party' },
    answer: 'deny',
    reasons: [],
  } as const
  expect(await runner.evaluate(rowInput(row))).toEqual({ effect: 'deny', reasons: [{ code: 'guardrail', rule: 'by hand' }], obligations: [] })
  expect(await runner.evaluate(rowInput({ ...row, now: '2026-11-23T00:00:01.000Z' }))).toMatchObject({ effect: 'allow' })
  expect(await runner.evaluate(rowInput({ ...row, proof: null }))).toMatchObject({ effect: 'allow' })
  await runner.close()
})

test('local times in the thread are those of the program, also in nights when clocks move', async () => {
  const zones = ['Europe/Paris', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/St_Johns', 'Africa/Casablanca', 'UTC']
  const hours = [
    '2026-03-29T00:59:59.999',
    '2026-03-29T01:00:00.000',
    '2026-10-25T00:30:00.000',
    '2026-11-01T05:59:59.000',
    '2028-02-29T23:59:59.999',
    '2026-12-31T23:30:00.000',
  ]
  const ask = (name: string, at: unknown) => HOST_BUILTINS[name]?.(at)
  const table = hours.flatMap((hour) =>
    zones.map((zone) => {
      const at = [Date.parse(`${hour}Z`) * 1_000_000, zone]
      return { now: `${hour}Z`, zone, clock: ask('time.clock', at), date: ask('time.date', at), weekday: ask('time.weekday', at) }
    }),
  )
  const runner = await start(`${HEAD}
default decision := ${ALLOW}
table := ${JSON.stringify(table)}
right contains row.zone if {
	some row in table
	row.now == input.now
	at := [time.parse_rfc3339_ns(input.now), row.zone]
	time.clock(at) == row.clock
	time.date(at) == row.date
	time.weekday(at) == row.weekday
}
decision := ${DENY} if count(right) == ${zones.length}
`)
  for (const hour of hours) expect([hour, (await runner.evaluate(rowInput({ now: `${hour}Z`, answer: 'deny', reasons: [] }))).effect]).toEqual([hour, 'deny'])
  await runner.close()
})

test('the same text gives the same module', async () => {
  const [one, two] = [await buildHandWritten({ text: WITH_BOMBS, file, compiler }), await buildHandWritten({ text: WITH_BOMBS, file, compiler })]
  expect(one.ok && two.ok && one.value.digest === two.value.digest).toBe(true)
})

test.each([
  { title: 'a mistake of grammar', text: `${HEAD}decision := ${ALLOW}\nx := {\n`, line: 4, column: 1, code: 'compiler_refused' },
  { title: 'an unknown function', text: `${HEAD}decision := ${ALLOW} if {\n\tstartwith(input.scope, "x")\n}\n`, line: 3, column: 2, code: 'compiler_refused' },
  { title: 'an unknown variable', text: `${HEAD}decision := ${ALLOW}\nx if y\n`, line: 3, column: 6, code: 'compiler_refused' },
  { title: 'no decision', text: `${HEAD}x := 1\n`, line: 1, column: 1, code: 'compiler_refused' },
  { title: 'a decision that is a function', text: `${HEAD}default decision(_) := 1\n`, line: 1, column: 1, code: 'compiler_refused' },
  { title: 'nothing', text: '', line: 1, column: 1, code: 'compiler_refused' },
  { title: 'only comments', text: '# nothing yet\r\n\n', line: 1, column: 1, code: 'compiler_refused' },
])('$title: the diagnostic names the author’s own file and the place in it', async ({ text, line, column, code }) => {
  const built = await buildHandWritten({ text, file, compiler })
  const [first] = built.ok ? [] : built.error
  expect(first).toMatchObject({ file, line, column, code })
  expect(built.ok ? [] : built.error.filter((one) => one.message.includes('policy.rego'))).toEqual([])
})

test.each([
  { title: 'is undefined', text: `${HEAD}decision := ${ALLOW} if input.scope == "x"\n`, why: 'no single result' },
  { title: 'is no decision', text: `${HEAD}decision := true\n`, why: 'the decision is not an object' },
  {
    title: 'has a reason of its own',
    text: `${HEAD}decision := {"effect": "deny", "reasons": [{"code": "because"}], "obligations": []}\n`,
    why: 'unknown code',
  },
])('a file whose answer $title is refused when it is built', async ({ text, why }) => {
  expect(await buildHandWritten({ text, file, compiler })).toMatchObject({
    ok: false,
    error: [{ file, line: 1, column: 1, code: 'probe_failed', message: expect.stringContaining(why) }],
  })
})

describe('both edges of the limits of the text', () => {
  const body = `${HEAD}decision := ${ALLOW}\n`
  const nested = (depth: number) => `${body}x := ${'['.repeat(depth)}1${']'.repeat(depth)}\n`
  test('as long as allowed, and one byte more', async () => {
    const filled = (bytes: number) => `${body}#${'x'.repeat(bytes - Buffer.byteLength(body) - 1)}`
    expect((await buildHandWritten({ text: filled(HAND_WRITTEN_MAX_BYTES), file, compiler })).ok).toBe(true)
    expect(await buildHandWritten({ text: filled(HAND_WRITTEN_MAX_BYTES + 1), file, compiler })).toMatchObject({ ok: false, error: [{ code: 'too_large' }] })
  })
  test('as deep as allowed, and one deeper; brackets in texts and comments do not count', async () => {
    expect((await buildHandWritten({ text: nested(HAND_WRITTEN_MAX_DEPTH), file, compiler })).ok).toBe(true)
    expect(await buildHandWritten({ text: nested(HAND_WRITTEN_MAX_DEPTH + 1), file, compiler })).toMatchObject({
      ok: false,
      error: [{ file, line: 3, column: 6 + HAND_WRITTEN_MAX_DEPTH, code: 'too_large' }],
    })
    const quoted = `${body}x := "${'['.repeat(100)}\\"${'['.repeat(100)}"\ny := \`${'{'.repeat(100)}\`\n# ${'('.repeat(100)}\n`
    expect((await buildHandWritten({ text: quoted, file, compiler })).ok).toBe(true)
  })
})

test.each([
  { file: 'a.rego', text: 'package latchkey.sharing', kind: 'hand_written' },
  { file: 'a.yaml', text: 'version: 1\nguardrails: []\n', kind: 'guardrails' },
  { file: 'a.yaml', text: 'version: 1\nshares: []\n', kind: 'shares' },
  { file: 'a.yaml', text: 'version: 1\nshares: []\nguardrails: []\n', kind: 'shares' },
  { file: 'a.yaml', text: 'guardrails: [', kind: 'shares' },
  { file: 'a.yaml', text: '', kind: 'shares' },
  { file: 'a.yaml', text: '[guardrails]', kind: 'shares' },
])('$file with $text is taken for $kind', ({ file: name, text, kind }) => {
  expect(kindOfPolicyFile({ file: name, text })).toBe(kind)
})

test('one function builds all three kinds', async () => {
  const now = 0
  const kinds = [
    { file: 'a.rego', text: WITH_BOMBS },
    { file: 'a.yaml', text: 'version: 1\nguardrails:\n  - { name: G, what: [everything], may: [play] }\n' },
    { file: 'b.yaml', text: 'version: 1\nshares: []\n' },
  ]
  const built = await Promise.all(kinds.map((one) => buildPolicyFile({ ...one, now, compiler })))
  expect(built.map((one) => one.ok && one.value.kind)).toEqual(['hand_written', 'guardrails', 'shares'])
  expect(new Set(built.map((one) => one.ok && one.value.digest)).size).toBe(3)
})

describe('the thread', () => {
  test('questions asked at once are answered each with its own decision', async () => {
    const runner = await start(WITH_BOMBS)
    const scopes = Array.from({ length: 200 }, (_, index) => (index % 3 === 0 ? 'forbidden' : 'play'))
    const answers = await Promise.all(scopes.map((scope) => runner.evaluate(question(scope))))
    expect(answers.map(({ effect }) => effect)).toEqual(scopes.map((scope) => (scope === 'forbidden' ? 'deny' : 'allow')))
    await runner.close()
  })

  test('the queue is bounded: those beyond it are faults at once, the others are answered', async () => {
    const runner = await start(WITH_BOMBS)
    const asked = await Promise.allSettled(Array.from({ length: WAITING_MAX + 10 }, () => runner.evaluate(question('play'))))
    const answered = asked.filter(({ status }) => status === 'fulfilled').length
    expect(answered).toBe(WAITING_MAX + 2)
    await runner.close()
  })

  test('patient questions have a queue of their own', async () => {
    const runner = await start(WITH_BOMBS)
    const patient = Array.from({ length: WAITING_MAX * 4 }, () => runner.evaluate(question('play'), { patient: true }))
    expect((await runner.evaluate(question('forbidden'))).effect).toBe('deny')
    expect((await Promise.all(patient)).every(({ effect }) => effect === 'allow')).toBe(true)
    await runner.close()
  })

  test('an input that is none is a fault, and the next question is answered', async () => {
    const runner = await start(WITH_BOMBS)
    await expect(runner.evaluate({ ...question('play'), now: 'today' })).rejects.toThrow(PolicyFault)
    expect((await runner.evaluate(question('play'))).effect).toBe('allow')
    await runner.close()
  })

  test('a closed runner answers with faults, also those who wait', async () => {
    const runner = await start(WITH_BOMBS)
    const waiting = Promise.allSettled(Array.from({ length: 20 }, () => runner.evaluate(question('slow'))))
    await runner.close()
    expect((await waiting).every(({ status }) => status === 'rejected')).toBe(true)
    await expect(runner.evaluate(question('play'))).rejects.toThrow('the module is closed')
  })
})
