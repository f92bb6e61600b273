import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..', '..')

const BIOME = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome')

/** What the linter says of a file of that folder that imports another folder, under the project's own rules. */
function lint(folder: string, imported: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-lint-'))
  try {
    copyFileSync(join(ROOT, 'biome.json'), join(directory, 'biome.json'))
    mkdirSync(join(directory, folder))
    writeFileSync(join(directory, folder, 'probe.ts'), `import { thing } from '../${imported}/thing.ts'\n\nexport const other = thing\n`)
    const { stdout, stderr } = spawnSync(process.execPath, [BIOME, 'lint', '--vcs-enabled=false', '.'], { cwd: directory, encoding: 'utf8' })
    return stdout + stderr
  } finally {
    rmSync(directory, { recursive: true })
  }
}

test.each([
  ['protocol', 'policies'],
  ['protocol', 'sidecar'],
  ['policies', 'system'],
  ['policies', 'authz-server'],
  ['sidecar', 'authz-server'],
  ['sidecar', 'device'],
  ['authz-server', 'sidecar'],
  ['authz-server', 'cli'],
  ['device', 'authz-server'],
  ['device', 'examples'],
])('the linter refuses an import from %s to %s', (folder, imported) => {
  expect(lint(folder, imported)).toContain('docs/decisions/0001')
})

test.each([
  ['policies', 'protocol'],
  ['sidecar', 'protocol'],
  ['authz-server', 'policies'],
  ['device', 'protocol'],
  ['cli', 'sidecar'],
])('the linter lets %s import %s', (folder, imported) => {
  const output = lint(folder, imported)
  expect(output).toContain('Checked 2 files')
  expect(output).not.toContain('docs/decisions/0001')
})
