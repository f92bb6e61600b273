// TR32: a long build of rules says so on a terminal, once a second.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { buildPolicyCommand } from '../../../cli/policy.ts'
import { err, ok } from '../../../protocol/result.ts'
import { NOW } from './run-policy.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-build-'))
const file = join(folder, 'rules.yaml')
writeFileSync(file, 'version: 1\nshares:\n  - { name: A, who: [bob@example.test], what: [guitar-0042], may: [play] }\n')
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Build {
  readonly said: string[]
  readonly error: () => string
  /** Resolves when the compiler has the rules. */
  readonly compiling: Promise<void>
  readonly finish: () => void
  readonly done: Promise<unknown>
}

async function startBuild(isTerminal: boolean): Promise<Build> {
  const said: string[] = []
  let error = ''
  let finish = (): void => {}
  let began = (): void => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const compiling = new Promise<void>((resolve) => {
    began = resolve
  })
  const command = await buildPolicyCommand(['build'], {
    out: () => {},
    error: (text) => {
      error += text
    },
    now: () => NOW,
    exit: () => {},
    createCompiler: () => ({
      async compile() {
        began()
        await finished
        return ok(new Uint8Array())
      },
      close: async () => {},
    }),
    readFile: async () => readFileSync(file),
    writeFile: async () => {},
    readInput: async () => Buffer.alloc(0),
    ...(isTerminal ? { progress: (text: string) => void said.push(text) } : {}),
  })
  const done = command.parseAsync(['build', file, '-o', join(folder, 'out.wasm')], { from: 'user' }).catch(() => err('ended'))
  return { said, error: () => error, compiling, finish, done }
}

test('TR32: on a terminal a build that takes more than a second says so each second, and no longer once it has ended', async () => {
  const build = await startBuild(true)
  await Promise.race([build.compiling, build.done.then(() => expect(build.error()).toBe(''))])
  vi.advanceTimersByTime(999)
  expect(build.said).toEqual([])
  vi.advanceTimersByTime(1)
  expect(build.said).toEqual(['Compiling the rules: module 1 ...\n'])
  vi.advanceTimersByTime(3000)
  expect(build.said).toHaveLength(4)
  build.finish()
  await build.done
  vi.advanceTimersByTime(10_000)
  expect(build.said).toHaveLength(4)
})

test('TR32: without a terminal nothing is said', async () => {
  const build = await startBuild(false)
  await Promise.race([build.compiling, build.done.then(() => expect(build.error()).toBe(''))])
  vi.advanceTimersByTime(10_000)
  build.finish()
  await build.done
  expect(build.said).toEqual([])
})
