// Reads and writes the sections of a WebAssembly module (Core 2.0, chapter 5). It knows what is in none of them.
import { PolicyFault } from './policy-fault.ts'

export interface Section {
  readonly id: number
  /** Of a custom section; empty otherwise. */
  readonly name: string
  /** Without the name. */
  readonly body: Uint8Array
}

const HEADER_BYTES = 8
const CUSTOM = 0

export function readSections(wasm: Uint8Array): readonly Section[] {
  const reader = new WasmReader(wasm.subarray(HEADER_BYTES))
  const sections: Section[] = []
  while (!reader.isAtEnd()) {
    const id = reader.byte()
    const content = new WasmReader(reader.bytes(reader.leb128()))
    sections.push({ id, name: id === CUSTOM ? content.name() : '', body: content.rest() })
  }
  return sections
}

export function writeSection({ id, name, body }: Section): Uint8Array {
  const label = Buffer.from(name)
  const content = id === CUSTOM ? Buffer.concat([writeLeb128(label.length), label, body]) : body
  return Buffer.concat([Uint8Array.of(id), writeLeb128(content.length), content])
}

/** A vector of byte vectors, such as the code section. */
export function readBytes({ body }: Section): Uint8Array[] {
  const reader = new WasmReader(body)
  const found: Uint8Array[] = []
  for (let left = reader.leb128(); left > 0; left -= 1) found.push(reader.bytes(reader.leb128()))
  return found
}

/** Unsigned, in as few bytes as possible (section 5.2.2). */
export function writeLeb128(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  do {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? low + 128 : low)
  } while (rest > 0)
  return Uint8Array.from(bytes)
}

const LEB128_BYTES_MAX = 5

/** Throws PolicyFault where the bytes end too early. */
export class WasmReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  byte(): number {
    const value = this.#bytes[this.#at]
    if (value === undefined) throw new PolicyFault('the module ends too early')
    this.#at += 1
    return value
  }

  bytes(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.length) throw new PolicyFault('the module ends too early')
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }

  rest(): Uint8Array {
    return this.bytes(this.#bytes.length - this.#at)
  }

  leb128(): number {
    let value = 0
    for (let index = 0; index < LEB128_BYTES_MAX; index += 1) {
      const byte = this.byte()
      value += (byte % 128) * 128 ** index
      if (byte < 128) return value
    }
    throw new PolicyFault('the module contains a number that is too large')
  }

  name(): string {
    return new TextDecoder().decode(this.bytes(this.leb128()))
  }
}
