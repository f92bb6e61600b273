// Loads a compiled policy and asks it. The only import of opa-wasm: whatever that throws, or answers beside a decision, is a PolicyFault here.
import { createRequire } from 'node:module'
import type { Decision } from '../contract/decision.ts'
import type { DecisionInput } from '../contract/decision-input.ts'
import { encodeInput } from './check-input.ts'
import { checkResult } from './check-result.ts'
import { HOST_BUILTINS } from './host-builtins.ts'
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

/** Compiles the module and checks that it needs nothing of its host but the builtins that are there. */
export async function loadPolicyModule(wasm: Uint8Array): Promise<PolicyModule> {
  const module = await compileModule(wasm)
  const pages = neededPages(module)
  let instance: Instance | undefined = instantiate(module, pages)
  return {
    evaluate(input) {
      const encoded = encodeInput(input)
      instance ??= instantiate(module, pages)
      try {
        return checkResult(instance.evaluate(encoded, POLICY_ENTRYPOINT))
      } catch (cause) {
        // What was thrown through the module may have left its stack in the middle of something.
        instance = undefined
        throw cause instanceof PolicyFault ? cause : new PolicyFault('the policy could not be evaluated', { cause })
      }
    },
  }
}

type Instance = ReturnType<typeof loadPolicySync>

async function compileModule(wasm: Uint8Array): Promise<WebAssembly.Module> {
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
