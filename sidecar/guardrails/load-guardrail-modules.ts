// From the bytes of compiled guardrails to modules that can be asked. Whatever is no guardrail stops the start, by name of the file and with a remedy.
import { loadGuardrails } from '../../policies/guardrails/load-guardrails.ts'
import { probeGuardrails } from '../../policies/guardrails/probe-guardrails.ts'
import { probeFirst } from '../../policies/hand-written/probe-hand-written.ts'
import { PolicyFault } from '../../policies/runtime/policy-fault.ts'
import { startModuleRunner } from '../../policies/runtime/worker/module-runner.ts'
import { StartError } from '../../system/start-error.ts'
import { ARTIFACT_MAX_BYTES } from '../limits.ts'
import type { GuardrailModules, HandWrittenModule, LoadedPolicy } from '../ports.ts'

export interface ModuleFile {
  readonly path: string
  readonly bytes: Uint8Array
}

export interface GuardrailFiles {
  readonly rules: ModuleFile | undefined
  readonly handWritten: ModuleFile | undefined
  readonly decisionMilliseconds: number
  /** For the operator. */
  readonly notice: (text: string) => void
}

/** Throws StartError. What it gives is to be closed. */
export async function loadGuardrailModules(files: GuardrailFiles): Promise<GuardrailModules> {
  const rules = files.rules && (await load('guardrails.rules', files.rules, loadRules))
  const handWritten = files.handWritten && (await load('guardrails.hand_written', files.handWritten, (file) => startHandWritten(file, files)))
  return { ...(rules === undefined ? {} : { rules }), ...(handWritten === undefined ? {} : { handWritten }) }
}

async function loadRules({ bytes }: ModuleFile): Promise<LoadedPolicy> {
  const module = await loadGuardrails(bytes)
  probeGuardrails(module)
  return module
}

async function startHandWritten({ path, bytes }: ModuleFile, { decisionMilliseconds, notice }: GuardrailFiles): Promise<HandWrittenModule> {
  const onTrouble = (text: string): void => notice(`guardrails.hand_written: ${path}: ${text}`)
  const runner = await startModuleRunner({ wasm: bytes, decisionMilliseconds, onTrouble })
  try {
    await probeFirst(runner)
    return runner
  } catch (fault) {
    await runner.close()
    throw fault
  }
}

const SOURCES = { 'guardrails.rules': 'guardrails.yaml', 'guardrails.hand_written': 'guardrails.rego' } as const

async function load<T>(option: keyof typeof SOURCES, file: ModuleFile, read: (file: ModuleFile) => Promise<T>): Promise<T> {
  const remedy = `Build it again: latchkey policy build ${SOURCES[option]} -o ${file.path}`
  if (file.bytes.byteLength > ARTIFACT_MAX_BYTES) throw new StartError(`${option}: ${file.path} is longer than ${ARTIFACT_MAX_BYTES} bytes. ${remedy}`)
  try {
    return await read(file)
  } catch (fault) {
    if (fault instanceof PolicyFault) throw new StartError(`${option}: ${file.path} cannot be used: ${fault.message}. ${remedy}`)
    throw fault
  }
}
