// Makes a failing builtin a fault. OPA's modules answer "undefined" for it, so a rule that should deny would be passed over (decision 0031).
// The bytes of the module are edited: each builtin that can fail is put behind a wrapper that traps when it gave no value. Nothing is run.
import { PolicyFault } from './policy-fault.ts'
import { readBytes, readSections, type Section, WasmReader, writeLeb128, writeSection } from './wasm-sections.ts'

/**
 * The functions of OPA's runtime behind the builtins that may be used and can fail, as OPA's table has them (internal/compiler/wasm).
 * Each gives address 0 for operands that it cannot work on. Comparisons, `in` and the tests of types take any value.
 */
export const FALLIBLE_BUILTINS: Readonly<Record<string, string>> = {
  'array.concat': 'opa_array_concat',
  concat: 'opa_strings_concat',
  count: 'opa_agg_count',
  endswith: 'opa_strings_endswith',
  lower: 'opa_strings_lower',
  minus: 'opa_arith_minus',
  mul: 'opa_arith_multiply',
  'net.cidr_contains': 'opa_cidr_contains',
  or: 'opa_set_union',
  plus: 'opa_arith_plus',
  sort: 'opa_agg_sort',
  trim_prefix: 'opa_strings_trim_prefix',
  upper: 'opa_strings_upper',
}

const FALLIBLE_FUNCTIONS: ReadonlySet<string> = new Set(Object.values(FALLIBLE_BUILTINS))
const MARK = 'latchkey.strict'
const [CUSTOM, TYPE, IMPORT, FUNCTION, CODE] = [0, 1, 2, 3, 10] as const
const FUNCTION_NAMES = 1

/** The same module if it is strict already. Throws PolicyFault for one that does not say which function is which. */
export function makeBuiltinsStrict(wasm: Uint8Array): Uint8Array {
  const sections = readSections(wasm)
  if (sections.some((section) => section.id === CUSTOM && section.name === MARK)) return wasm
  const names = sections.find((section) => section.id === CUSTOM && section.name === 'name')
  if (names === undefined) throw new PolicyFault('the module is not usable: it does not name its functions; build it again with latchkey policy build')
  const fallible = findFunctions(names)
  const mark = writeSection({ id: CUSTOM, name: MARK, body: new Uint8Array() })
  if (fallible.length === 0) return Buffer.concat([wasm, mark])
  const wrapped = wrap(sections, fallible)
  const parts = sections.map((section) => writeSection(wrapped.get(section) ?? section))
  return Buffer.concat([wasm.subarray(0, 8), ...parts, mark])
}

/** Indexes of the functions that can fail, by the name section (WebAssembly Core 2.0, appendix 7.4.1). */
function findFunctions({ body }: Section): readonly number[] {
  const reader = new WasmReader(body)
  while (!reader.isAtEnd()) {
    const id = reader.byte()
    const content = reader.bytes(reader.leb128())
    if (id !== FUNCTION_NAMES) continue
    const names = new WasmReader(content)
    return readVector(names, () => ({ index: names.leb128(), name: names.name() })).flatMap(({ index, name }) => (FALLIBLE_FUNCTIONS.has(name) ? [index] : []))
  }
  return []
}

/** The body of each function moves to the end, and a wrapper that calls it takes its place: callers need not change. */
function wrap(sections: readonly Section[], fallible: readonly number[]): ReadonlyMap<Section, Section> {
  const [types, functions, code] = [TYPE, FUNCTION, CODE].map((id) => sections.find((section) => section.id === id))
  if (types === undefined || functions === undefined || code === undefined) throw new PolicyFault('the module has no functions')
  const imported = countImportedFunctions(sections.find((section) => section.id === IMPORT))
  const parameters = readParameterCounts(types)
  const typeOf = readNumbers(functions)
  const bodies = readBytes(code)
  for (const index of fallible) {
    const own = index - imported
    const [type, body] = [typeOf[own], bodies[own]]
    const count = type === undefined ? undefined : parameters[type]
    if (type === undefined || body === undefined || count === undefined) throw new PolicyFault('the module names a function that it does not have')
    bodies[own] = buildWrapper(imported + bodies.length, count)
    bodies.push(body)
    typeOf.push(type)
  }
  return new Map([
    [functions, { ...functions, body: Buffer.concat([writeLeb128(typeOf.length), ...typeOf.map(writeLeb128)]) }],
    [code, { ...code, body: Buffer.concat([writeLeb128(bodies.length), ...bodies.flatMap((body) => [writeLeb128(body.length), body])]) }],
  ])
}

const [I32, LOCAL_GET, LOCAL_TEE, CALL, I32_EQZ, IF, EMPTY, UNREACHABLE, END] = [0x7f, 0x20, 0x22, 0x10, 0x45, 0x04, 0x40, 0x00, 0x0b] as const

/** `value = call(...); if (value == 0) trap; return value`. */
function buildWrapper(target: number, parameters: number): Uint8Array {
  const result = writeLeb128(parameters)
  const operands = Array.from({ length: parameters }, (_, index) => [Uint8Array.of(LOCAL_GET), writeLeb128(index)]).flat()
  return Buffer.concat([
    Uint8Array.of(1, 1, I32),
    ...operands,
    Uint8Array.of(CALL),
    writeLeb128(target),
    Uint8Array.of(LOCAL_TEE),
    result,
    Uint8Array.of(I32_EQZ, IF, EMPTY, UNREACHABLE, END, LOCAL_GET),
    result,
    Uint8Array.of(END),
  ])
}

function readVector<T>(reader: WasmReader, read: () => T): T[] {
  const found: T[] = []
  for (let left = reader.leb128(); left > 0; left -= 1) found.push(read())
  return found
}

function readNumbers({ body }: Section): number[] {
  const reader = new WasmReader(body)
  return readVector(reader, () => reader.leb128())
}

/** Of each type; all are functions. */
function readParameterCounts({ body }: Section): readonly number[] {
  const reader = new WasmReader(body)
  return readVector(reader, () => {
    reader.byte()
    const parameters = reader.leb128()
    reader.bytes(parameters)
    reader.bytes(reader.leb128())
    return parameters
  })
}

const [FUNCTION_IMPORT, TABLE_IMPORT, MEMORY_IMPORT] = [0, 1, 2] as const

function countImportedFunctions(section: Section | undefined): number {
  if (section === undefined) return 0
  const reader = new WasmReader(section.body)
  const kinds = readVector(reader, () => {
    reader.name()
    reader.name()
    const kind = reader.byte()
    if (kind === FUNCTION_IMPORT) reader.leb128()
    else if (kind === TABLE_IMPORT || kind === MEMORY_IMPORT) {
      if (kind === TABLE_IMPORT) reader.byte()
      const hasMaximum = reader.byte() % 2 === 1
      reader.leb128()
      if (hasMaximum) reader.leb128()
    } else reader.bytes(2)
    return kind
  })
  return kinds.filter((kind) => kind === FUNCTION_IMPORT).length
}
