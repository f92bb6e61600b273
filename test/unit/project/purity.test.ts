// Clock, randomness and environment come in through ports: only main.ts, the SDK's system ports, the command line, examples and tests reach for them.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const PURE_FOLDERS = ['protocol', 'policies', 'sidecar', 'authz-server', 'device', 'system']
const MAY_BE_IMPURE = ['main.ts', 'system-ports.ts']
const IMPURE = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.env\b/

const sources = PURE_FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !MAY_BE_IMPURE.includes(entry.name))
    .map((entry) => join(entry.parentPath, entry.name)),
)

test('there are sources to look at', () => {
  expect(sources.length).toBeGreaterThan(30)
})

test.each(sources.map((file) => relative(ROOT, file)))('%s asks nobody for the time, chance or the environment', (file) => {
  expect(readFileSync(join(ROOT, file), 'utf8')).not.toMatch(IMPURE)
})
