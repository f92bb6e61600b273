// What a rule costs: compiling a document cold and warm, one evaluation, bytes and memory, by the number of rules of the owner.
import type { DecisionInput } from '../policies/contract/decision-input.ts'
import { UNKNOWN_INPUT } from '../policies/contract/unknown-input.ts'
import { OWN_LIMITS } from '../policies/limits.ts'
import { loadPolicyModule, type PolicyModule } from '../policies/runtime/policy-module.ts'
import { buildArtifact } from '../policies/wasm/artifact.ts'
import { createCompiler, type PolicyCompiler } from '../policies/wasm/compile.ts'
import { printTable, type Row } from './report.ts'

const ROUNDS = 5
const EVALUATIONS_PER_ROUND = 20_000
/** So many questions in turn, over as many things as there are. */
const QUESTIONS = 50
/** Modules loaded side by side, for what one holds. */
const COPIES = 20
const NOW_MILLISECONDS = Date.UTC(2026, 10, 23, 12)

/** Ten rules a thing: the shape of a household that shares a lot. */
const SIZES = [
  { rules: 1, things: 1, compiles: ROUNDS },
  { rules: 10, things: 1, compiles: ROUNDS },
  { rules: 100, things: 10, compiles: ROUNDS },
  { rules: 1000, things: 100, compiles: 3 },
  { rules: 10_000, things: 1000, compiles: 1 },
] as const

export async function benchPolicy(): Promise<void> {
  const cold: number[] = []
  for (let index = 0; index < 3; index += 1) {
    const compiler = createCompiler()
    cold.push(await time(() => compile(compiler, { rules: 10, things: 1, salt: index })))
    await compiler.close()
  }
  printTable({ title: 'Compile 10 rules, compiler not running', unit: 'ms', rows: [{ name: 'text to checked artifact', rounds: cold }] })

  const compiler = createCompiler()
  const warmed: Row[] = []
  const same: Row[] = []
  const changing: Row[] = []
  const bytes: Row[] = []
  const pages: Row[] = []
  const resident: Row[] = []
  await compile(compiler, { rules: 1, things: 1, salt: 0 })
  for (const size of SIZES) {
    const rounds: number[] = []
    for (let index = 1; index <= size.compiles; index += 1) rounds.push(await time(() => compile(compiler, { ...size, salt: index })))
    const name = `${size.rules} rules`
    warmed.push({ name, rounds })
    const { wasm } = await compile(compiler, { ...size, salt: 0 })
    const module = await loadPolicyModule(wasm)
    const parts = [...module.parts()]
    same.push({ name, rounds: await evaluate(module, [question(0, size)]) })
    changing.push({ name, rounds: await evaluate(module, spread(size)) })
    bytes.push({ name, rounds: [wasm.length / 1024] })
    pages.push({ name: `${name}, ${parts.length} of a module`, rounds: parts.map((part) => part.pages) })
    resident.push({ name, rounds: [await measureResident(wasm, size)] })
  }
  await compiler.close()
  printTable({ title: 'Compile, compiler running', unit: 'ms', measure: '1 rules', rows: warmed })
  const measure = '1 rules'
  printTable({ title: 'One evaluation, the same question again', unit: 'microseconds', measure, rows: same })
  printTable({ title: `One evaluation, ${QUESTIONS} questions in turn`, unit: 'microseconds', measure, rows: changing })
  printTable({ title: 'The artifact', unit: 'KB', measure, rows: bytes })
  printTable({ title: 'Memory at the start, of each part', unit: 'pages of 64 KiB', rows: pages })
  printTable({ title: `Resident memory of one loaded artifact (of ${COPIES}), asked about one thing`, unit: 'KB', measure, rows: resident })
}

async function compile(compiler: PolicyCompiler, document: { readonly rules: number; readonly things: number; readonly salt: number }) {
  const built = await buildArtifact({ text: buildDocument(document), file: 'bench.yaml', now: NOW_MILLISECONDS, compiler, limits: OWN_LIMITS })
  if (!built.ok) throw new Error(`the bench document does not compile: ${JSON.stringify(built.error[0])}`)
  return built.value
}

function buildDocument({ rules, things, salt }: { readonly rules: number; readonly things: number; readonly salt: number }): string {
  const shares = Array.from({ length: rules }, (_, index) =>
    [
      `  - name: share ${salt}-${index}`,
      `    who: [person-${index}@example.test]`,
      `    what: [thing-${index % things}]`,
      '    may: [read, play]',
      '    only: { days: [mon-fri], between: "08:00-22:00", timezone: Europe/Paris }',
      '    hide: [$.location]',
    ].join('\n'),
  )
  return `version: 1\nshares:\n${shares.join('\n')}\n`
}

interface Size {
  readonly rules: number
  readonly things: number
}

function question(index: number, { things }: Size): DecisionInput {
  return {
    now: '2026-11-23T12:00:00.000Z',
    request: { method: 'GET', route: 'GET /things/{id}', ip: '192.0.2.1', purpose: null },
    resource: { ...UNKNOWN_INPUT.resource, id: 'r-1', key: `thing-${index % things}`, type: 'thing', owner: 'alice' },
    scope: 'read',
    party: {
      ...UNKNOWN_INPUT.party,
      sub: 'bob',
      issuer: 'https://authz.example.test',
      client_id: 'app',
      email: `person-${index}@example.test`,
      email_verified: true,
    },
    proof: { method: 'dpop' },
  }
}

function spread(size: Size): readonly DecisionInput[] {
  return Array.from({ length: QUESTIONS }, (_, index) => question(Math.floor((index * size.rules) / QUESTIONS), size))
}

async function evaluate(module: PolicyModule, questions: readonly DecisionInput[]): Promise<readonly number[]> {
  if (questions.some((one) => module.evaluate(one).effect !== 'allow')) throw new Error('a bench input is not allowed')
  const rounds: number[] = []
  for (let index = 0; index < ROUNDS; index += 1) {
    const milliseconds = await time(() => {
      for (let count = 0; count < EVALUATIONS_PER_ROUND; count += questions.length) for (const one of questions) module.evaluate(one)
    })
    rounds.push((milliseconds * 1000) / EVALUATIONS_PER_ROUND)
  }
  return rounds
}

/** In KB, the bytes themselves not counted: the copies hold the same ones. */
async function measureResident(wasm: Uint8Array, size: Size): Promise<number> {
  const before = process.memoryUsage.rss()
  const copies: PolicyModule[] = []
  for (let index = 0; index < COPIES; index += 1) {
    const copy = await loadPolicyModule(wasm)
    copy.evaluate(question(0, size))
    copies.push(copy)
  }
  return (process.memoryUsage.rss() - before) / 1024 / copies.length
}

async function time(work: () => unknown): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}
