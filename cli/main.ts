#!/usr/bin/env node
// The command `latchkey`. Only starts the program and decides the exit code of a wrong command line.
import { CommanderError } from 'commander'
import { EXIT_CODES } from './command-error.ts'
import { buildProgram } from './program.ts'

try {
  await buildProgram().parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage
}
