// What a rule costs: compiling a document cold and warm, and one evaluation, by the number of rules of the owner.
import type { DecisionInput } from '../policies/contract/decision-input.ts'
import { UNKNOWN_INPUT } from '../policies/contract/unknown-input.ts'
import { loadPolicyModule } from '../policies/runtime/policy-module.ts'
import { buildArtifact } from '../policies/wasm/artifact.ts'
import { createCompiler, type PolicyCompiler } from '../policies/wasm/compile.ts'
import { printTable, type Row } from './report.ts'
import { round } from './statistics.ts'

const ROUNDS = 5
const EVALUATIONS_PER_ROUND = 20_000
const NOW_MILLISECONDS = Date.UTC(2026, 10, 23, 12)

/** Ten rules a thing: the shape of a household that shares a lot. */
const SIZES = [
  { rules: 1, things: 1 },
  { rules: 10, things: 1 },
  { rules: 100, things: 10 },
  { rules: 1000, things: 100 },
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
  const evaluated: Row[] = []
  await compile(compiler, { rules: 1, things: 1, salt: 0 })
  for (const size of SIZES) {
    const rounds: number[] = []
    for (let index = 1; index <= ROUNDS; index += 1) rounds.push(await time(() => compile(compiler, { ...size, salt: index })))
    warmed.push({ name: `${size.rules} rules`, rounds })
    const { wasm } = await compile(compiler, { ...size, salt: 0 })
    evaluated.push({ name: `${size.rules} rules over ${size.things} things, ${round(wasm.length / 1024)} KB`, rounds: await evaluate(wasm) })
  }
  await compiler.close()
  printTable({ title: 'Compile, compiler running', unit: 'ms', measure: '1 rules', rows: warmed })
  printTable({ title: 'One evaluation', unit: 'microseconds', measure: evaluated[0]?.name ?? '', rows: evaluated })
}

async function compile(compiler: PolicyCompiler, document: { readonly rules: number; readonly things: number; readonly salt: number }) {
  const built = await buildArtifact({ text: buildDocument(document), file: 'bench.yaml', now: NOW_MILLISECONDS, compiler })
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

async function evaluate(wasm: Uint8Array): Promise<readonly number[]> {
  const module = await loadPolicyModule(wasm)
  const input: DecisionInput = {
    now: '2026-11-23T12:00:00.000Z',
    request: { method: 'GET', route: 'GET /things/{id}', ip: '192.0.2.1', purpose: null },
    resource: { ...UNKNOWN_INPUT.resource, id: 'r-1', key: 'thing-0', type: 'thing', owner: 'alice' },
    scope: 'read',
    party: { ...UNKNOWN_INPUT.party, sub: 'bob', issuer: 'https://authz.example.test', client_id: 'app', email: 'person-0@example.test', email_verified: true },
    proof: { method: 'dpop' },
  }
  if (module.evaluate(input).effect !== 'allow') throw new Error('the bench input is not allowed')
  const rounds: number[] = []
  for (let index = 0; index < ROUNDS; index += 1) {
    const milliseconds = await time(() => {
      for (let count = 0; count < EVALUATIONS_PER_ROUND; count += 1) module.evaluate(input)
    })
    rounds.push((milliseconds * 1000) / EVALUATIONS_PER_ROUND)
  }
  return rounds
}

async function time(work: () => unknown): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}
