// TR66: hand-written Rego does not fail open. A builtin that fails is a fault, which denies, wherever it stands; one that works answers as before.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { buildHandWritten } from '../../../policies/hand-written/build-hand-written.ts'
import { HOST_BUILTINS } from '../../../policies/runtime/host-builtins.ts'
import { PolicyFault } from '../../../policies/runtime/policy-fault.ts'
import { FALLIBLE_BUILTINS, makeBuiltinsStrict } from '../../../policies/runtime/strict-builtins.ts'
import { type ModuleRunner, startModuleRunner } from '../../../policies/runtime/worker/module-runner.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'
import { ALLOW, DENY, question } from '../../unit/policies/hand-written-rego.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const compiler = createCompiler()
const runners: ModuleRunner[] = []
afterAll(async () => {
  await Promise.all(runners.map((runner) => runner.close()))
  await compiler.close()
})

const file = 'operators/night.rego'
const HEAD = 'package latchkey.sharing\n'

/** A guardrail that allows unless its rule fires; the rule is only looked at for the ability "go", so that it passes the probes. */
const guard = (body: string) => `${HEAD}default decision := ${ALLOW}\ndecision := ${DENY} if {\n\tinput.scope == "go"\n\t${body}\n}\n`

async function start(text: string, wasm?: Uint8Array): Promise<ModuleRunner> {
  const built = await buildHandWritten({ text, file, compiler })
  if (!built.ok) throw new Error(JSON.stringify(built.error))
  const runner = await startModuleRunner({ wasm: wasm ?? built.value.wasm, decisionMilliseconds: 10_000 })
  runners.push(runner)
  return runner
}

/** For each builtin that can fail: calls that do. `input.resource.tags` is a list of texts, `input.now` a text, `input.nothing` absent. */
const FAILING: Readonly<Record<string, readonly string[]>> = {
  'array.concat': ['array.concat(input.now, [1]) == []', 'array.concat([1], input.now) == []'],
  concat: ['concat(",", input.now) == ""', 'concat(input.resource.tags, ["a"]) == ""', 'concat(",", [input.resource.tags]) == ""'],
  count: ['count(input.party.email_verified) == 0', 'count(input.party.acr) == 0'],
  endswith: ['endswith(input.resource.tags, "x")', 'endswith("x", input.resource.tags)'],
  lower: ['lower(input.resource.tags) == ""', 'lower(input.party.acr) == "::1"'],
  minus: ['input.now - 1 == 0', '1 - input.now == 0', '{1} - input.now == {1}'],
  mul: ['input.now * 2 == 0', '2 * input.resource.tags == 0'],
  'net.cidr_contains': [
    'net.cidr_contains("192.0.2.0/24", input.party.acr)',
    'net.cidr_contains(input.now, "192.0.2.1")',
    'net.cidr_contains("not a network", "192.0.2.1")',
    'net.cidr_contains("192.0.2.0/33", "192.0.2.1")',
  ],
  or: ['{1} | input.now == {1}', 'input.resource.tags | {1} == {1}'],
  plus: ['input.now + 1 == 0', '1 + input.resource.tags == 0'],
  sort: ['sort(input.now) == []', 'sort(input.party.email_verified) == []'],
  trim_prefix: ['trim_prefix(input.resource.tags, "x") == ""', 'trim_prefix("x", input.resource.tags) == ""'],
  upper: ['upper(input.party.acr) == ""', 'upper(input.resource.tags) == ""'],
  'time.clock': ['time.clock(input.now)[0] == 1', 'time.clock([1, "Mars/Olympus"])[0] == 1'],
  'time.date': ['time.date([input.now, "UTC"])[0] == 1'],
  'time.parse_rfc3339_ns': ['time.parse_rfc3339_ns("yesterday") > 0', 'time.parse_rfc3339_ns(input.resource.tags) > 0'],
  'time.weekday': ['time.weekday(input.now) == "Monday"'],
}

describe('a failing builtin', () => {
  test.each(Object.values(FAILING).flat())('TR66: %s is a fault, and the next question is answered', async (call) => {
    const runner = await start(guard(call))
    await expect(runner.evaluate(question('go'))).rejects.toThrow(PolicyFault)
    expect(await runner.evaluate(question('other'))).toMatchObject({ effect: 'allow' })
    await expect(runner.evaluate(question('go'))).rejects.toThrow(PolicyFault)
  })

  test.each([
    { place: 'a helper rule', text: `${guard('helper')}helper if lower(input.party.acr) == "x"\n` },
    { place: 'a function', text: `${guard('f(input.party.acr) == "x"')}f(x) := lower(x)\n` },
    { place: 'a negation', text: guard('not lower(input.party.acr) == "x"') },
    { place: 'a comprehension', text: guard('count([x | x := lower(input.party.acr)]) > 0') },
    { place: 'every', text: guard('every tag in input.resource.tags { lower(input.party.acr) == tag }') },
    { place: 'some', text: guard('some tag in input.resource.tags\n\ttag == lower(input.party.acr)') },
    { place: 'a partial set', text: `${guard('count(names) > 0')}names contains lower(input.party.acr)\n` },
    { place: 'a partial object', text: `${guard('names.a == 1')}names[lower(input.party.acr)] := 1\n` },
    { place: 'a default of another rule', text: `${guard('level > 1')}default level := 0\nlevel := count(input.party.acr)\n` },
    { place: 'an else', text: `${guard('level > 1')}level := 2 if { input.scope == "never" } else := count(input.party.acr)\n` },
    {
      place: 'the head of the decision',
      text: `${HEAD}default decision := ${ALLOW}\ndecision := ${DENY.replace('"by hand"', 'lower(input.party.acr)')} if input.scope == "go"\n`,
    },
    { place: 'an index', text: guard('input.resource.tags[count(input.party.acr)] == "x"') },
  ])('TR66: in $place it is a fault', async ({ text }) => {
    const runner = await start(text)
    await expect(runner.evaluate(question('go'))).rejects.toThrow(/built-in function failed/)
    expect(await runner.evaluate(question('other'))).toMatchObject({ effect: 'allow' })
  })

  test('TR66: a module that was built before is made strict when it is loaded', async () => {
    const text = guard('lower(input.party.acr) == "x"')
    const compiled = await compiler.compile(text)
    const runner = await start(text, compiled.ok ? compiled.value : undefined)
    await expect(runner.evaluate(question('go'))).rejects.toThrow(/built-in function failed/)
  })

  test('TR66: a file whose rule fails for a request of nobody is refused with the remedy', async () => {
    const built = await buildHandWritten({
      text: `${HEAD}default decision := ${ALLOW}\ndecision := ${DENY} if lower(input.party.acr) == "x"\n`,
      file,
      compiler,
    })
    expect(built).toMatchObject({ ok: false, error: [{ file, code: 'probe_failed', message: expect.stringMatching(/wrong type.*Test the operand first/) }] })
  })

  test('TR66: a module without the names of its functions is refused', () => {
    const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
    expect(() => makeBuiltinsStrict(empty)).toThrow(/does not name its functions/)
  })
})

describe('a builtin that works', () => {
  test.each([
    'array.concat([1], [2]) == [1, 2]',
    'concat(",", ["a", "b"]) == "a,b"',
    'count(input.resource.tags) == 100',
    'count("abc") == 3',
    'endswith("abc", "bc")',
    'lower("ABC") == "abc"',
    '3 - 2 == 1',
    '{1, 2} - {2} == {1}',
    '1 - 1 == 0',
    '2 * 0 == 0',
    'not net.cidr_contains("192.0.2.0/24", "198.51.100.1")',
    'net.cidr_contains("2001:db8::/32", "2001:db8::1")',
    '{1} | {2} == {1, 2}',
    '1 + 1 == 2',
    'sort([2, 1]) == [1, 2]',
    'trim_prefix("abc", "a") == "bc"',
    'upper("abc") == "ABC"',
    'count([]) == 0',
    'count({}) == 0',
    'not is_string(input.party.acr)',
    'not input.nothing.at.all == lower("x")',
  ])('TR66: %s holds', async (call) => {
    const runner = await start(guard(call))
    expect(await runner.evaluate(question('go'))).toMatchObject({ effect: 'deny' })
  })

  test('TR66: a test of the type before it keeps a rule from failing', async () => {
    const runner = await start(
      `${HEAD}default decision := ${ALLOW}\ndecision := ${DENY} if {\n\tis_string(input.party.acr)\n\tlower(input.party.acr) == "x"\n}\n`,
    )
    expect(await runner.evaluate(question('go'))).toMatchObject({ effect: 'allow' })
  })
})

test('TR66: making a module strict twice changes nothing', async () => {
  const compiled = await compiler.compile(guard('lower("A") == "a"'))
  const once = makeBuiltinsStrict(compiled.ok ? compiled.value : new Uint8Array())
  expect(makeBuiltinsStrict(once)).toBe(once)
})

test('TR66: every builtin that may be used is known to be fallible, or to take any value', () => {
  const allowed: readonly string[] = JSON.parse(readFileSync(join(import.meta.dirname, '../../../policies/wasm/compiler/builtins.json'), 'utf8'))
  const takesAnyValue = /^(assign|eq|equal|neq|gt|gte|lt|lte|internal\.member_[23]|is_\w+)$/
  const known = [...Object.keys(FALLIBLE_BUILTINS), ...Object.keys(HOST_BUILTINS)]
  expect(allowed.filter((name) => !takesAnyValue.test(name)).sort()).toEqual(known.sort())
  expect(Object.keys(FAILING).sort()).toEqual(known)
})
