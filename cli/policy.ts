// `latchkey policy check | test | rego | build | schema`: an owner's text from the command line. It talks to no server.
import { readFile, writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { type Diagnostic, formatDiagnostic } from '../policies/diagnostic.ts'
import { OWN_LIMITS } from '../policies/limits.ts'
import { parsePolicy } from '../policies/parse-policy.ts'
import { printSchema } from '../policies/schema/policy-schema.ts'
import { type Artifact, buildArtifact, toRego } from '../policies/wasm/artifact.ts'
import { createCompiler } from '../policies/wasm/compile.ts'

/** 0: as it should be. 1: the policy has errors. 2: the command was used wrongly. */
const EXIT_POLICY_ERRORS = 1
const EXIT_USAGE = 2

export interface PolicyCommandPorts {
  readonly out: (text: string) => void
  readonly error: (text: string) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly exit: (code: number) => void
}

const PROCESS_PORTS: PolicyCommandPorts = {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  now: Date.now,
  exit: (code) => {
    process.exitCode = code
  },
}

interface Options {
  readonly json?: true
  readonly output?: string
}

interface Source {
  readonly file: string
  readonly text: string
}

export function buildPolicyCommand(ports: PolicyCommandPorts = PROCESS_PORTS): Command {
  const command = new Command('policy').description('check, test and build a sharing policy')
  command
    .command('check')
    .description('read the policy and say what is wrong with it')
    .argument('<file>', 'the policy, YAML')
    .option('--json', 'print one object of JSON')
    .action((file: string, options: Options) => withSource(ports, file, options, (source) => check(ports, source, options)))
  command
    .command('test')
    .description('ask the questions under "expect" and compare the answers')
    .argument('<file>', 'the policy, YAML')
    .option('--json', 'print one object of JSON')
    .action((file: string, options: Options) => withSource(ports, file, options, (source) => testPolicy(ports, source, options)))
  command
    .command('rego')
    .description('print the Rego that the policy becomes')
    .argument('<file>', 'the policy, YAML')
    .option('--json', 'print one object of JSON')
    .action((file: string, options: Options) => withSource(ports, file, options, (source) => rego(ports, source, options)))
  command
    .command('build')
    .description('compile the policy to a WASM module')
    .argument('<file>', 'the policy, YAML')
    .requiredOption('-o, --output <file>', 'where the module is written')
    .option('--json', 'print one object of JSON')
    .action((file: string, options: Options) => withSource(ports, file, options, (source) => build(ports, source, options)))
  command
    .command('schema')
    .description('print the JSON Schema of the language, for editors')
    .option('--json', 'the schema is JSON either way')
    .action(() => ports.out(printSchema()))
  return command
}

async function withSource(ports: PolicyCommandPorts, file: string, options: Options, act: (source: Source) => void | Promise<void>): Promise<void> {
  let text: string
  try {
    text = await readUtf8(file)
  } catch (error) {
    usage(ports, options, `${file}: cannot be read (${error instanceof Error ? error.message : 'unknown reason'}).`)
    return
  }
  await act({ file, text })
}

async function readUtf8(file: string): Promise<string> {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(file))
}

function check(ports: PolicyCommandPorts, source: Source, options: Options): void {
  const ruleSet = parsePolicy({ ...source, now: ports.now(), limits: OWN_LIMITS })
  if (!ruleSet.ok) {
    refuse(ports, source, options, ruleSet.error)
    return
  }
  const { shares, block, expect } = ruleSet.value
  const counts = { shares: shares.length, block: block.length, expect: expect.length }
  say(
    ports,
    options,
    { ok: true, ...counts },
    `${source.file}: ${counts.shares} shares, ${counts.block} blocks, ${counts.expect} expectations; nothing is wrong.`,
  )
}

async function testPolicy(ports: PolicyCommandPorts, source: Source, options: Options): Promise<void> {
  const artifact = await compileSource(ports, source, options)
  if (artifact === undefined) return
  const rows = artifact.ruleSet.expect.length
  say(ports, options, { ok: true, expect: rows }, `${source.file}: ${rows} expectations, all answered as told.`)
}

function rego(ports: PolicyCommandPorts, source: Source, options: Options): void {
  const ruleSet = parsePolicy({ ...source, now: ports.now(), limits: OWN_LIMITS })
  if (!ruleSet.ok) {
    refuse(ports, source, options, ruleSet.error)
    return
  }
  const text = toRego(ruleSet.value)
  ports.out(options.json ? `${JSON.stringify({ ok: true, rego: text })}\n` : text)
}

async function build(ports: PolicyCommandPorts, source: Source, options: Options): Promise<void> {
  const artifact = await compileSource(ports, source, options)
  if (artifact === undefined || options.output === undefined) return
  const { digest, wasm } = artifact
  try {
    await writeFile(options.output, wasm)
  } catch (error) {
    usage(ports, options, `--output ${options.output}: cannot be written (${error instanceof Error ? error.message : 'unknown reason'}).`)
    return
  }
  say(ports, options, { ok: true, output: options.output, digest, bytes: wasm.byteLength }, `${options.output}: ${wasm.byteLength} bytes, digest ${digest}`)
}

async function compileSource(ports: PolicyCommandPorts, source: Source, options: Options): Promise<Artifact | undefined> {
  const compiler = createCompiler()
  try {
    const artifact = await buildArtifact({ ...source, now: ports.now(), compiler, limits: OWN_LIMITS })
    if (artifact.ok) return artifact.value
    refuse(ports, source, options, artifact.error)
    return undefined
  } finally {
    await compiler.close()
  }
}

function refuse(ports: PolicyCommandPorts, source: Source, options: Options, diagnostics: readonly Diagnostic[]): void {
  if (options.json) ports.out(`${JSON.stringify({ ok: false, diagnostics })}\n`)
  else ports.error(`${diagnostics.map((one) => formatDiagnostic(one, source.text)).join('\n')}\n`)
  ports.exit(EXIT_POLICY_ERRORS)
}

function usage(ports: PolicyCommandPorts, options: Options, message: string): void {
  if (options.json) ports.out(`${JSON.stringify({ ok: false, error: message })}\n`)
  else ports.error(`${message}\n`)
  ports.exit(EXIT_USAGE)
}

function say(ports: PolicyCommandPorts, options: Options, data: object, sentence: string): void {
  ports.out(options.json ? `${JSON.stringify(data)}\n` : `${sentence}\n`)
}
