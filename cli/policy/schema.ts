// `latchkey policy schema`: prints the JSON Schema of the language, for editors.
import { Command } from 'commander'
import { printGuardrailsSchema } from '../../policies/guardrails/guardrails-schema.ts'
import { printSchema } from '../../policies/schema/policy-schema.ts'
import { EXIT_CODES_HELP } from './exit-codes.ts'
import type { PolicyCommandPorts } from './policy-ports.ts'

export function buildSchemaCommand(ports: PolicyCommandPorts): Command {
  const command = new Command('schema')
    .description('print the JSON Schema of the language, for editors')
    .option('--guardrails', "print the schema of an operator's guardrails")
    .option('--json', 'the schema is always JSON')
    .addHelpText('after', EXIT_CODES_HELP)
  return command.action(() => ports.out(command.opts<{ guardrails?: true }>().guardrails ? printGuardrailsSchema() : printSchema()))
}
