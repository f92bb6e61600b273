// Hand-written Rego that reaches out, answers nonsense, or never ends (G02, G03, G07, G12, FA32): refused when it is built, or ended at its limits.
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { checkGuardrailDecision } from '../../../policies/guardrails/load-guardrails.ts'
import { buildHandWritten } from '../../../policies/hand-written/build-hand-written.ts'
import { PolicyFault } from '../../../policies/runtime/policy-fault.ts'
import { type ModuleRunner, startModuleRunner } from '../../../policies/runtime/worker/module-runner.ts'
import { KILLS_MAX } from '../../../policies/runtime/worker/runner-limits.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'
import { until } from '../../support/raw-socket.ts'
import { ALLOW, question, WITH_BOMBS } from '../../unit/policies/hand-written-rego.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

const compiler = createCompiler()
const running: ModuleRunner[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((runner) => runner.close()))
})
afterAll(() => compiler.close())

// More than the 50 ms of a sidecar, so that a busy machine does not end what is no bomb.
const LIMIT = 1_000
// Whichever limit comes first: nothing is given back during a decision, so that work costs memory too.
const ENDED = /no decision within|opa_malloc: failed/

const file = 'guard.rego'
const HEAD = 'package latchkey.sharing\n'
const BODY = `${HEAD}decision := ${ALLOW}\n`

async function compile(text: string): Promise<Uint8Array> {
  const wasm = await compiler.compile(text)
  if (!wasm.ok) throw new Error(JSON.stringify(wasm.error))
  return wasm.value
}

async function start(text: string, troubles: string[] = []): Promise<ModuleRunner> {
  const runner = await startModuleRunner({ wasm: await compile(text), decisionMilliseconds: LIMIT, onTrouble: (trouble) => troubles.push(trouble) })
  running.push(runner)
  return runner
}

describe('G02: what reaches outside is refused at its place in the author’s file', () => {
  test.each([
    'http.send({"method": "get", "url": "http://127.0.0.1/"})',
    'net.lookup_ip_addr("localhost")',
    'opa.runtime()',
    'rego.parse_module("a", "package a")',
    'trace("x")',
    'print("x")',
    'time.now_ns()',
    'io.jwt.decode("a.b.c")',
    'crypto.sha256("a")',
    'rand.intn("a", 10)',
    'regex.match("(a+)+$", input.scope)',
    'numbers.range(1, 1000000000)',
    'json.unmarshal(input.scope)',
    'sprintf("%v", [input])',
    'walk(input)',
  ])('%s', async (call) => {
    expect(await buildHandWritten({ text: `${BODY}\nx if {\n\ty := ${call}\n}\n`, file, compiler })).toMatchObject({
      ok: false,
      error: expect.arrayContaining([
        expect.objectContaining({ file, line: 5, code: 'compiler_refused', message: expect.stringContaining('undefined function') }),
      ]),
    })
  })

  test.each([
    { title: 'with over a builtin', rego: 'x if lower("A") == "b" with lower as "b"', line: 3, message: 'with is not allowed' },
    { title: 'with over the input', rego: 'x if input.a with input as {"a": 1}', line: 3, message: 'with is not allowed' },
    { title: 'with inside a function', rego: 'f(a) := [b | b := input.y with input as a]', line: 3, message: 'with is not allowed' },
    { title: 'an import of data', rego: 'import data.other', line: 3, message: 'import is not allowed' },
    { title: 'an import of input', rego: 'import input.party as p', line: 3, message: 'import is not allowed' },
    { title: 'data of another package', rego: 'x := data.other.secret', line: 3, message: 'only data.latchkey.sharing may be read' },
    { title: 'all data', rego: 'x := data', line: 3, message: 'only data.latchkey.sharing may be read' },
    { title: 'data by a computed name', rego: 'x := data[input.scope]', line: 3, message: 'only data.latchkey.sharing may be read' },
    { title: 'recursion', rego: 'f(a) := f(a)', line: 3, message: 'recursive' },
    { title: 'recursion through the decision', rego: 'x := decision\ndecision := x if input.scope == "a"', line: 3, message: 'recursive' },
    { title: 'a template', rego: 'x := $"{input.scope}"', line: 3, message: 'not supported' },
  ])('$title', async ({ rego, line, message }) => {
    const text = `${BODY}${rego}\n`
    expect(await buildHandWritten({ text, file, compiler })).toMatchObject({
      ok: false,
      error: expect.arrayContaining([expect.objectContaining({ file, line, message: expect.stringContaining(message) })]),
    })
  })

  test('another package', async () => {
    expect(await buildHandWritten({ text: 'package latchkey.sharing.inner\ndecision := 1\n', file, compiler })).toMatchObject({
      ok: false,
      error: [{ file, line: 1, message: 'the package must be latchkey.sharing' }],
    })
  })
})

describe('G02: texts made to break the compiler are refused, and it goes on', () => {
  test.each([
    { title: '1 MB', text: `${BODY}# ${'x'.repeat(1_000_000)}`, code: 'too_large' },
    { title: '100,000 brackets', text: `${BODY}x := ${'['.repeat(100_000)}`, code: 'too_large' },
    { title: '100,000 signs', text: `${BODY}x := ${'-'.repeat(100_000)}1`, code: 'compiler_refused' },
    { title: 'a name of 100,000 parts', text: `${BODY}x := input${'.a'.repeat(100_000)}`, code: 'compiler_failed' },
    { title: 'a NUL', text: `${BODY}x := "\0"`, code: 'compiler_refused' },
    { title: 'half of a surrogate pair', text: `${BODY}x := "\ud800"`, code: 'compiler_refused' },
  ])('$title', async ({ text, code }) => {
    const built = await buildHandWritten({ text, file, compiler })
    expect(built.ok ? [] : built.error.map((one) => [one.file, one.code])).toContainEqual([file, code])
    expect((await buildHandWritten({ text: WITH_BOMBS, file, compiler })).ok).toBe(true)
  })
})

describe('G03: an answer that is no decision is a fault, and again the next time', () => {
  test.each([
    { title: 'undefined', body: 'decision := 1 if input.scope == "never"' },
    { title: 'the word true', body: 'decision := "true"' },
    { title: 'one', body: 'decision := 1' },
    { title: 'null', body: 'decision := null' },
    { title: 'an empty object', body: 'decision := {}' },
    { title: 'a list', body: 'decision := []' },
    { title: 'two values at once', body: `decision := ${ALLOW} if input.scope == "play"\ndecision := 1 if input.scope == "play"` },
    { title: 'an unknown effect', body: 'decision := {"effect": "permit", "reasons": [{"code": "guardrail"}], "obligations": []}' },
    { title: 'a member __proto__', body: 'decision := {"__proto__": 1, "effect": "allow", "reasons": [{"code": "no_guardrail"}], "obligations": []}' },
  ])('$title', async ({ body }) => {
    const runner = await start(`${HEAD}${body}\n`)
    await expect(runner.evaluate(question('play'))).rejects.toThrow(PolicyFault)
    await expect(runner.evaluate(question('play'))).rejects.toThrow(PolicyFault)
  })

  test('an answer longer than any decision is a fault, and reaches nobody', async () => {
    const runner = await start(WITH_BOMBS)
    await expect(runner.evaluate(question('long-answer'))).rejects.toThrow('the result is too long')
    expect((await runner.evaluate(question('play'))).effect).toBe('allow')
  })

  test('as a guardrail it can only deny: to ask, or to allow under an obligation, is a fault', () => {
    const reasons = [{ code: 'no_guardrail' }] as const
    expect(() => checkGuardrailDecision({ effect: 'ask', reasons, obligations: [] })).toThrow(PolicyFault)
    expect(() => checkGuardrailDecision({ effect: 'allow', reasons, obligations: [{ kind: 'notify', rule: 'x' }] })).toThrow(PolicyFault)
    expect(checkGuardrailDecision({ effect: 'allow', reasons, obligations: [] }).effect).toBe('allow')
  })

  test('bytes that are no module, or a module of something else, cannot be started', async () => {
    await expect(startModuleRunner({ wasm: new Uint8Array([1, 2, 3]) })).rejects.toThrow('not a WebAssembly module')
    // The smallest module: its magic number and version.
    await expect(startModuleRunner({ wasm: new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]) })).rejects.toThrow('not usable')
  })

  test('a module that needs a builtin that is not offered cannot be started', async () => {
    const wasm = Buffer.from(await compile(`${HEAD}decision := time.weekday([1, input.scope])\n`))
    for (let at = wasm.indexOf('time.weekday'); at >= 0; at = wasm.indexOf('time.weekday', at + 1)) wasm.write('http.weekday', at, 'latin1')
    await expect(startModuleRunner({ wasm })).rejects.toThrow('a built-in that is not available: http.weekday')
  })
})

describe('G07: a bomb is ended at its limit', () => {
  test.each([
    { scope: 'slow', why: ENDED },
    { scope: 'joins', why: ENDED },
    { scope: 'sets', why: ENDED },
  ])('$scope: a fault for the one who asked, and the next question is answered', async ({ scope, why }) => {
    const troubles: string[] = []
    const runner = await start(WITH_BOMBS, troubles)
    await expect(runner.evaluate(question(scope))).rejects.toThrow(why)
    expect((await runner.evaluate(question('play'))).effect).toBe('allow')
    // The one who asked is answered before the thread is ended.
    await until(() => runner.kills() === 1, 10_000)
    expect(troubles).toHaveLength(1)
  })

  test('one that goes off for every question is refused when it is built', async () => {
    const tags = JSON.stringify(Array.from({ length: 100 }, (_, index) => index))
    const text = `${HEAD}tags := ${tags}\ndecision := ${ALLOW} if count({1 | some a in tags; some b in tags; some c in tags; some d in tags; a > b; c > d}) > -1\n`
    expect(await buildHandWritten({ text, file, compiler })).toMatchObject({
      ok: false,
      error: [{ file, code: 'probe_failed', message: expect.stringMatching(ENDED) }],
    })
  })

  test('a sidecar gives 50 ms, where nothing else is said', async () => {
    const runner = await startModuleRunner({ wasm: await compile(WITH_BOMBS) })
    running.push(runner)
    await expect(runner.evaluate(question('slow'))).rejects.toThrow('no decision within 50 ms')
  })

  test('those who wait behind bombs are answered by another thread, or told so within twice the limit', async () => {
    const runner = await start(WITH_BOMBS)
    const bombs = [runner.evaluate(question('slow')), runner.evaluate(question('slow'))].map((one) => one.catch((fault: Error) => fault.message))
    const started = performance.now()
    const others = await Promise.allSettled(Array.from({ length: 50 }, () => runner.evaluate(question('play'))))
    // The rest is room for a busy machine.
    expect(performance.now() - started).toBeLessThan(2 * LIMIT + 3_000)
    for (const other of others) if (other.status === 'rejected') expect(other.reason).toBeInstanceOf(PolicyFault)
    expect(await Promise.all(bombs)).toEqual([expect.stringMatching(ENDED), expect.stringMatching(ENDED)])
    expect((await runner.evaluate(question('play'), { patient: true })).effect).toBe('allow')
  })
})

describe('FA32: quarantine', () => {
  test('an answer that is late is a fault for the one who asked, but no kill: a busy machine does not end in quarantine', async () => {
    const troubles: string[] = []
    const options = { decisionMilliseconds: 2, graceMilliseconds: 30_000, onTrouble: (trouble: string) => troubles.push(trouble) }
    const runner = await startModuleRunner({ wasm: await compile(WITH_BOMBS), ...options })
    running.push(runner)
    for (let asked = 0; asked <= KILLS_MAX * 2; asked += 1) {
      await expect(runner.evaluate(question('late'), { patient: true })).rejects.toThrow('no decision within 2 ms')
    }
    expect([runner.kills(), runner.isQuarantined(), troubles]).toEqual([0, false, []])
    expect((await runner.evaluate(question('late'), { patient: true, milliseconds: 10_000 })).effect).toBe('deny')
  })

  test(`after ${KILLS_MAX} kills the module is given up: everything is a fault at once, and the operator is told once`, async () => {
    const troubles: string[] = []
    const runner = await start(WITH_BOMBS, troubles)
    for (let kill = 1; kill <= KILLS_MAX; kill += 1) {
      expect(runner.isQuarantined()).toBe(false)
      await expect(runner.evaluate(question('slow'), { patient: true })).rejects.toThrow(PolicyFault)
    }
    await until(() => runner.isQuarantined(), 10_000)
    const started = performance.now()
    await expect(runner.evaluate(question('play'))).rejects.toThrow('quarantined')
    expect(performance.now() - started).toBeLessThan(LIMIT)
    expect(troubles.filter((trouble) => trouble.startsWith('quarantined'))).toHaveLength(1)
    expect(runner.kills()).toBe(KILLS_MAX)
  })

  test('one that is late because it takes all the memory is a kill', async () => {
    const troubles: string[] = []
    const options = { decisionMilliseconds: 2, graceMilliseconds: 60_000, onTrouble: (trouble: string) => troubles.push(trouble) }
    const runner = await startModuleRunner({ wasm: await compile(WITH_BOMBS), ...options })
    running.push(runner)
    await expect(runner.evaluate(question('slow'))).rejects.toThrow('no decision within 2 ms')
    await until(() => runner.kills() === 1, 30_000)
    expect(troubles).toEqual([expect.stringContaining('opa_malloc: failed')])
    expect((await runner.evaluate(question('play'), { patient: true, milliseconds: 10_000 })).effect).toBe('allow')
  })

  test('loaded anew, it is asked again', async () => {
    const runner = await start(WITH_BOMBS)
    expect(runner.isQuarantined()).toBe(false)
    expect((await runner.evaluate(question('play'))).effect).toBe('allow')
  })
})

test.each(['__proto__', 'constructor', 'toString'])('G12: %s in a question is plain data', async (word) => {
  const runner = await start(`${HEAD}default decision := ${ALLOW}\ndecision := 1 if input.resource.attributes[input.scope]\n`)
  const { resource, ...rest } = question(word)
  expect((await runner.evaluate({ ...rest, resource })).effect).toBe('allow')
  const own = JSON.parse(`{${JSON.stringify(word)}: "own"}`)
  await expect(runner.evaluate({ ...rest, resource: { ...resource, attributes: own } })).rejects.toThrow(PolicyFault)
})
