// `latchkey completion`: prints a generated script, so that a shell which starts with it does not wait for the whole program.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Argument, Command } from 'commander'
import { SHELLS } from './completion/build-completion.ts'

export function buildCompletionCommand(): Command {
  return new Command('completion')
    .description('print a completion script for a shell: bash, zsh or fish')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', '\nFor bash, add this line to ~/.bashrc: source <(latchkey completion bash)\n')
    .action((shell: string) => {
      process.stdout.write(readFileSync(join(packageFolder(), 'cli', 'completion', `latchkey.${shell}`), 'utf8'))
    })
}

function packageFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('latchkey/package.json'))
}
