// Runs the built command `latchkey` as a process of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const MAIN = join(ROOT, 'dist/cli/main.js')

const running = new Set<ChildProcess>()
// A test that fails before it ends its program must not leave it behind.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export interface ProcessEnd {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Builds dist if a source is newer. */
export async function buildLatchkey(): Promise<void> {
  const { build } = (await import('../../scripts/prepare.mjs' as string)) as { build: () => void }
  build()
}

export interface RunningLatchkey {
  readonly child: ChildProcess
  readonly ended: Promise<ProcessEnd>
  /** The first line on stdout. */
  readonly firstLine: Promise<string>
}

export function startLatchkey(args: readonly string[], environment: Readonly<Record<string, string>> = {}): RunningLatchkey {
  return start(process.execPath, [MAIN, ...args], environment)
}

/** A line of a shell, in the project's folder. */
export function startShell(line: string): RunningLatchkey {
  return start('sh', ['-c', line], {})
}

function start(command: string, args: readonly string[], environment: Readonly<Record<string, string>>): RunningLatchkey {
  const child = spawn(command, args, { cwd: ROOT, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  const written = { stdout: '', stderr: '' }
  let tellFirstLine: (line: string) => void = () => {}
  const firstLine = new Promise<string>((resolve) => {
    tellFirstLine = resolve
  })
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    written.stdout += chunk
    if (written.stdout.includes('\n')) tellFirstLine(written.stdout.split('\n', 1)[0] ?? '')
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    written.stderr += chunk
  })
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.on('close', (exitCode) => {
      running.delete(child)
      tellFirstLine(written.stdout.split('\n', 1)[0] ?? '')
      resolve({ exitCode, ...written })
    })
  })
  return { child, ended, firstLine }
}

export async function runLatchkey(...args: readonly string[]): Promise<ProcessEnd> {
  return startLatchkey(args).ended
}
