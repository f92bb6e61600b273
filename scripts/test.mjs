// The test command: installs what is missing, then typecheck, lint, build and every suite; ends with one line of real counts.
// `--every-node` also runs the unit and end-to-end suites on the other supported majors of Node, which npm brings.
// `--long` runs properties, fuzz tests and crashes many more times (`npm run test:long`).
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { prepare, ROOT } from './prepare.mjs'

const OTHER_NODE_MAJORS = [22, 24]
const SUITES_ON_EVERY_NODE = ['unit', 'e2e']
/** The language of the rules holds on any Node, and packing, proxies and backups are tried once: most of the time would be theirs. */
const NOT_ON_EVERY_NODE = ['**/*propert*.test.ts', 'test/unit/policies/**', 'test/e2e/{package,restore}.test.ts', 'test/e2e/proxies/**']
const RESULTS_DIRECTORY = join(ROOT, 'test-results')

const LONG_RUN = { LATCHKEY_PROPERTY_RUNS: '10000', LATCHKEY_FUZZ_CASES: '10000', LATCHKEY_KILL_ROUNDS: '200' }

const everyNode = process.argv.includes('--every-node')
const isLong = process.argv.includes('--long')
const filters = process.argv.slice(2).filter((argument) => argument !== '--every-node' && argument !== '--long')
if (isLong) Object.assign(process.env, { ...LONG_RUN, ...process.env })

await prepare({ build: true })
mkdirSync(RESULTS_DIRECTORY, { recursive: true })

check('typecheck', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'])
check('lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'])

const runs = [runSuites({ title: `Node ${process.versions.node}`, node: process.execPath, arguments: filters })]
if (everyNode) {
  for (const major of OTHER_NODE_MAJORS) {
    const projects = SUITES_ON_EVERY_NODE.flatMap((suite) => ['--project', suite])
    const excluded = NOT_ON_EVERY_NODE.flatMap((pattern) => ['--exclude', pattern])
    runs.push(runSuites({ title: `Node ${major}`, node: installNode(major), arguments: [...projects, ...excluded] }))
  }
}

const total = { passed: 0, failed: 0, skipped: 0 }
for (const run of runs) for (const outcome of Object.keys(total)) total[outcome] += run[outcome]
const isGood = total.failed === 0 && total.passed > 0 && runs.every((run) => run.exitCode === 0 && run.passed > 0)
for (const run of runs) console.log(`${run.title}: ${run.passed} passed, ${run.failed} failed, ${run.skipped} skipped`)
for (const run of runs) for (const skipped of run.skippedTitles) console.log(`skipped: ${skipped}`)
console.log(`Tests: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exit(isGood ? 0 : 1)

function check(title, command) {
  const started = performance.now()
  const { status } = spawnSync(process.execPath, command, { cwd: ROOT, stdio: 'inherit' })
  console.log(`${title}: ${status === 0 ? 'ok' : 'FAILED'} (${Math.round(performance.now() - started)} ms)`)
  if (status !== 0) process.exit(1)
}

function runSuites(run) {
  const resultsFile = join(RESULTS_DIRECTORY, `${run.title.replaceAll(/\W+/g, '-')}.json`)
  rmSync(resultsFile, { force: true })
  const command = ['node_modules/vitest/vitest.mjs', 'run', ...run.arguments, '--reporter=default', '--reporter=json', `--outputFile.json=${resultsFile}`]
  const { status } = spawnSync(run.node, command, { cwd: ROOT, stdio: 'inherit' })
  if (!existsSync(resultsFile)) return { title: run.title, passed: 0, failed: 1, skipped: 0, exitCode: status ?? 1, skippedTitles: [] }
  const results = JSON.parse(readFileSync(resultsFile, 'utf8'))
  const tests = results.testResults.flatMap((file) => file.assertionResults)
  // A file that could not be loaded has no tests to count: it counts as one failure.
  const brokenFiles = results.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
  return {
    title: run.title,
    passed: results.numPassedTests,
    failed: results.numFailedTests + brokenFiles,
    skipped: results.numPendingTests + (results.numTodoTests ?? 0),
    exitCode: status ?? 1,
    skippedTitles: tests.filter((test) => test.status === 'pending' || test.status === 'skipped').map((test) => test.fullName),
  }
}

function installNode(major) {
  const directory = join(ROOT, '.cache', `node-${major}`)
  const name = `node-${process.platform}-${process.arch}`
  const executable = join(directory, 'node_modules', name, 'bin', 'node')
  if (existsSync(executable)) return executable
  console.log(`installing ${name}@${major} into .cache/ to test on Node ${major}`)
  mkdirSync(directory, { recursive: true })
  const { status } = spawnSync('npm', ['install', '--prefix', directory, '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${major}`], {
    cwd: directory,
    stdio: 'inherit',
  })
  if (status !== 0 || !existsSync(executable)) {
    console.error(`Node ${major} could not be installed: the suites did not run on it`)
    process.exit(1)
  }
  return executable
}
