// `latchkey person add`: makes an account at the authz server (operator). The password comes from a file or standard input, never from the command line, where others could see it.
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { CommandError, EXIT_CODES } from './command-error.ts'
import { addOperatorOptions, type OperatorOptions, openOperatorApi } from './operator-options.ts'
import { type CommandAnswer, defineAction } from './run-action.ts'

interface AddOptions extends OperatorOptions {
  readonly email: string
  readonly name: string
  readonly passwordFile: string
  readonly unverified?: boolean
}

export function buildPersonCommand(): Command {
  const person = new Command('person').description('accounts of people (operator)')
  const add = new Command('add')
    .description('make an account')
    .requiredOption('--email <address>', 'how rules name this person')
    .requiredOption('--name <text>', 'how pages name this person')
    .requiredOption('--password-file <file>', 'file whose first line is the password; - for standard input')
    .option('--unverified', 'the address is not known to be theirs: rules that name it do not count')
  person.addCommand(defineAction<AddOptions>(addOperatorOptions(add), addPerson))
  return person
}

async function addPerson(options: AddOptions): Promise<CommandAnswer> {
  const password = readFirstLine(options.passwordFile)
  const body = { email: options.email, display_name: options.name, password, email_verified: options.unverified !== true }
  const answer = await openOperatorApi(options).call({
    method: 'POST',
    path: '/registry/people',
    body: { type: 'application/json', text: JSON.stringify(body) },
  })
  return { json: answer, text: `${options.email} can sign in` }
}

const STANDARD_INPUT = 0

function readFirstLine(file: string): string {
  try {
    return readFileSync(file === '-' ? STANDARD_INPUT : file, 'utf8').split(/\r?\n/, 1)[0] ?? ''
  } catch (cause) {
    throw new CommandError({ exitCode: EXIT_CODES.usage, option: '--password-file', file, message: 'cannot be read' }, { cause })
  }
}
