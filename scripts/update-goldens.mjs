// Writes the golden files of the policy corpus again and runs the tests that compare them. Read the diff before you commit it.
import { spawnSync } from 'node:child_process'
import { prepare, ROOT } from './prepare.mjs'

await prepare({ build: false })
const command = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', 'test/unit/policies/corpus.test.ts']
const { status } = spawnSync(process.execPath, command, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, UPDATE_GOLDENS: '1' } })
process.exit(status ?? 1)
