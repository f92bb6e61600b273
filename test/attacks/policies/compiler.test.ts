// What the compiler refuses of Rego (G02). Owners cannot write Rego yet; the compiler itself must hold when somebody can.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { HOST_BUILTINS } from '../../../policies/runtime/host-builtins.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const compiler = createCompiler()
afterAll(() => compiler.close())

const ALLOWED: readonly string[] = JSON.parse(readFileSync(join(import.meta.dirname, '../../../policies/wasm/compiler/builtins.json'), 'utf8'))

const FORBIDDEN = [
  'http.send({"method": "get", "url": "http://127.0.0.1/"})',
  'net.lookup_ip_addr("localhost")',
  'opa.runtime()',
  'io.jwt.decode("a.b.c")',
  'io.jwt.decode_verify("a.b.c", {})',
  'rego.parse_module("a", "package a")',
  'rego.metadata.chain()',
  'trace("x")',
  'print("x")',
  'time.now_ns()',
  'rand.intn("a", 10)',
  'uuid.rfc4122("a")',
  'crypto.x509.parse_certificates("a")',
  'regex.match("(a+)+$", input.scope)',
  'glob.match("**", [], input.scope)',
  'numbers.range(1, 1000000000)',
  'json.unmarshal(input.scope)',
  'walk(input)',
  'sprintf("%v", [input])',
  'strings.render_template("{{.}}", {})',
  'graphql.parse("a", "b")',
  'yaml.unmarshal("a")',
]

test.each(FORBIDDEN)('G02: %s is refused with its place', async (call) => {
  const refused = await compiler.compile(`package latchkey.sharing\n\ndecision := ${call}\n`)
  expect(refused).toMatchObject({
    ok: false,
    error: [{ line: 3, column: 13, code: 'compiler_refused', message: expect.stringContaining('undefined function') }],
  })
})

test.each([
  { title: 'with, over a builtin', rego: 'decision := 1 if { lower("A") == "b" with lower as "b" }', message: 'with is not allowed' },
  { title: 'with, over the input', rego: 'decision := 1 if { input.x == 1 with input as {"x": 1} }', message: 'with is not allowed' },
  { title: 'with, inside a comprehension', rego: 'decision := [x | x := input.y with input as {"y": 1}]', message: 'with is not allowed' },
  { title: 'data of another package', rego: 'decision := data.other.secret', message: 'only data.latchkey.sharing may be read' },
  { title: 'all data', rego: 'decision := data', message: 'only data.latchkey.sharing may be read' },
  { title: 'data by a computed name', rego: 'decision := data[input.scope]', message: 'only data.latchkey.sharing may be read' },
])('G02: $title is refused', async ({ rego, message }) => {
  const refused = await compiler.compile(`package latchkey.sharing\n${rego}\n`)
  expect(refused).toMatchObject({ ok: false, error: expect.arrayContaining([expect.objectContaining({ line: 2, message })]) })
})

test('G02: another package, and an import, are refused', async () => {
  expect(await compiler.compile('package other\ndecision := 1\n')).toMatchObject({ ok: false, error: [{ message: 'the package must be latchkey.sharing' }] })
  const imported = await compiler.compile('package latchkey.sharing\nimport data.other\ndecision := other.x\n')
  expect(imported).toMatchObject({ ok: false, error: [{ line: 2, message: 'import is not allowed' }] })
})

test('G02: the allow-list holds nothing that reaches outside, and every host builtin of it is offered', () => {
  const outside = /^(http|opa|io|rego|crypto|rand|uuid|graphql|yaml|providers|trace|print|internal\.print|net\.(?!cidr_contains$)|time\.now_ns$)/
  expect(ALLOWED.filter((name) => outside.test(name))).toEqual([])
  expect(ALLOWED.filter((name) => name.startsWith('time.')).sort()).toEqual(Object.keys(HOST_BUILTINS).sort())
  expect([...ALLOWED].sort()).toEqual(ALLOWED)
})
