// The README's quick start, run as it is written there.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildLatchkey, startShell } from './run-latchkey.ts'

const README = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
const QUICK_START_LIMIT_MILLISECONDS = 120_000

const commands = [...README.matchAll(/```sh quick-start\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.split('\n').filter((line) => line.trim() !== ''))

beforeAll(buildLatchkey)

test('the README has a quick start of less than ten lines', () => {
  expect(commands.length).toBeGreaterThan(0)
  expect(commands.length).toBeLessThan(10)
})

test.each(commands)(
  '%s',
  async (line) => {
    const { exitCode, stdout } = await startShell(line).ended
    expect(stdout).toContain('steps had the expected outcome')
    expect(exitCode).toBe(0)
  },
  QUICK_START_LIMIT_MILLISECONDS,
)
