// Completion scripts are generated from the commands and committed. After a change of a command: UPDATE_GOLDENS=1 npx vitest run test/unit/cli/completion.test.ts
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { buildCompletion, SHELLS } from '../../../cli/completion/build-completion.ts'
import { buildProgram } from '../../../cli/program.ts'
import { runCli } from './run-cli.ts'

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'cli', 'completion')

describe.each(SHELLS)('the completion script for %s', (shell) => {
  test('is what the commands of today make', async () => {
    const script = buildCompletion(shell, await buildProgram('all'))
    const file = join(FOLDER, `latchkey.${shell}`)
    if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(file, script)
    expect(readFileSync(file, 'utf8')).toBe(script)
  })

  test('is printed by the command', async () => {
    expect(await runCli('completion', shell)).toEqual({ stdout: readFileSync(join(FOLDER, `latchkey.${shell}`), 'utf8'), stderr: '', exitCode: 0 })
  })
})

test('another shell is refused with the shells that are known', async () => {
  const run = await runCli('completion', 'tcsh')
  expect(run.exitCode).toBe(2)
  expect(run.stderr).toContain('bash, zsh, fish')
})

test.each([
  ['latchkey pol', 'policy'],
  ['latchkey policy ch', 'check'],
  ['latchkey policy check --js', '--json'],
  ['latchkey sidecar --ch', '--check'],
])('bash completes %j to %s', (line, expected) => {
  const words = line.split(' ')
  const script = `source ${join(FOLDER, 'latchkey.bash')}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _latchkey; echo "\${COMPREPLY[@]}"`
  const { stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8' })
  expect(stdout.trim().split(' ')).toContain(expected)
})
