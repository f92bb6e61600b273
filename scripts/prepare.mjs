// Makes a clone ready to run with Node and npm alone: checks the version, installs what is missing, builds what is older than its sources. Speaks on stderr only.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const SMALLEST_NODE = [20, 19]
const LOCK = join(ROOT, 'package-lock.json')
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json')
const BUILD_STAMP = join(ROOT, 'dist', '.latchkey-build')

/** Throws an Error whose message is for the person who started us. */
export function prepare(options) {
  checkNode(process.versions.node)
  const reason = whyInstall()
  if (reason) install(reason)
  if (options?.build) build()
}

export function checkNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [needMajor, needMinor] = SMALLEST_NODE
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return
  throw new Error(
    `Latchkey needs Node ${SMALLEST_NODE.join('.')} or newer; this is ${version}. Install a newer Node (22 or 24 are good choices) and run the same command again.`,
  )
}

/** Why the dependencies must be installed, or undefined. npm keeps its own note of what it installed; that is compared with the lock file. */
function whyInstall() {
  if (!existsSync(INSTALLED)) return 'node_modules is missing'
  const installed = readPackages(INSTALLED)
  for (const [path, { version, optional, devOptional }] of Object.entries(readPackages(LOCK))) {
    // Optional packages are those of other platforms, most of the time.
    if (path === '' || optional || devOptional) continue
    if (installed[path]?.version !== version) return `${path} is not ${version} as package-lock.json says`
  }
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {}
}

function install(reason) {
  const packages = Object.keys(readPackages(LOCK)).length - 1
  say(`${reason}: installing the packages of package-lock.json (${packages} at most, no install scripts) into node_modules ...`)
  const started = Date.now()
  run(npmCommand(), ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'], 'npm ci did not succeed; see its message above')
  say(`installed in ${seconds(started)} s`)
}

/** npm itself says where it is when it started us; its script then runs with this very Node. */
function npmCommand() {
  const script = process.env['npm_execpath']
  return script && /npm-cli\.[cm]?js$/.test(script) ? [process.execPath, script] : ['npm']
}

/** Builds if a source is newer than dist. Needs the dependencies. The new tree replaces the old one in one step, since others may run from it. */
export function build() {
  const state = stateOfSources()
  if (isBuilt(state)) return
  say('the sources are newer than dist: building with tsc ...')
  const started = Date.now()
  const fresh = join(ROOT, '.cache', `build-${process.pid}`)
  rmSync(fresh, { recursive: true, force: true })
  run(
    [process.execPath],
    [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json', '--outDir', fresh],
    'the build did not succeed; see its messages above',
  )
  chmodSync(join(fresh, 'cli', 'main.js'), 0o755)
  writeFileSync(join(fresh, '.latchkey-build'), state)
  rmSync(join(ROOT, 'dist'), { recursive: true, force: true })
  renameSync(fresh, join(ROOT, 'dist'))
  say(`built in ${seconds(started)} s`)
}

function isBuilt(state) {
  return existsSync(BUILD_STAMP) && readFileSync(BUILD_STAMP, 'utf8') === state
}

/** Changes with every source file that is added, removed or touched. */
function stateOfSources() {
  const settings = JSON.parse(readFileSync(join(ROOT, 'tsconfig.build.json'), 'utf8'))
  const lines = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'].map(describeFile)
  for (const folder of settings.include) {
    if (!existsSync(join(ROOT, folder))) continue
    for (const entry of readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
      if (entry.isFile() && /\.(ts|json)$/.test(entry.name)) lines.push(describeFile(join(entry.parentPath ?? entry.path, entry.name).slice(ROOT.length + 1)))
    }
  }
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex')
}

function describeFile(path) {
  const { size, mtimeMs } = statSync(join(ROOT, path))
  return `${path} ${size} ${mtimeMs}`
}

function run([command, ...first], rest, message) {
  const onWindows = process.platform === 'win32' && command === 'npm'
  const { status, error } = spawnSync(command, [...first, ...rest], { cwd: ROOT, stdio: ['ignore', 2, 2], shell: onWindows })
  if (error) throw new Error(`${command}: ${error.message}`)
  if (status !== 0) throw new Error(message)
}

function seconds(started) {
  return ((Date.now() - started) / 1000).toFixed(1)
}

function say(text) {
  process.stderr.write(`latchkey: ${text}\n`)
}
