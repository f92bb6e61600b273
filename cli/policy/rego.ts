// `latchkey policy rego`: prints the Rego that rules become.
import { Command } from 'commander'
import { printRego } from '../../policies/tools/print-rego.ts'
import { definePolicyCommand } from './define-command.ts'
import type { PolicyCommandPorts } from './policy-ports.ts'
import { readSource } from './read-source.ts'

export function buildRegoCommand(ports: PolicyCommandPorts): Command {
  const command = new Command('rego').description('print the Rego that the rules compile to').argument('<file>', 'the rules; - for standard input')
  return definePolicyCommand(command, ports, async ({ files: [file = ''], tools }) => {
    const source = await readSource(ports, file)
    const result = printRego(source, tools)
    return { result, sources: [source], text: result.rego }
  })
}
