// Loads a compiled policy and asks it. The only import of opa-wasm: whatever that throws, or answers beside a decision, is a PolicyFault here.
import { createRequire } from 'node:module'
import type { Decision } from '../contract/decision.ts'
import type { DecisionInput } from '../contract/decision-input.ts'
import type { InputField } from '../rego/read-fields.ts'
import { encodeInput } from './check-input.ts'
import { checkResult } from './check-result.ts'
import { createEvaluate, type Evaluate, type ModuleInstance, readAnswer } from './evaluate-module.ts'
import { HOST_BUILTINS } from './host-builtins.ts'
import { type PolicyPart, readNeeds, readParts } from './module-file.ts'
import { PolicyFault } from './policy-fault.ts'

// The package's ES module leaves this function out, its CommonJS one has it.
const { loadPolicySync } = createRequire(import.meta.url)('@open-policy-agent/opa-wasm') as typeof import('@open-policy-agent/opa-wasm')

export const POLICY_ENTRYPOINT = 'latchkey/sharing/decision'
/** Pages of 64 KiB. Inputs are capped, so a policy that asks for more than 64 MiB is broken. */
const MEMORY_MAX_PAGES = 1024
const MEMORY_MIN_PAGES = 5
/** Each holds one to two megabytes and starts in milliseconds; the largest documents have about fifty. */
const PARTS_LOADED_MAX = 32

export interface PolicyModule {
  /** Synchronous; throws PolicyFault for everything that is not a decision. Then a fresh instance takes over. */
  evaluate(input: DecisionInput): Decision
}

export interface LoadedModule extends PolicyModule {
  /** The module itself, or each of its parts, each started when its turn comes and kept by nobody. For probes. */
  parts(): Iterable<ModulePart>
}

export interface ModulePart extends PolicyModule {
  /** What it says that it reads. */
  readonly fields: readonly InputField[]
  /** Whose local time it says that it reads. */
  readonly zones: readonly string[]
  /** Of memory, of 64 KiB each, with which it starts. */
  readonly pages: number
  /** Whether it answers this with a decision, past all checks of the input. */
  answers(input: unknown): boolean
}

/** Compiles the module and checks that it needs nothing of its host but the builtins that are there. Parts are loaded when first asked, save the first. */
export async function loadPolicyModule(wasm: Uint8Array): Promise<LoadedModule> {
  const module = compileModule(wasm)
  const parts = readParts(module)
  if (parts !== undefined) return loadParted(parts)
  const whole = loadWhole(module)
  return { evaluate: whole.evaluate, parts: () => [whole] }
}

function loadParted(parts: readonly PolicyPart[]): LoadedModule {
  const partOf = new Map(parts.flatMap(({ keys }, index) => keys.map((key) => [key, index] as const)))
  const loaded = new Map<number, ModulePart>()
  const load = (index: number): ModulePart => {
    const known = loaded.get(index)
    if (known !== undefined) return known
    const wasm = parts[index]?.wasm
    if (wasm === undefined) throw new PolicyFault('the policy has no part for this thing')
    const module = loadWhole(compileModule(wasm))
    const [oldest] = loaded.keys()
    if (loaded.size >= PARTS_LOADED_MAX && oldest !== undefined) loaded.delete(oldest)
    loaded.set(index, module)
    return module
  }
  // The first answers for all things without a part of their own; the others were probed when the policy was made, and are what its digest says.
  load(0)
  return {
    *parts() {
      for (const { wasm } of parts) yield loadWhole(compileModule(wasm))
    },
    evaluate: (input) => load(partOf.get(input?.resource?.key) ?? 0).evaluate(input),
  }
}

function loadWhole(module: WebAssembly.Module): ModulePart {
  const needs = readNeeds(module)
  const pages = neededPages(module)
  let evaluate: Evaluate | undefined = start(module, pages)
  const ask = (input: ArrayBuffer): string => {
    evaluate ??= start(module, pages)
    try {
      return evaluate(input)
    } catch (cause) {
      // What was thrown through the module may have left its stack in the middle of something.
      evaluate = undefined
      throw cause instanceof PolicyFault ? cause : new PolicyFault('the policy could not be evaluated', { cause })
    }
  }
  const decisions = new KnownAnswers()
  return {
    fields: needs?.fields ?? [],
    zones: needs?.zones ?? [],
    pages,
    evaluate: (input) => decisions.read(ask(encodeInput(input, needs))),
    answers(input) {
      try {
        return ask(new TextEncoder().encode(JSON.stringify(input) ?? '').buffer) !== NO_RESULT
      } catch (fault) {
        if (fault instanceof PolicyFault) return false
        throw fault
      }
    },
  }
}

/** The empty result set, as the module writes it. */
const NO_RESULT = '[]'
const ANSWERS_KEPT = 64
const ANSWER_KEPT_MAX_CHARS = 2048

/** Few answers are given often: the same text is the same decision, so it is read and checked once. */
class KnownAnswers {
  readonly #known = new Map<string, Decision>()

  read(text: string): Decision {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    const decision = deepFreeze(checkResult(parseAnswer(text)))
    if (this.#known.size >= ANSWERS_KEPT) this.#known.clear()
    if (text.length <= ANSWER_KEPT_MAX_CHARS) this.#known.set(text, decision)
    return decision
  }
}

function parseAnswer(text: string): unknown {
  try {
    return readAnswer(text)
  } catch (cause) {
    throw new PolicyFault('the policy returned a result that is not JSON', { cause })
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}

function start(module: WebAssembly.Module, pages: number): Evaluate {
  const instance = instantiate(module, pages)
  const entrypoint = instance.entrypoints[POLICY_ENTRYPOINT]
  if (entrypoint === undefined) throw new PolicyFault('the policy has no decision entry point')
  return createEvaluate(instance as unknown as ModuleInstance, entrypoint)
}

type Instance = ReturnType<typeof loadPolicySync>

function compileModule(wasm: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(wasm)
  } catch (cause) {
    throw new PolicyFault('the policy is not a WebAssembly module', { cause })
  }
}

function instantiate(module: WebAssembly.Module, pages: number): Instance {
  try {
    const instance = loadPolicySync(module, { initial: pages, maximum: MEMORY_MAX_PAGES }, HOST_BUILTINS)
    checkNeeds(instance)
    return instance
  } catch (cause) {
    throw cause instanceof PolicyFault ? cause : new PolicyFault('the policy could not be loaded', { cause })
  }
}

// JavaScript cannot ask a module for the memory it needs. Too little is refused when the module is linked, or when its data are laid
// into the memory; both come before any question. A module that fails at every size is told by the one who instantiates it.
function neededPages(module: WebAssembly.Module): number {
  for (let pages = MEMORY_MIN_PAGES; pages <= MEMORY_MAX_PAGES; pages *= 2) {
    try {
      loadPolicySync(module, { initial: pages, maximum: MEMORY_MAX_PAGES }, HOST_BUILTINS)
      return pages
    } catch {
      // The next size.
    }
  }
  return MEMORY_MIN_PAGES
}

function checkNeeds(instance: Instance): void {
  if (!Object.hasOwn(instance.entrypoints, POLICY_ENTRYPOINT)) throw new PolicyFault('the policy has no decision entry point')
  for (const name of Object.keys(neededBuiltins(instance))) {
    if (!Object.hasOwn(HOST_BUILTINS, name)) throw new PolicyFault(`the policy needs a built-in that is not available: ${name}`)
  }
}

/** What the module asks of its host, by its own list (OPA's ABI: a JSON object of names and numbers, ended by NUL). */
function neededBuiltins(instance: Instance): object {
  const { builtins, opa_json_dump: dump } = (instance.wasmInstance as WebAssembly.Instance).exports as Record<string, (...values: number[]) => number>
  if (builtins === undefined || dump === undefined) throw new PolicyFault('the policy does not declare what it needs')
  const start = dump(builtins())
  const memory = new Uint8Array(instance.mem.buffer)
  return JSON.parse(new TextDecoder().decode(memory.subarray(start, memory.indexOf(0, start))))
}
