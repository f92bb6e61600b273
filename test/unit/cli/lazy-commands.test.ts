// TR31: help, version and completion load no command, and each command loads only what it needs.
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { buildProgram } from '../../../cli/program.ts'
import { listStaticImports } from '../../support/static-imports.ts'
import { runCli } from './run-cli.ts'

/** Packages that take long to load. */
const HEAVY = ['express', 'undici', 'kysely', 'libsql', 'pino', 'prom-client', 'jose', '@node-rs/argon2', 'rate-limiter-flexible', 'helmet']

test('TR31: what every command line loads is commander and a few files', () => {
  // main.ts loads program.ts after it has taken over the signals.
  expect([...listStaticImports('cli/main.ts').packages]).toEqual([])
  const { files, packages } = listStaticImports('cli/program.ts')
  expect([...packages]).toEqual(['commander'])
  expect(files.size).toBeLessThan(12)
})

test('TR31: the completion command reads a file', () => {
  expect([...listStaticImports('cli/completion.ts').packages]).toEqual(['commander'])
})

test.each(['check', 'test', 'explain', 'can', 'diff', 'replay', 'fmt', 'rego', 'build', 'schema'])('TR31: policy %s loads no server', (name) => {
  const { files, packages } = listStaticImports(`cli/policy/${name}.ts`)
  expect(HEAVY.filter((one) => packages.has(one))).toEqual([])
  // `--sample` carries obligations out as the sidecar does, with the part of its code that does only that.
  const isForeign = (file: string) => /^(sidecar|authz-server|device)\//.test(file) && !/^sidecar\/(?:obligations\/|limits\.ts$)/.test(file)
  expect([...files].filter(isForeign)).toEqual([])
})

test.each(['init', 'key', 'schema', 'pair', 'device', 'person'])('TR31: %s loads neither a database nor a web server', (name) => {
  const { packages } = listStaticImports(`cli/${name}.ts`)
  expect(['express', 'kysely', 'libsql', 'prom-client'].filter((one) => packages.has(one))).toEqual([])
})

describe('the list of commands', () => {
  const describeAll = (command: Command): readonly string[] => [`${command.name()}: ${command.description()}`, ...command.commands.flatMap(describeAll)]

  test('has the names and descriptions of the commands themselves', async () => {
    const whole = describeAll(await buildProgram('all'))
    for (const words of [[], ['policy']]) {
      const listed = describeAll(await buildProgram(words))
      expect(listed.filter((line) => !whole.includes(line))).toEqual([])
      expect(listed.length).toBeGreaterThan(10)
    }
  })

  test.each([
    ['policy', '--help'],
    ['help', 'policy'],
  ])('shows the commands of a command: latchkey %s %s', async (...words) => {
    expect((await runCli(...words)).stdout).toContain('explain')
  })

  test.each([['polcy'], ['policy', 'chek']])('suggests the command that is meant: latchkey %s', async (...words) => {
    const run = await runCli(...words)
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toMatch(/Did you mean (policy|check)/)
  })
})
