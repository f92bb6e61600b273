#!/usr/bin/env node
// The command `latchkey`. Only starts the program and decides the exit code of a wrong command line.
import { ignoreBrokenOutput } from '../system/process-faults.ts'
import { EXIT_CODES } from './command-error.ts'
import { hearSignals } from './signals.ts'

ignoreBrokenOutput(process.stdout, process.stderr)

const words = process.argv.slice(2)
/** They end in an orderly way whenever they are asked to, also while their code is still being loaded. */
const SERVERS = ['authz-server', 'sidecar', 'dev']
if (words.some((word) => SERVERS.includes(word))) hearSignals()

const { CommanderError } = await import('commander')
const { buildProgram } = await import('./program.ts')
try {
  const program = await buildProgram(words)
  await program.parseAsync(words, { from: 'user' })
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage
}
