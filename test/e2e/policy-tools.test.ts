// The rule tools as a person uses them: the built command, files, pipes and exit codes.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildLatchkey, runLatchkey } from './run-latchkey.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-tools-'))
const rules = join(folder, 'rules.yaml')
const LIMIT_MILLISECONDS = 120_000

beforeAll(async () => {
  await buildLatchkey()
  await runLatchkey('init', folder)
}, LIMIT_MILLISECONDS)
afterAll(() => rmSync(folder, { recursive: true }))

const BOB = ['--who', 'bob@example.test', '--what', 'guitar', '--may', 'play', '--at', '2026-11-23T10:00:00+01:00']

test.each<[words: string[], exitCode: number, stdout: string]>([
  [['check', rules, '--strict'], 0, 'no errors'],
  [['test', rules], 0, 'all 4 expectations hold'],
  [['explain', rules, ...BOB], 0, 'Allowed.'],
  [['can', rules, '--who', 'carol@example.test'], 0, 'Complete: anything that is not listed is never allowed.'],
  [['diff', rules, rules, '--exit-code'], 0, 'Nobody gains or loses access.'],
  [['fmt', '--check', rules], 0, ''],
  [['rego', rules], 0, 'package latchkey.sharing'],
  [['build', rules, '-o', join(folder, 'bundle.tar.gz')], 0, 'digest'],
  [['schema'], 0, 'Latchkey sharing policy'],
  [['schema', '--guardrails'], 0, 'Latchkey guardrails'],
  [['check', join(folder, 'none.yaml')], 2, ''],
  [['check', rules, '--format', 'xml'], 2, ''],
  [['polish', rules], 2, ''],
])(
  'latchkey policy %j',
  async (words, exitCode, stdout) => {
    const run = await runLatchkey('policy', ...words)
    expect(run).toMatchObject({ exitCode, stdout: expect.stringContaining(stdout) })
    if (exitCode !== 0) expect(run.stderr).not.toBe('')
  },
  LIMIT_MILLISECONDS,
)

test(
  'a mistake in a pipe is told with its line, and in a workflow as a command',
  async () => {
    const text = readFileSync(rules, 'utf8').replace('who: [band]', 'whoo: [band]')
    expect(await pipe(text, 'policy', 'check', '-')).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(/^stdin:\d+:\d+ \w+ .*Did you mean "who"\?\n {6}whoo: \[band\]\n {6}\^$/m),
    })
    expect(await pipe(text, 'policy', 'check', '-', '--format', 'github')).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(/^::error file=stdin,line=\d+,col=5,title=/m),
    })
  },
  LIMIT_MILLISECONDS,
)

test(
  'a change is compared, and a log replayed',
  async () => {
    const shorter = join(folder, 'shorter.yaml')
    writeFileSync(shorter, readFileSync(rules, 'utf8').replace('08:00-22:00', '12:00-22:00'))
    const diff = await runLatchkey('policy', 'diff', rules, shorter, '--exit-code', '--json')
    expect({ exitCode: diff.exitCode, json: JSON.parse(diff.stdout) }).toMatchObject({ exitCode: 1, json: { changed: true, gains: [], coverage: 'complete' } })
    const { input } = JSON.parse((await runLatchkey('policy', 'explain', rules, ...BOB, '--json')).stdout)
    const log = join(folder, 'log.jsonl')
    writeFileSync(log, `${JSON.stringify({ input, decision: { effect: 'allow' } })}\n`)
    const replay = await runLatchkey('policy', 'replay', rules, shorter, log, '--exit-code')
    expect(replay).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('1 from allow to deny.') })
  },
  LIMIT_MILLISECONDS,
)

function pipe(text: string, ...words: readonly string[]): Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../dist/cli/main.js'), ...words], { stdio: 'pipe' })
  const written = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (written.stdout += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (written.stderr += chunk))
  child.stdin.end(text)
  return new Promise((resolve) => child.on('close', (exitCode) => resolve({ exitCode, ...written })))
}
