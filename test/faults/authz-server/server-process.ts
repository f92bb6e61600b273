// The real authz server as a process of its own, from a configuration file in a temporary directory: to be killed, starved and started again.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { createOperatorApi, type OperatorApi } from '../../../cli/operator-api.ts'
import type { SigningKey } from '../../../protocol/jws.ts'
import { buildConfig, findFreePort, generateKey } from '../../unit/authz-server/support/authz-world.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const MAIN = join(ROOT, 'dist', 'cli', 'main.js')
const SOURCES = ['protocol', 'policies', 'system', 'authz-server', 'cli']

export interface ServerProcess {
  readonly issuer: string
  readonly directory: string
  readonly configFile: string
  readonly dataDirectory: string
  readonly databaseFile: string
  readonly keys: { readonly operator: SigningKey; readonly sidecar: SigningKey; readonly amps: SigningKey }
  readonly operator: OperatorApi
  /** Resolves when it answers; gives how long that took. */
  start(): Promise<number>
  /** SIGKILL: nothing is flushed, nothing is said. */
  kill(): Promise<void>
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>
  /** Everything it wrote, of all its lives. */
  output(): string
  dispose(): Promise<void>
}

/** The compiled program, made anew when a source is newer. */
export function buildProgram(): void {
  const newest = Math.max(
    ...SOURCES.flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true }).map((file) => statSync(join(ROOT, folder, String(file))).mtimeMs)),
  )
  if (existsSync(MAIN) && statSync(MAIN).mtimeMs > newest) return
  spawnSync(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', join(ROOT, 'tsconfig.build.json')], { stdio: 'inherit' })
  if (!existsSync(MAIN)) throw new Error('the program could not be built')
}

export async function createServerProcess(options: { readonly dataDirectory?: string } = {}): Promise<ServerProcess> {
  buildProgram()
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-process-'))
  const dataDirectory = options.dataDirectory ?? join(directory, 'data')
  const keys = { operator: generateKey(), sidecar: generateKey(), amps: generateKey() }
  const issuer = `http://127.0.0.1:${await findFreePort()}`
  const configFile = join(directory, 'authz-server.yaml')
  writeFileSync(configFile, stringify(buildConfig(issuer, dataDirectory, keys), { aliasDuplicateObjects: false }))
  let child: ChildProcess | undefined
  let output = ''

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return ending?.exitCode ?? null
    const exited = once(ending, 'exit')
    ending.kill(signal)
    const [code] = (await exited) as [number | null]
    return code
  }

  return {
    issuer,
    directory,
    configFile,
    dataDirectory,
    databaseFile: join(dataDirectory, 'authz-server.db'),
    keys,
    operator: createOperatorApi({ issuer, clientId: 'operator', key: keys.operator }),
    async start() {
      const started = performance.now()
      child = spawn(process.execPath, [MAIN, 'authz-server', configFile], { stdio: ['ignore', 'pipe', 'pipe'] })
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => (output += String(bytes)))
      while (performance.now() - started < 50_000) {
        if (child.exitCode !== null) throw new Error(`the server ended at its start: ${output.slice(-2000)}`)
        const isUp = await fetch(`${issuer}/jwks`).then(
          (response) => response.ok,
          () => false,
        )
        if (isUp) return performance.now() - started
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      throw new Error(`the server did not come up: ${output.slice(-2000)}`)
    },
    async kill() {
      await end('SIGKILL')
    },
    stop: () => end('SIGTERM'),
    output: () => output,
    async dispose() {
      await end('SIGKILL')
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
