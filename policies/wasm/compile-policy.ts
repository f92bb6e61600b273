// A rule set to the bytes of its artifact: one module, or several where there are too many rules for one, each for a part of the things.
import { readFileSync } from 'node:fs'
import { assetPath } from '../assets.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { expandWhat } from '../model/expand.ts'
import type { RuleSet, Share } from '../model/rule-set.ts'
import type { EmittedModule } from '../rego/close-module.ts'
import { emitPolicy } from '../rego/emit.ts'
import { printModule } from '../rego/print.ts'
import { err, ok, type Result } from '../result.ts'
import { type PolicyPart, writeNeeds, writeParts } from '../runtime/module-file.ts'
import type { PolicyCompiler } from './compile.ts'

/** OPA's compiler takes about 1.5 ms for each pair of thing and ability up to here, and the square of it beyond. */
export const PART_MAX_PAIRS = 1000

export interface CompiledPolicy {
  readonly wasm: Uint8Array
  /** What was compiled, where the policy is one module. */
  readonly rego: string | undefined
}

export interface PolicyCompileOptions {
  /** The owner's, for diagnostics: nobody has seen the Rego that they would otherwise speak of. */
  readonly file?: string
  /** Called before each module. */
  readonly onProgress?: (done: number, total: number) => void
}

export async function compilePolicy(ruleSet: RuleSet, compiler: PolicyCompiler, options: PolicyCompileOptions = {}): Promise<Result<Uint8Array, Diagnostic[]>> {
  const compiled = await compileParts(ruleSet, compiler, options)
  return compiled.ok ? ok(compiled.value.wasm) : compiled
}

export async function compileParts(
  ruleSet: RuleSet,
  compiler: PolicyCompiler,
  { file, onProgress = () => undefined }: PolicyCompileOptions,
): Promise<Result<CompiledPolicy, Diagnostic[]>> {
  const library = readLibrary('sharing')
  const parts = splitByThing(ruleSet)
  const compiled: PolicyPart[] = []
  let rego: string | undefined
  for (const [done, { keys, rules }] of parts.entries()) {
    onProgress(done, parts.length)
    const emitted = emitPolicy(rules, library)
    rego = printModule(emitted.sections, library)
    const wasm = await compiler.compile(rego)
    if (!wasm.ok) return err(file === undefined ? wasm.error : wasm.error.map((diagnostic) => ofOwner(diagnostic, file)))
    compiled.push({ keys, wasm: writeNeeds(wasm.value, emitted.needs) })
  }
  const [first, ...more] = compiled
  if (first === undefined) return err([])
  return ok(more.length === 0 ? { wasm: first.wasm, rego } : { wasm: writeParts(compiled), rego: undefined })
}

/** A place in the Rego means nothing to the author of the rules: the diagnostic is about their file as a whole. */
function ofOwner(diagnostic: Diagnostic, file: string): Diagnostic {
  const { line, column, code, message } = diagnostic
  const said = code === 'compiler_refused' ? `The Rego for these rules was rejected (line ${line}, column ${column}: ${message}). Please report it.` : message
  return { ...diagnostic, file, line: 1, column: 1, message: said }
}

export interface CompileOptions {
  readonly library: string
  readonly compiler: PolicyCompiler
  /** What the module is made of, for its first line. */
  readonly source?: string
}

export async function compileModule(emitted: EmittedModule, { library, compiler, source }: CompileOptions): Promise<Result<Uint8Array, Diagnostic[]>> {
  const wasm = await compiler.compile(printModule(emitted.sections, library, source))
  return wasm.ok ? ok(writeNeeds(wasm.value, emitted.needs)) : wasm
}

/** The fixed part: the tests of facts, then how they become a decision. */
export function readLibrary(decision: 'sharing' | 'guardrails'): string {
  const known = libraries.get(decision)
  if (known !== undefined) return known
  const text = ['facts', decision].map((name) => readFileSync(assetPath(`rego/lib/${name}.rego`), 'utf8')).join('\n')
  libraries.set(decision, text)
  return text
}

const libraries = new Map<string, string>()

interface RulesOfPart {
  readonly keys: readonly string[]
  readonly rules: RuleSet
}

/** Shares that speak of types, tags, devices or everything are in each part; the others only where their things are. */
export function splitByThing(ruleSet: RuleSet): readonly RulesOfPart[] {
  const shares = ruleSet.shares.map((share) => ({ share, what: expandWhat(share.what, ruleSet) }))
  if (shares.reduce((sum, { share, what }) => sum + what.length * share.may.length, 0) <= PART_MAX_PAIRS) return [{ keys: [], rules: ruleSet }]
  const common = new Set(shares.filter(({ what }) => what.some(({ kind }) => kind !== 'thing')).map(({ share }) => share))
  const pairs = new Map<string, number>()
  for (const { share, what } of shares) {
    if (common.has(share)) continue
    for (const one of what) if ('name' in one) pairs.set(one.name, (pairs.get(one.name) ?? 0) + share.may.length)
  }
  return gatherKeys(pairs).map((keys) => {
    const inPart = new Set(keys)
    const own = shares.flatMap(({ share, what }): readonly Share[] => {
      if (common.has(share)) return [share]
      const here = what.filter((one) => 'name' in one && inPart.has(one.name))
      return here.length === 0 ? [] : [{ ...share, what: here }]
    })
    return { keys, rules: onlyUsedNames({ ...ruleSet, shares: own }) }
  })
}

/** In the order of the document, as many as fit; one part at least. */
function gatherKeys(pairs: ReadonlyMap<string, number>): readonly (readonly string[])[] {
  const parts: string[][] = [[]]
  let filled = 0
  for (const [key, count] of pairs) {
    if (filled > 0 && filled + count > PART_MAX_PAIRS) {
      parts.push([])
      filled = 0
    }
    parts.at(-1)?.push(key)
    filled += count
  }
  return parts
}

function onlyUsedNames(rules: RuleSet): RuleSet {
  const used = new Set(
    [...rules.shares, ...rules.block, ...rules.pause].flatMap(({ who = [] }) => who.flatMap((one) => (one.kind === 'group' ? [one.name] : []))),
  )
  return { ...rules, people: new Map([...rules.people].filter(([name]) => used.has(name))) }
}
