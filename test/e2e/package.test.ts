// TR34: the packed package in an empty project, as a user installs it: commands, types, documentation and files for deployment.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildLatchkey } from './run-latchkey.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const INSTALL_LIMIT_MILLISECONDS = 180_000
const INSTALL_FLAGS = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--silent']

let folder: string
let project: string
let files: readonly string[]

beforeAll(async () => {
  await buildLatchkey()
  folder = mkdtempSync(join(tmpdir(), 'latchkey-package-'))
  project = join(folder, 'project')
  mkdirSync(project)
  const packed = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], ROOT)) as [
    { filename: string; files: { path: string }[] },
  ]
  files = packed[0].files.map(({ path }) => path)
  writeFileSync(join(project, 'package.json'), '{"name":"a-project","private":true,"type":"module"}\n')
  run('npm', ['install', ...INSTALL_FLAGS, join(folder, packed[0].filename)], project)
}, INSTALL_LIMIT_MILLISECONDS)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(command: string, words: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, words, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${status}: ${stdout}${stderr}`)
  return stdout
}

const latchkey = (...words: readonly string[]) => run('npx', ['--no-install', 'latchkey', ...words], project)
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }

describe('TR34: the packed package', { timeout: 120_000 }, () => {
  test.each(['README.md', 'CHANGELOG.md', 'LICENSE', 'NOTICE', 'docs/rules.md', 'docs/sidecar.md', 'deploy/systemd/latchkey-sidecar.service'])(
    'holds %s',
    (file) => {
      expect(files).toContain(file)
    },
  )

  test('holds every page that its documentation links to', () => {
    const pages = files.filter((file) => /^(README\.md|docs\/[^/]+\.md)$/.test(file))
    const missing = pages.flatMap((page) =>
      [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].flatMap(([, link = '']) => {
        const target = join(page, '..', link).replace(/\/$/, '')
        return files.some((file) => file === target || file.startsWith(`${target}/`)) ? [] : [`${page} -> ${link}`]
      }),
    )
    expect(missing).toEqual([])
  })

  test('holds no source maps, since the sources are not in it', () => {
    expect(files.filter((file) => file.endsWith('.map'))).toEqual([])
    expect(files.filter((file) => file.startsWith('dist/bench') || file.startsWith('test/'))).toEqual([])
  })

  test('brings the command', () => {
    expect(latchkey('--version').trim()).toBe(version)
    expect(latchkey('--help')).toContain('policy')
    expect(latchkey('completion', 'bash')).toContain('_latchkey')
  })

  test('makes a first policy that its own check accepts', () => {
    latchkey('init')
    const [policy = ''] = readdirSync(project).filter((name) => name.endsWith('.yaml'))
    expect(latchkey('policy', 'check', policy)).toContain('no errors')
    expect(latchkey('policy', 'test', policy)).toMatch(/\d/)
  })

  test('finds nothing wrong with the machine', () => {
    expect(JSON.parse(latchkey('doctor', '--json'))).toMatchObject({ ok: true })
  })

  test('has types that need nothing else', () => {
    writeFileSync(
      join(project, 'index.ts'),
      "import { createClient, createKey, systemPorts } from 'latchkey'\nexport const parts = { createClient, createKey, systemPorts }\n",
    )
    const config = {
      compilerOptions: { module: 'nodenext', target: 'es2022', strict: true, noEmit: true, skipLibCheck: false, types: ['node'] },
      files: ['index.ts'],
    }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config))
    expect(run(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.'], project)).toBe('')
  })

  test('runs the dev world, and ends it at SIGTERM', async () => {
    const main = join(project, 'node_modules', 'latchkey', 'dist', 'cli', 'main.js')
    const child = spawn(process.execPath, [main, 'dev', '--json'], { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] })
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    let printed = ''
    for await (const chunk of child.stdout) {
      printed += String(chunk)
      if (printed.includes('\n')) break
    }
    const ready = JSON.parse(printed) as { ready: boolean; console: string }
    expect(ready.ready).toBe(true)
    expect((await fetch(ready.console, { redirect: 'manual' })).status).toBeLessThan(400)
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(existsSync(join(project, 'dist'))).toBe(false)
  })
})
