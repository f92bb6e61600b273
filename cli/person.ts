// `latchkey person`: accounts at the authz server (operator). A password comes from a file or standard input, never from the command line, where others could see it.
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { isJsonObject, type JsonObject } from '../protocol/encoding.ts'
import { CommandError, EXIT_CODES } from './command-error.ts'
import { addOperatorOptions, type OperatorOptions, openOperatorApi } from './operator-options.ts'
import { type CommandAnswer, defineAction } from './run-action.ts'

interface AddOptions extends OperatorOptions {
  readonly email: string
  readonly name: string
  readonly passwordFile: string
  readonly verified?: boolean
}

export function buildPersonCommand(): Command {
  const person = new Command('person').description('manage accounts of people (operator)')
  const add = new Command('add')
    .description('create an account')
    .requiredOption('--email <address>', 'the address by which rules name this person')
    .requiredOption('--name <text>', 'the name that pages show for this person')
    .requiredOption('--password-file <file>', 'file whose first line is the password; - for standard input')
    .option('--verified', 'you know that the address belongs to the person: rules that name it apply')
    .option('--unverified', 'the default: rules that name the address do not apply')
  person.addCommand(defineAction<AddOptions>(addOperatorOptions(add), addPerson))
  person.addCommand(defineAction<OperatorOptions>(addOperatorOptions(new Command('list').description('list all accounts')), listPeople))
  person.addCommand(buildOnePersonCommand('disable', 'sign the person out everywhere, end their tokens and requests, and stop them from signing in'))
  person.addCommand(buildOnePersonCommand('enable', 'allow the person to sign in again; devices and apps must pair again'))
  person.addCommand(buildOnePersonCommand('reset', 'invalidate the password and all sessions, and print a one-time link to choose a new password'))
  return person
}

async function addPerson(options: AddOptions): Promise<CommandAnswer> {
  const password = readFirstLine(options.passwordFile)
  const body = { email: options.email, display_name: options.name, password, email_verified: options.verified === true }
  const answer = await openOperatorApi(options).call({
    method: 'POST',
    path: '/registry/people',
    body: { type: 'application/json', text: JSON.stringify(body) },
  })
  return { json: answer, text: `${options.email} can sign in` }
}

function buildOnePersonCommand(verb: 'disable' | 'enable' | 'reset', description: string): Command {
  const command = new Command(verb).description(description).argument('<who>', 'e-mail address or id')
  return defineAction<OperatorOptions>(addOperatorOptions(command), async (options, who = '') => {
    const answer = await openOperatorApi(options).call({ method: 'POST', path: `/registry/people/${encodeURIComponent(who)}/${verb}` })
    return { json: answer ?? { who }, text: describeChange(verb, who, isJsonObject(answer) ? answer : {}) }
  })
}

function describeChange(verb: 'disable' | 'enable' | 'reset', who: string, answer: JsonObject): string {
  if (verb !== 'reset') return `${who}: ${verb}d`
  const until = typeof answer['expires_at'] === 'number' ? ` until ${new Date(answer['expires_at'] * 1000).toISOString()}` : ''
  return `${who}: the password and all sessions have ended. Give this link only to the person; it works once${until}:\n${String(answer['reset_uri'] ?? '')}`
}

/** All pages of the list. */
async function listPeople(options: OperatorOptions): Promise<CommandAnswer> {
  const api = openOperatorApi(options)
  const people: JsonObject[] = []
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page = await api.call({ method: 'GET', path: `/registry/people${after === '' ? '' : `?after=${encodeURIComponent(after)}`}` })
    if (!isJsonObject(page) || !Array.isArray(page['people'])) {
      throw new CommandError({
        exitCode: EXIT_CODES.refused,
        message: 'the authz server returns the list of accounts in a format that this version does not know',
      })
    }
    people.push(...(page['people'] as unknown[]).filter(isJsonObject))
    after = typeof page['next'] === 'string' && page['next'] !== '' ? page['next'] : undefined
  }
  const rows = people.map((one) => ['email', 'display_name', 'email_verified', 'status', 'id'].map((name) => String(one[name] ?? '-')).join('\t'))
  return { json: { people }, text: ['email\tname\tverified\tstatus\tid', ...rows].join('\n') }
}

const STANDARD_INPUT = 0

function readFirstLine(file: string): string {
  try {
    return readFileSync(file === '-' ? STANDARD_INPUT : file, 'utf8').split(/\r?\n/, 1)[0] ?? ''
  } catch (cause) {
    throw new CommandError(
      { exitCode: EXIT_CODES.usage, option: '--password-file', file, message: 'cannot be read', remedy: 'check the path and its permissions' },
      { cause },
    )
  }
}
