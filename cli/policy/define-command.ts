// What all policy commands have in common: --json, --format, --strict, --things, how diagnostics are printed, and how the command ends.
import { type Command, Option } from 'commander'
import { parseInstant } from '../../policies/conditions/instant.ts'
import { type Diagnostic, formatDiagnostic } from '../../policies/diagnostic.ts'
import { OWN_LIMITS } from '../../policies/limits.ts'
import { readHousehold } from '../../policies/tools/read-household.ts'
import type { ToolPorts, ToolResult, ToolSource } from '../../policies/tools/tool-result.ts'
import { EXIT_CODES_HELP, isOurFault, POLICY_EXIT_CODES } from './exit-codes.ts'
import { defuseCommands, formatGithub } from './format-github.ts'
import type { PolicyCommandPorts } from './policy-ports.ts'
import { readText } from './read-source.ts'
import { UsageError } from './usage-error.ts'

export interface SharedOptions {
  readonly json?: true
  readonly format?: 'text' | 'json' | 'github'
  readonly strict?: true
  readonly things?: string
  readonly at?: string
}

export interface PolicyReport {
  /** Printed with --json. */
  readonly result: ToolResult
  /** Those that diagnostics may point into. */
  readonly sources: readonly ToolSource[]
  /** Printed otherwise, on standard output; may be empty. */
  readonly text: string
  /** Where the result is ok, but is not what was hoped for. */
  readonly exitCode?: number
}

export interface PolicyAction<Options> {
  readonly ports: PolicyCommandPorts
  readonly options: Options
  readonly files: readonly string[]
  /** The compiler sleeps until it is asked; it is closed behind the action. */
  readonly tools: ToolPorts
}

/** Adds the shared options and the action. `act` throws UsageError for what was used wrongly. */
export function definePolicyCommand<Options extends SharedOptions>(
  command: Command,
  ports: PolicyCommandPorts,
  act: (action: PolicyAction<Options>) => Promise<PolicyReport>,
): Command {
  return command
    .option('--json', 'print one object of JSON (the same as --format json)')
    .addOption(new Option('--format <form>', 'how errors and warnings are printed').choices(['text', 'json', 'github']).default('text'))
    .option('--strict', 'exit with 1 if there are warnings')
    .option('--things <file>', 'JSON: what the household has, a list of things with key, type, tags and abilities')
    .option('--at <instant>', 'decide as if it were this instant, e.g. 2026-11-23T10:00:00+01:00')
    .addHelpText('after', EXIT_CODES_HELP)
    .action(async (...given: unknown[]) => {
      const files = given.slice(0, -2).flatMap((value) => (typeof value === 'string' ? [value] : Array.isArray(value) ? value : []))
      await run({ ports, options: command.opts<Options>(), files }, act)
    })
}

async function run<Options extends SharedOptions>(
  { ports, options, files }: Omit<PolicyAction<Options>, 'tools'>,
  act: (action: PolicyAction<Options>) => Promise<PolicyReport>,
): Promise<void> {
  const compiler = ports.createCompiler()
  try {
    const now = readInstant(options.at) ?? ports.now()
    const household = options.things === undefined ? undefined : await readHouseholdFile(ports, options.things)
    const report = await act({ ports, options, files, tools: { now, compiler, limits: OWN_LIMITS, ...(household === undefined ? {} : { household }) } })
    print(ports, options, report)
    ports.exit(exitCodeOf(report, options))
  } catch (error) {
    const isUsage = error instanceof UsageError
    const fact = isUsage ? { code: 'usage', ...error.fact } : { code: 'fault', message: `${messageOf(error)} This is a bug in latchkey: please report it.` }
    if (formatOf(options) === 'json') ports.out(`${JSON.stringify({ ok: false, error: fact, diagnostics: [], warnings: [] })}\n`)
    else ports.error(`${isUsage ? error.message : fact.message}\n`)
    ports.exit(isUsage ? POLICY_EXIT_CODES.usage : POLICY_EXIT_CODES.fault)
  } finally {
    await compiler.close()
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}.` : 'A value was thrown that is not an error.'
}

async function readHouseholdFile(ports: PolicyCommandPorts, file: string) {
  const household = readHousehold(await readText(ports, file, '--things'))
  if (!household.ok) throw new UsageError('--things', `${file} ${household.error}.`)
  return household.value
}

/** Milliseconds since 1970. */
function readInstant(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const instant = parseInstant(text)
  if (instant === undefined)
    throw new UsageError('--at', `${JSON.stringify(text)} is not an instant. Give one with its offset, e.g. 2026-11-23T10:00:00+01:00.`)
  return Date.parse(instant)
}

export function formatOf(options: SharedOptions): 'text' | 'json' | 'github' {
  return options.json ? 'json' : (options.format ?? 'text')
}

function print(ports: PolicyCommandPorts, options: SharedOptions, { result, sources, text }: PolicyReport): void {
  const told = [...result.diagnostics, ...result.warnings.map((one) => ({ ...one, severity: 'warning' as const }))]
  switch (formatOf(options)) {
    case 'json':
      ports.out(`${JSON.stringify(result)}\n`)
      return
    case 'github':
      ports.out(told.map((one) => `${formatGithub(one)}\n`).join(''))
      ports.out(defuseCommands(text))
      return
    case 'text':
      ports.error(told.map((one) => `${formatText(one, sources)}\n`).join(''))
      ports.out(text)
  }
}

function formatText(diagnostic: Diagnostic, sources: readonly ToolSource[]): string {
  const text = sources.find(({ file }) => file === diagnostic.file)?.text ?? ''
  return formatDiagnostic(diagnostic.severity === 'warning' ? { ...diagnostic, message: `Warning: ${diagnostic.message}` } : diagnostic, text)
}

function exitCodeOf({ result, exitCode }: PolicyReport, { strict }: SharedOptions): number {
  if (result.diagnostics.some(isOurFault)) return POLICY_EXIT_CODES.fault
  if (!result.ok) return POLICY_EXIT_CODES.wrong
  if (strict && result.warnings.length > 0) return POLICY_EXIT_CODES.wrong
  return exitCode ?? POLICY_EXIT_CODES.fine
}
