// Runs one compiled policy inside a worker thread, by OPA's WASM interface (ABI 1.2): a question in, the text of the answer out. It may be ended at any moment.
import { parentPort, workerData } from 'node:worker_threads'

const { module, entrypoint, minimumPages, maximumPages, answerMaxBytes } = workerData
const decoder = new TextDecoder('utf-8', { fatal: true })

const NANOSECONDS = 1_000_000
const ZONES_MAX = 64
const formats = new Map()

/** The parts of the local time at `[nanoseconds since 1970, zone]`. */
function localTime(at) {
  if (!Array.isArray(at) || typeof at[0] !== 'number' || typeof at[1] !== 'string') throw new Error('time: the operand is not [nanoseconds, zone]')
  const parts = formatOf(at[1]).formatToParts(Math.round(at[0] / NANOSECONDS))
  return (type) => parts.find((part) => part.type === type).value
}

function formatOf(timeZone) {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const digits = '2-digit'
  const fields = { year: 'numeric', month: digits, day: digits, hour: digits, minute: digits, second: digits, weekday: 'long' }
  const format = new Intl.DateTimeFormat('en-US', { ...fields, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', timeZone })
  // A module can spell zones in as many ways as it likes.
  if (formats.size >= ZONES_MAX) formats.clear()
  formats.set(timeZone, format)
  return format
}

const UTC_TEXT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

const BUILTINS = {
  'time.parse_rfc3339_ns': (text) => {
    if (typeof text !== 'string' || !UTC_TEXT.test(text)) throw new Error('time.parse_rfc3339_ns: not an instant in UTC with milliseconds')
    return Date.parse(text) * NANOSECONDS
  },
  'time.clock': (at) => ['hour', 'minute', 'second'].map(localTime(at)).map(Number),
  'time.date': (at) => ['year', 'month', 'day'].map(localTime(at)).map(Number),
  'time.weekday': (at) => localTime(at)('weekday'),
}

function start(pages) {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: maximumPages })
  let names = new Map()
  let opa

  function readText(address, limit) {
    const bytes = new Uint8Array(memory.buffer, address, Math.min(limit + 1, memory.buffer.byteLength - address))
    const end = bytes.indexOf(0)
    if (end < 0) throw new Error('the result is too long')
    return decoder.decode(bytes.subarray(0, end))
  }

  function write(bytes, address) {
    const missing = address + bytes.byteLength - memory.buffer.byteLength
    if (missing > 0) memory.grow(Math.ceil(missing / 65_536))
    new Uint8Array(memory.buffer).set(bytes, address)
  }

  function parse(text) {
    const bytes = new TextEncoder().encode(text)
    const address = opa.opa_malloc(bytes.byteLength)
    write(bytes, address)
    const value = opa.opa_json_parse(address, bytes.byteLength)
    if (value === 0) throw new Error('a value could not be read')
    return value
  }

  function callBuiltin(number, _context, ...operands) {
    const builtin = BUILTINS[names.get(number)]
    const values = operands.map((operand) => JSON.parse(readText(opa.opa_json_dump(operand), answerMaxBytes)))
    return parse(JSON.stringify(builtin(...values)))
  }

  const env = {
    memory,
    opa_println() {},
    opa_abort(address) {
      throw new Error(`the module aborted: ${readText(address, 200)}`)
    },
  }
  for (const count of [0, 1, 2, 3, 4]) env[`opa_builtin${count}`] = callBuiltin
  opa = new WebAssembly.Instance(module, { env }).exports

  const list = (address) => Object.entries(JSON.parse(readText(opa.opa_json_dump(address), 65_536)))
  names = new Map(list(opa.builtins()).map(([name, number]) => [number, name]))
  const strange = [...names.values()].find((name) => !Object.hasOwn(BUILTINS, name))
  if (strange !== undefined) throw new Error(`it needs a built-in that is not available: ${strange}`)
  const [, number] = list(opa.entrypoints()).find(([name]) => name === entrypoint) ?? []
  if (number === undefined) throw new Error('it has no decision entry point')

  const data = parse('{}')
  const heap = opa.opa_heap_ptr_get()
  return (input) => {
    write(input, heap)
    // The last number asks for the answer as JSON.
    return readText(opa.opa_eval(0, number, data, heap, input.byteLength, heap + input.byteLength, 0), answerMaxBytes)
  }
}

// A module does not tell JavaScript how much memory it needs to begin with; too little is refused when it is linked or its data are laid down.
function startWithEnough() {
  for (let pages = minimumPages; ; pages *= 2) {
    try {
      return start(Math.min(pages, maximumPages))
    } catch (error) {
      if (pages >= maximumPages || !(error instanceof WebAssembly.LinkError || error instanceof WebAssembly.RuntimeError)) throw error
    }
  }
}

/** The trap of a builtin that gave no value (policies/runtime/strict-builtins.ts); OPA's own code says why when it gives up. */
const BUILTIN_FAILED = 'a built-in function failed, because an operand had a wrong type or an unsupported value. Test the operand first, e.g. with is_string'

function reason(error) {
  if (error instanceof WebAssembly.RuntimeError && error.message === 'unreachable') return BUILTIN_FAILED
  return error instanceof Error ? error.message : 'without a reason'
}

/** OPA's own words when the memory cannot grow any more. */
function isExhausted(error) {
  return error instanceof RangeError || reason(error).endsWith('opa_malloc: failed')
}

let evaluate
try {
  evaluate = startWithEnough()
  parentPort.postMessage({ kind: 'ready' })
} catch (error) {
  parentPort.postMessage({ kind: 'unusable', reason: reason(error) })
}

parentPort.on('message', ({ id, input }) => {
  try {
    evaluate ??= startWithEnough()
    parentPort.postMessage({ kind: 'answer', id, text: evaluate(input) })
  } catch (error) {
    // What was thrown through the module may have left its stack in the middle of something.
    evaluate = undefined
    parentPort.postMessage({ kind: isExhausted(error) ? 'exhausted' : 'fault', id, reason: reason(error) })
  }
})
