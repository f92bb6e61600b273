// `npm start`: makes the clone ready, then runs the dev world with the arguments given. `--watch` builds and starts again when a source changes.
import { spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { join } from 'node:path'
import { prepare, ROOT } from './prepare.mjs'

const SOURCES = ['protocol', 'policies', 'system', 'sidecar', 'authz-server', 'device', 'cli', 'examples']
const CALM_MILLISECONDS = 300

const given = process.argv.slice(2)
const isWatching = given.includes('--watch')
const rest = given.filter((argument) => argument !== '--watch')

let child
let isEnding = false
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    isEnding = true
    if (child && child.exitCode === null) child.kill(signal)
    else process.exit(0)
  })
}
// Of a closed terminal the child hears by itself; this is for supervisors.
process.on('SIGHUP', () => child?.kill('SIGHUP'))

startOnce()
if (isWatching) watchSources()

function startOnce() {
  try {
    prepare({ build: true })
  } catch (error) {
    process.stderr.write(`latchkey: ${error.message}\n`)
    if (!isWatching) process.exit(1)
    return
  }
  const started = spawn(process.execPath, [join(ROOT, 'dist', 'cli', 'main.js'), 'dev', ...rest], { stdio: 'inherit' })
  child = started
  started.on('exit', (code, signal) => {
    if (started !== child) return
    if (!isWatching || isEnding) process.exit(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1))
  })
}

function watchSources() {
  let timer
  for (const folder of SOURCES) {
    watch(join(ROOT, folder), { recursive: true }, () => {
      clearTimeout(timer)
      timer = setTimeout(restart, CALM_MILLISECONDS)
    })
  }
}

function restart() {
  const old = child
  child = undefined
  if (!old || old.exitCode !== null || old.signalCode !== null) return startOnce()
  old.once('exit', startOnce)
  old.kill('SIGTERM')
}
