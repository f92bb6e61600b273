// `latchkey schema`: prints the JSON Schema of a file that people write, for editors and checks of their own.
import { Command } from 'commander'
import authzServerSchema from '../authz-server/config/authz-server.schema.json' with { type: 'json' }
import { printGuardrailsSchema } from '../policies/guardrails/guardrails-schema.ts'
import { printSchema } from '../policies/schema/policy-schema.ts'
import sidecarSchema from '../sidecar/config/sidecar.schema.json' with { type: 'json' }
import { CommandError, EXIT_CODES } from './command-error.ts'
import { defineAction } from './run-action.ts'

const SCHEMAS: Readonly<Record<string, () => string>> = {
  policy: printSchema,
  guardrails: printGuardrailsSchema,
  'authz-server': () => JSON.stringify(authzServerSchema, null, 2),
  sidecar: () => JSON.stringify(sidecarSchema, null, 2),
}

export function buildSchemaCommand(): Command {
  const names = Object.keys(SCHEMAS).join(', ')
  const command = new Command('schema').description('print a published JSON Schema').argument('<name>', names)
  return defineAction(command, async (_options, name = '') => {
    const schema = Object.hasOwn(SCHEMAS, name) ? SCHEMAS[name]?.() : undefined
    if (schema === undefined)
      throw new CommandError({ exitCode: EXIT_CODES.usage, option: '<name>', message: `the schema "${name}" does not exist`, remedy: `one of: ${names}` })
    return { json: JSON.parse(schema), text: schema.trimEnd() }
  })
}
