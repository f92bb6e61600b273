// Runs a command line of `latchkey` in this process and gives back what it printed and its exit code.
import { CommanderError } from 'commander'
import { vi } from 'vitest'
import { EXIT_CODES } from '../../../cli/command-error.ts'
import { buildProgram } from '../../../cli/program.ts'

export interface CliRun {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

export async function runCli(...args: readonly string[]): Promise<CliRun> {
  const written = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text)
      return true
    }),
  )
  const before = process.exitCode
  process.exitCode = undefined
  try {
    const program = await buildProgram(args)
    await program.parseAsync([...args], { from: 'user' })
    return { ...written, exitCode: Number(process.exitCode ?? 0) }
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return { ...written, exitCode: error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage }
  } finally {
    process.exitCode = before
    for (const spy of spies) spy.mockRestore()
  }
}
