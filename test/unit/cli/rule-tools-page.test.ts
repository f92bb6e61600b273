// docs/rule-tools.md says what the code does: every command, option, exit code and path over HTTP, and no other.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RULE_TOOL_ENDPOINTS } from '../../../authz-server/endpoints/rules-tools.ts'
import { TOOL_POINTS } from '../../../authz-server/sharing/tool-limits.ts'
import { POLICY_EXIT_CODES } from '../../../cli/policy/exit-codes.ts'
import { buildPolicyCommand } from '../../../cli/policy.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/rule-tools.md'), 'utf8')
const section = (title: string) => page.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? ''

test('the commands', async () => {
  const told = [...section('Commands').matchAll(/^\| `latchkey policy (\w+)/gm)].map((row) => row[1])
  expect(told.sort()).toEqual((await buildPolicyCommand('all')).commands.map((command) => command.name()).sort())
})

test('the options', async () => {
  const options = (await buildPolicyCommand('all')).commands.flatMap((command) => command.options.map((option) => option.long ?? ''))
  expect([...new Set(options)].filter((option) => !page.includes(`${option}\``) && !page.includes(`${option} `))).toEqual(['--output'])
})

test('the exit codes', () => {
  const told = [...section('Exit codes').matchAll(/^\| `(\d)`/gm)].map((row) => Number(row[1]))
  expect(told).toEqual(Object.values(POLICY_EXIT_CODES))
})

test('the paths and limits over HTTP', () => {
  const http = section('Over HTTP')
  for (const { path, method } of RULE_TOOL_ENDPOINTS) {
    expect(method).toBe('POST')
    expect(http).toContain(`\`${path.replace('/api/rules/', '')}\``)
  }
  expect(http).toContain(`${TOOL_POINTS} points`)
})
