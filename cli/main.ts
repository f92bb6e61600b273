#!/usr/bin/env node
// The command `latchkey`. Only starts the program and decides the exit code of a wrong command line.
import { CommanderError } from 'commander'
import { EXIT_CODES } from './command-error.ts'
import { buildProgram } from './program.ts'

const words = process.argv.slice(2)
try {
  const program = await buildProgram(words)
  await program.parseAsync(words, { from: 'user' })
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage
}
