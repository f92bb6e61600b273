// The bytes of an artifact: a WebAssembly module that says in a custom section of its own (WebAssembly Core 2.0 section 5.5.3) what it needs, or that
// holds several such modules, one for each part of the things. It runs none of them.
import type { ModuleNeeds } from '../rego/close-module.ts'
import { INPUT_FIELDS, type InputField } from '../rego/read-fields.ts'
import { PolicyFault } from './policy-fault.ts'
import { writeSection } from './wasm-sections.ts'

const NEEDS = 'latchkey.needs'
const INDEX = 'latchkey.index'
const PART = 'latchkey.part'
const CUSTOM_SECTION_ID = 0
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)

/** A module for the things of these keys; the first part also answers for all things that no part names. */
export interface PolicyPart {
  readonly keys: readonly string[]
  /** With its needs. */
  readonly wasm: Uint8Array
}

export function writeNeeds(wasm: Uint8Array, needs: ModuleNeeds): Uint8Array {
  return Buffer.concat([wasm, customSection(NEEDS, Buffer.from(JSON.stringify(needs)))])
}

export function writeParts(parts: readonly PolicyPart[]): Uint8Array {
  const index = customSection(INDEX, Buffer.from(JSON.stringify(parts.map(({ keys }) => keys))))
  return Buffer.concat([EMPTY_MODULE, index, ...parts.map(({ wasm }) => customSection(PART, wasm))])
}

/** Undefined for a module that does not say: then all that there is is brought along. */
export function readNeeds(module: WebAssembly.Module): ModuleNeeds | undefined {
  const text = readSection(module, NEEDS)
  if (text === undefined) return undefined
  const { fields, zones } = parse(text) as { readonly fields?: unknown; readonly zones?: unknown }
  if (!isTextList(fields) || !isTextList(zones)) throw new PolicyFault('the list of what the policy needs is malformed')
  if (!fields.every((field) => INPUT_FIELDS.includes(field as InputField))) throw new PolicyFault('the policy needs a field that requests do not have')
  return { fields: fields as readonly InputField[], zones }
}

/** Undefined for a module that is whole. */
export function readParts(module: WebAssembly.Module): readonly PolicyPart[] | undefined {
  const text = readSection(module, INDEX)
  if (text === undefined) return undefined
  const index = parse(text)
  const parts = WebAssembly.Module.customSections(module, PART)
  if (!Array.isArray(index) || index.length === 0 || index.length !== parts.length || !index.every(isTextList))
    throw new PolicyFault('the parts of the policy do not match its index')
  return parts.map((bytes, at) => ({ keys: index[at] as readonly string[], wasm: new Uint8Array(bytes) }))
}

function readSection(module: WebAssembly.Module, name: string): string | undefined {
  const [first, second] = WebAssembly.Module.customSections(module, name)
  if (second !== undefined) throw new PolicyFault(`the policy has the section ${name} twice`)
  return first && new TextDecoder().decode(first)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) ?? {}
  } catch (cause) {
    throw new PolicyFault('the description of the policy is malformed', { cause })
  }
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function customSection(name: string, body: Uint8Array): Uint8Array {
  return writeSection({ id: CUSTOM_SECTION_ID, name, body })
}
