// One evaluation by OPA's WASM interface (ABI 1.2, `opa_eval`): the question's bytes in, the answer's text out. It checks neither.
import { PolicyFault } from './policy-fault.ts'

const PAGE_BYTES = 64 * 1024
/** The format of the answer: JSON. */
const JSON_FORMAT = 0

export interface ModuleInstance {
  readonly wasmInstance: WebAssembly.Instance
  readonly mem: WebAssembly.Memory
  /** Where its data and its heap begin. */
  readonly dataAddr: number
  readonly dataHeapPtr: number
}

/** The bytes of the answer as text of one byte each (latin1), which is quick to compare; `readAnswer` makes JSON of it. */
export type Evaluate = (input: ArrayBuffer) => string

type Exports = Readonly<Record<string, ((...values: number[]) => number) | undefined>>

export function createEvaluate({ wasmInstance, mem, dataAddr, dataHeapPtr }: ModuleInstance, entrypoint: number): Evaluate {
  const evaluate = (wasmInstance.exports as Exports)['opa_eval']
  if (evaluate === undefined) throw new PolicyFault('the policy does not support direct evaluation; build it again')
  let memory = Buffer.from(mem.buffer)
  return (input) => {
    const end = dataHeapPtr + input.byteLength
    if (end > mem.buffer.byteLength) mem.grow(Math.ceil((end - mem.buffer.byteLength) / PAGE_BYTES))
    // A memory that grows is another buffer; the old one is empty then.
    if (memory.buffer !== mem.buffer) memory = Buffer.from(mem.buffer)
    memory.set(new Uint8Array(input), dataHeapPtr)
    // The heap begins behind the question, anew each time: nothing of an earlier one is left.
    const start = evaluate(0, entrypoint, dataAddr, dataHeapPtr, input.byteLength, end, JSON_FORMAT)
    if (memory.buffer !== mem.buffer) memory = Buffer.from(mem.buffer)
    const stop = memory.indexOf(0, start)
    if (stop < 0) throw new PolicyFault('the policy returned an unterminated result')
    return memory.toString('latin1', start, stop)
  }
}

export function readAnswer(text: string): unknown {
  return JSON.parse(Buffer.from(text, 'latin1').toString('utf8'))
}
