// `latchkey policy test`: decides the requests under "expect" and prints each that fails.
import { Command } from 'commander'
import { testRules } from '../../policies/tools/test-rules.ts'
import { definePolicyCommand } from './define-command.ts'
import type { PolicyCommandPorts } from './policy-ports.ts'
import { readSource } from './read-source.ts'

export function buildTestCommand(ports: PolicyCommandPorts): Command {
  const command = new Command('test')
    .description('evaluate the rows under "expect" and report those that fail')
    .argument('<file>', 'the rules; - for standard input')
  return definePolicyCommand(command, ports, async ({ files: [file = ''], tools }) => {
    const source = await readSource(ports, file)
    const result = await testRules(source, tools)
    return { result, sources: [source], text: summarize(source.file, result) }
  })
}

function summarize(file: string, { ok, expect, failed }: { readonly ok: boolean; readonly expect: number; readonly failed: number }): string {
  if (ok) return `${file}: all ${expect} expectations hold.\n`
  return failed === 0 ? '' : `${file}: ${failed} of ${expect} expectations fail. Fix the rule or the row.\n`
}
