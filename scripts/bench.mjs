// Builds, then runs the comparisons of bench/; figures are ratios of one run.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { prepare, ROOT } from './prepare.mjs'

await prepare({ build: true })
const { status } = spawnSync(process.execPath, [join(ROOT, 'dist', 'bench', 'main.js'), ...process.argv.slice(2)], { cwd: ROOT, stdio: 'inherit' })
process.exit(status ?? 1)
