// One of the two programs as a process of its own, from a configuration file in a temporary directory: to be signalled and reconfigured.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { findFreePorts } from '../../examples/dev-world/listen.ts'
import { formatPrivateKey } from '../../system/private-key.ts'
import { type RunningLatchkey, startLatchkey } from '../e2e/run-latchkey.ts'
import { createTestKey } from './issuer-fixture.ts'
import { until } from './raw-socket.ts'

/** Processes start slowly on a busy machine. */
const WAIT_MILLISECONDS = 40_000

type Options = Readonly<Record<string, unknown>>

export interface Program {
  readonly directory: string
  readonly port: number
  readonly adminPort: number
  /** Writes the configuration, with these options changed. */
  configure(changes?: Options): void
  writeText(text: string): void
  /** Resolves when it listens. */
  start(environment?: Readonly<Record<string, string>>): Promise<RunningLatchkey>
  /** Resolves once it hears signals, long before it listens. */
  startEarly(): Promise<RunningLatchkey>
  /** Lines of the log, of standard output and standard error. */
  log(): readonly Readonly<Record<string, unknown>>[]
  waitForEvent(event: string, count?: number): Promise<Readonly<Record<string, unknown>>>
  dispose(): void
}

/** Says on standard error when the program begins to hear signals. */
const SAYS_WHEN_IT_HEARS = `data:text/javascript,process.on('newListener',(name)=>name==='SIGHUP'&&process.stderr.write('hears signals\\n'))`

export async function createProgram(kind: 'authz-server' | 'sidecar'): Promise<Program> {
  const directory = mkdtempSync(join(tmpdir(), `latchkey-${kind}-`))
  const file = join(directory, `${kind}.yaml`)
  const [port = 0, adminPort = 0] = await findFreePorts(2)
  writeFileSync(join(directory, 'key.json'), formatPrivateKey(createTestKey()), { mode: 0o600 })
  const base = kind === 'sidecar' ? sidecarConfig(port, adminPort) : authzConfig(port, adminPort)
  let running: RunningLatchkey | undefined
  let output = ''

  function spawn(environment: Readonly<Record<string, string>>): RunningLatchkey {
    running = startLatchkey([kind, file, '--json'], environment)
    for (const stream of [running.child.stdout, running.child.stderr]) stream?.on('data', (text) => (output += String(text)))
    return running
  }

  const program: Program = {
    directory,
    port,
    adminPort,
    configure: (changes = {}) => writeFileSync(file, stringify({ ...base, ...changes })),
    writeText: (text) => writeFileSync(file, text),
    async start(environment = {}) {
      const started = spawn(environment)
      const line = await started.firstLine
      if (!output.includes('"ready":true') && !line.includes('"ready":true'))
        await until(
          () => output.includes('"ready":true'),
          WAIT_MILLISECONDS,
          () => output,
        )
      return started
    },
    async startEarly() {
      const started = spawn({ NODE_OPTIONS: `--import ${JSON.stringify(SAYS_WHEN_IT_HEARS)}` })
      await until(
        () => output.includes('hears signals'),
        WAIT_MILLISECONDS,
        () => output,
      )
      return started
    },
    log: () =>
      output
        .split('\n')
        .filter((line) => line.startsWith('{') && line.includes('"event"'))
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    async waitForEvent(event, count = 1) {
      const found = () => program.log().filter((line) => line['event'] === event)
      await until(
        () => found().length >= count,
        WAIT_MILLISECONDS,
        () => `no ${event}: ${output}`,
      )
      return found().at(-1) ?? {}
    },
    dispose() {
      running?.child.kill('SIGKILL')
      rmSync(directory, { recursive: true, force: true })
    },
  }
  program.configure()
  return program
}

function authzConfig(port: number, adminPort: number): Options {
  return {
    issuer: `http://127.0.0.1:${port}`,
    listen: { host: '127.0.0.1', port },
    admin: { host: '127.0.0.1', port: adminPort },
    data_directory: './data',
    resource_servers: [],
    clients: [{ client_id: 'app', name: 'App', authentication: 'none', scopes: ['openid'] }],
    device_types: [],
  }
}

/** Its authz server is not there; it serves all the same, and refuses everything. */
function sidecarConfig(port: number, adminPort: number): Options {
  return {
    listen: { host: '127.0.0.1', port },
    admin: { host: '127.0.0.1', port: adminPort },
    public_origin: `http://127.0.0.1:${port}`,
    upstream: 'http://127.0.0.1:9',
    authz_server: { issuer: 'http://127.0.0.1:9', client_id: 'sidecar-1', key_file: 'key.json' },
    data_directory: './data',
    routes: [{ method: 'GET', path: '/a', resource: 'a', scope: 'read' }],
  }
}
