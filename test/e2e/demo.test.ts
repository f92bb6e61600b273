// The story as a process of its own: it must have the expected outcome, and must say so when it does not.
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ALL_DAY, buildRules } from '../../examples/dev-world/household.ts'
import { STORY } from '../../examples/dev-world/story/story.ts'
import { buildLatchkey, runLatchkey, startLatchkey } from './run-latchkey.ts'

const STORY_LIMIT_MILLISECONDS = 120_000
let folder = ''

beforeAll(async () => {
  await buildLatchkey()
  folder = mkdtempSync(join(tmpdir(), 'latchkey-story-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Verdict {
  readonly ok: boolean
  readonly steps: readonly { readonly name: string; readonly ok: boolean; readonly seen: readonly string[] }[]
}

function rulesFile(text: string): string {
  const path = join(folder, `rules-${text.length}.yaml`)
  writeFileSync(path, text)
  return path
}

describe('latchkey dev --demo', () => {
  test(
    'plays every step of the story, each as expected, and ends with 0',
    async () => {
      const { exitCode, stdout, stderr } = await runLatchkey('dev', '--demo')
      expect(stderr).toBe('')
      for (const { name } of STORY) expect(stdout).toContain(name)
      expect(stdout).toContain(`All ${STORY.length} steps had the expected outcome.`)
      expect(exitCode).toBe(0)
    },
    STORY_LIMIT_MILLISECONDS,
  )

  test.each([
    { title: 'the rules hide nothing', rules: buildRules(ALL_DAY).replace(/ {4}hide: .*\n/, ''), failing: 'Bob gets his answer, without what is hidden' },
    { title: 'the rules block Bob', rules: buildRules(ALL_DAY).replace('mallory', 'bob'), failing: "Bob's app asks for Alice's guitar" },
    { title: 'the rules are broken', rules: 'version: 1\nshares: nonsense\n', failing: 'Alice writes her rules' },
  ])(
    'ends with 1 and names the step when $title',
    async ({ rules, failing }) => {
      const { exitCode, stdout } = await runLatchkey('dev', '--demo', '--json', '--rules', rulesFile(rules))
      const verdict = JSON.parse(stdout) as Verdict
      expect(verdict.ok).toBe(false)
      expect(verdict.steps.at(-1)).toMatchObject({ name: failing, ok: false })
      expect(verdict.steps.slice(0, -1).every(({ ok }) => ok)).toBe(true)
      expect(exitCode).toBe(1)
    },
    STORY_LIMIT_MILLISECONDS,
  )

  test('is not played on kept state', async () => {
    expect(await runLatchkey('dev', '--demo', '--data', folder)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--data') })
  })
})

describe('latchkey dev', () => {
  /** On an idle machine most of the time until it is ready is CPU time, and that does not grow with what else runs. */
  const READY_WITHIN_CPU_SECONDS = 8
  const CLOCK_TICKS_PER_SECOND = 100

  /** User and system time of all threads (proc(5)); undefined where there is no /proc. */
  function cpuSecondsOf(child: ChildProcess): number | undefined {
    const file = `/proc/${child.pid}/stat`
    if (!existsSync(file)) return undefined
    const fields = readFileSync(file, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND
  }

  test('is ready after a few seconds of CPU time, says where everything is on one line, and ends cleanly at SIGTERM', async () => {
    const temporary = join(folder, 'tmp')
    rmSync(temporary, { recursive: true, force: true })
    mkdirSync(temporary)
    const { child, firstLine, ended } = startLatchkey(['dev', '--json'], { TMPDIR: temporary })
    const ready = JSON.parse(await firstLine) as Record<string, unknown>
    const cpuSeconds = cpuSecondsOf(child)
    expect(Object.keys(ready)).toEqual(['ready', 'authz_server', 'sidecar', 'upstream', 'console', 'accounts', 'operator'])
    expect(ready['accounts']).toMatchObject([
      { email: 'alice@example.test', demo_only: true },
      { email: 'bob@example.test', demo_only: true },
    ])
    if (cpuSeconds !== undefined) expect(cpuSeconds).toBeLessThan(READY_WITHIN_CPU_SECONDS)
    for (const name of ['authz_server', 'sidecar', 'upstream']) expect(String(ready[name])).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await fetch(`${String(ready['sidecar'])}/guitars/guitar-0042/tuning`)).status).toBe(401)
    expect((await fetch(`${String(ready['upstream'])}/guitars/guitar-0042/tuning`)).status).toBe(200)
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ exitCode: 0, stderr: '' })
    expect(readdirSync(temporary)).toEqual([])
  }, 60_000)

  test.each([{ args: ['--json'] }, { args: ['--demo'] }])(
    'ends and leaves nothing behind when a signal comes twice, as under npm: dev $args',
    async ({ args }) => {
      const temporary = mkdtempSync(join(folder, 'tmp-'))
      const { child, firstLine, ended } = startLatchkey(['dev', ...args], { TMPDIR: temporary })
      await firstLine
      child.kill('SIGINT')
      child.kill('SIGINT')
      expect((await ended).exitCode).toBe(args.includes('--demo') ? 1 : 0)
      expect(readdirSync(temporary)).toEqual([])
    },
    60_000,
  )

  test('shows a code, a refused call with its reason, and a loud banner to people', async () => {
    const { child, ended } = startLatchkey(['dev'])
    let shown = ''
    await new Promise<void>((resolve) => {
      child.stdout?.on('data', (chunk: string) => {
        shown += chunk
        if (/Enter {2}[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}/.test(shown)) resolve()
      })
      void ended.then(() => resolve())
    })
    child.kill('SIGINT')
    expect((await ended).exitCode).toBe(0)
    expect(shown).toContain('FOR DEVELOPMENT ONLY')
    expect(shown).toMatch(/curl -i .*\n\s+401 DPoP/)
  }, 60_000)

  test('keeps its state in --data: a second start finds accounts, keys and devices', async () => {
    const data = join(folder, 'kept')
    const kids: string[] = []
    for (const _round of [1, 2]) {
      const { child, firstLine, ended } = startLatchkey(['dev', '--json', '--data', data])
      const { authz_server, operator } = JSON.parse(await firstLine) as { authz_server: string; operator: { client_id: string; key_file: string } }
      const list = await runLatchkey('device', 'list', '--issuer', authz_server, '--client-id', operator.client_id, '--key-file', operator.key_file)
      expect(list.stdout).toContain('guitar-0042\tsmart-guitar\tNightingale S\tactive')
      kids.push(((await (await fetch(`${authz_server}/jwks`)).json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid).join())
      child.kill('SIGTERM')
      expect((await ended).exitCode).toBe(0)
    }
    expect(kids[0]).toBe(kids[1])
  }, 90_000)

  test('names the option when its ports are taken', async () => {
    const first = startLatchkey(['dev', '--json'])
    const { authz_server } = JSON.parse(await first.firstLine) as { authz_server: string }
    const taken = new URL(authz_server).port
    expect(await runLatchkey('dev', '--json', '--port-base', taken)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--port-base') })
    first.child.kill('SIGTERM')
    await first.ended
  }, 60_000)

  test.each(['0', '65533', 'x', '-1', '80.5'])('does not take "%s" for a port', async (port) => {
    expect(await runLatchkey('dev', '--port-base', port)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--port-base') })
  })
})
