// `latchkey init`: writes a file of rules, or a sidecar's configuration, to start from, with its schema beside it for editors. Overwrites nothing.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { printGuardrailsSchema } from '../policies/guardrails/guardrails-schema.ts'
import { printSchema } from '../policies/schema/policy-schema.ts'
import sidecarSchema from '../sidecar/config/sidecar.schema.json' with { type: 'json' }
import { CommandError, EXIT_CODES } from './command-error.ts'
import { GUARDRAILS_TEMPLATE, RULES_TEMPLATE, SIDECAR_TEMPLATE } from './init-templates.ts'
import { type CommandAnswer, defineAction, type JsonOption } from './run-action.ts'

interface InitOptions extends JsonOption {
  readonly guardrails?: boolean
  readonly sidecar?: boolean
}

interface NewFile {
  readonly name: string
  readonly text: string
}

export function buildInitCommand(): Command {
  const command = new Command('init')
    .description('write a starter file of rules, with expectations and a schema for editors')
    .argument('[directory]', 'where; here if not given')
    .option('--guardrails', "an operator's guardrails instead of an owner's rules")
    .option('--sidecar', "a sidecar's configuration instead of an owner's rules")
  return defineAction<InitOptions>(command, async (options, directory = '.') => {
    if (options.guardrails === true && options.sidecar === true) {
      throw new CommandError({
        exitCode: EXIT_CODES.usage,
        option: '--sidecar',
        message: 'cannot be combined with --guardrails',
        remedy: 'run the command twice',
      })
    }
    if (options.sidecar === true) return init(directory, sidecar(), (path) => `latchkey sidecar ${path} --check`)
    return init(directory, options.guardrails === true ? guardrails() : rules(), (path) => `latchkey policy test ${path}`)
  })
}

function rules(): readonly [rules: NewFile, schema: NewFile] {
  return [withModeline('rules.yaml', 'rules.schema.json', RULES_TEMPLATE), { name: 'rules.schema.json', text: printSchema() }]
}

function guardrails(): readonly [rules: NewFile, schema: NewFile] {
  const schema = { name: 'guardrails.schema.json', text: printGuardrailsSchema() }
  return [withModeline('guardrails.yaml', schema.name, GUARDRAILS_TEMPLATE), schema]
}

function sidecar(): readonly [config: NewFile, schema: NewFile] {
  const schema = { name: 'sidecar.schema.json', text: `${JSON.stringify(sidecarSchema, null, 2)}\n` }
  return [withModeline('sidecar.yaml', schema.name, SIDECAR_TEMPLATE), schema]
}

/** Editors take the place of the schema from the file that names it, so the two are moved together. */
function withModeline(name: string, schema: string, template: string): NewFile {
  return { name, text: `# yaml-language-server: $schema=./${schema}\n${template}` }
}

function init(directory: string, files: readonly [main: NewFile, schema: NewFile], nextCommand: (path: string) => string): CommandAnswer {
  const paths = files.map(({ name }) => join(directory, name))
  const taken = paths.find((path) => existsSync(path))
  if (taken !== undefined)
    throw new CommandError({ exitCode: EXIT_CODES.usage, file: taken, message: 'already exists', remedy: 'name another directory, or move the file away' })
  try {
    mkdirSync(directory, { recursive: true })
    for (const { name, text } of files) writeFileSync(join(directory, name), text, { flag: 'wx' })
  } catch (cause) {
    const message = `cannot be written (${cause instanceof Error ? cause.message : 'unknown reason'})`
    throw new CommandError({ exitCode: EXIT_CODES.usage, file: directory, message, remedy: 'name a directory that you may write to' }, { cause })
  }
  const [mainPath = ''] = paths
  return { json: { written: paths }, text: `wrote ${paths.join(' and ')}\nnext: ${nextCommand(mainPath)}` }
}
