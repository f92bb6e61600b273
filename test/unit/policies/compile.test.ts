// The compiler's worker: one text after the other, ended when idle, ended at its limit, and back afterwards.
import { expect, test, vi } from 'vitest'
import { createCompiler } from '../../../policies/wasm/compile.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const SMALL = 'package latchkey.sharing\ndecision := 1\n'
/** Takes the compiler longer than one look at its clock. */
const LARGE = `${SMALL}${Array.from({ length: 3000 }, (_, rule) => `grants["thing-${rule}"] contains ${rule} if input.scope == "s${rule}"\n`).join('')}`

test('texts sent at once are each answered with their own module', async () => {
  const compiler = createCompiler()
  const answers = await Promise.all([1, 2, 3].map((value) => compiler.compile(`package latchkey.sharing\ndecision := "answer-${value}"\n`)))
  await compiler.close()
  expect(answers.map((answer) => answer.ok && [1, 2, 3].filter((value) => Buffer.from(answer.value).includes(`answer-${value}`)))).toEqual([[1], [2], [3]])
})

test('TR32: rules that take too long to compile are refused with limit and remedy, and the next ones are compiled', async () => {
  const compiler = createCompiler({ cpuMilliseconds: -1 })
  expect(await compiler.compile(LARGE)).toMatchObject({
    ok: false,
    error: [{ code: 'too_large', message: expect.stringMatching(/more than -1 ms of processor time, which is the limit for one module\. Use fewer rules/) }],
  })
  expect(await compiler.compile(LARGE)).toMatchObject({ ok: false })
  await compiler.close()
  const patient = createCompiler()
  expect((await patient.compile(SMALL)).ok).toBe(true)
  await patient.close()
})

test('an idle worker ends, and the next text starts another', async () => {
  const compiler = createCompiler({ idleMilliseconds: 1 })
  expect((await compiler.compile(SMALL)).ok).toBe(true)
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect((await compiler.compile(SMALL)).ok).toBe(true)
  await compiler.close()
})

test('a closed compiler answers with a diagnostic', async () => {
  const compiler = createCompiler()
  const waiting = compiler.compile(SMALL)
  await compiler.close()
  expect(await waiting).toMatchObject({ ok: false, error: [{ code: 'compiler_failed' }] })
  expect(await compiler.compile(SMALL)).toMatchObject({
    ok: false,
    error: [{ code: 'compiler_failed', message: expect.stringContaining('The compiler is closed') }],
  })
})
