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

export interface PolicyModule {
  /** Synchronous; throws PolicyFault for everything that is not a decision. Then a fresh instance takes over. */
  evaluate(input: DecisionInput): Decision
}

export interface ProbedModule extends PolicyModule {
  /** What it says that it reads. */
  readonly fields: readonly InputField[]
  /** Whether any part answers this with a decision, past all checks of the input. For probes. */
  answers(input: unknown): boolean
}

/** Compiles the module and checks that it needs nothing of its host but the builtins that are there. Parts are loaded when first asked. */
export async function loadPolicyModule(wasm: Uint8Array): Promise<ProbedModule> {
  const module = compileModule(wasm)
  const parts = readParts(module)
  return parts === undefined ? loadWhole(module) : loadParted(parts)
}

function loadParted(parts: readonly PolicyPart[]): ProbedModule {
  const partOf = new Map(parts.flatMap(({ keys }, index) => keys.map((key) => [key, index] as const)))
  const loaded: ProbedModule[] = []
  const load = (index: number): ProbedModule => {
    const wasm = parts[index]?.wasm
    if (wasm === undefined) throw new PolicyFault('the policy has no part for this thing')
    loaded[index] ??= loadWhole(compileModule(wasm))
    return loaded[index]
  }
  // Whatever is wrong with a part shows before the first question.
  for (const index of parts.keys()) load(index)
  return {
    fields: [...new Set(parts.flatMap((_, index) => load(index).fields))],
    evaluate: (input) => load(partOf.get(input?.resource?.key) ?? 0).evaluate(input),
    answers: (input) => parts.some((_, index) => load(index).answers(input)),
  }
}

function loadWhole(module: WebAssembly.Module): ProbedModule {
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
    throw new PolicyFault('the policy gave an answer that is no JSON', { cause })
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}

function start(module: WebAssembly.Module, pages: number): Evaluate {
  const instance = instantiate(module, pages)
  const entrypoint = instance.entrypoints[POLICY_ENTRYPOINT]
  if (entrypoint === undefined) throw new PolicyFault('the policy has no decision to ask for')
  return createEvaluate(instance as unknown as ModuleInstance, entrypoint)
}

type Instance = ReturnType<typeof loadPolicySync>

function compileModule(wasm: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(wasm)
  } catch (cause) {
    throw new PolicyFault('the policy is no WebAssembly module', { cause })
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
  if (!Object.hasOwn(instance.entrypoints, POLICY_ENTRYPOINT)) throw new PolicyFault('the policy has no decision to ask for')
  for (const name of Object.keys(neededBuiltins(instance))) {
    if (!Object.hasOwn(HOST_BUILTINS, name)) throw new PolicyFault(`the policy needs a builtin that is not offered: ${name}`)
  }
}

/** What the module asks of its host, by its own list (OPA's ABI: a JSON object of names and numbers, ended by NUL). */
function neededBuiltins(instance: Instance): object {
  const { builtins, opa_json_dump: dump } = (instance.wasmInstance as WebAssembly.Instance).exports as Record<string, (...values: number[]) => number>
  if (builtins === undefined || dump === undefined) throw new PolicyFault('the policy does not say what it needs')
  const start = dump(builtins())
  const memory = new Uint8Array(instance.mem.buffer)
  return JSON.parse(new TextDecoder().decode(memory.subarray(start, memory.indexOf(0, start))))
}
