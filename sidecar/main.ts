// Runs a sidecar as a process: reads its files, clock and randomness, and hands them down. The only impure file of this folder.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { loadPolicyModule } from '../policies/runtime/policy-module.ts'
import type { SigningKey } from '../protocol/jws.ts'
import { createStreamSink } from './audit/stream-sink.ts'
import { type ConfigError, formatConfigError } from './config/config-error.ts'
import { parseConfig } from './config/parse-config.ts'
import { parseSigningKey } from './config/parse-key.ts'
import type { SidecarConfig } from './config/sidecar-config.ts'
import { createDataFiles } from './files/data-files.ts'
import { readPrivateFile } from './files/read-private-file.ts'
import type { SidecarPorts } from './ports.ts'
import { createSidecar, type Sidecar, type SidecarAddresses } from './server.ts'

/** The sidecar cannot start; the message has one line for each fault, with file, line, option and remedy. */
export class SidecarStartError extends Error {}

export interface SystemPortsOptions {
  readonly key: SigningKey
  readonly dataDirectory: string
  /** Where the audit lines go. */
  readonly audit: Writable
  readonly notice: (text: string) => void
}

/** The real world: this machine's clock, randomness, disk and network. */
export function createSystemPorts(options: SystemPortsOptions): SidecarPorts {
  return {
    clock: () => Math.floor(Date.now() / 1000),
    monotonic: () => performance.now(),
    randomBytes,
    fetch,
    key: options.key,
    files: createDataFiles(options.dataDirectory),
    loadPolicy: loadPolicyModule,
    audit: createStreamSink(options.audit),
    notice: options.notice,
  }
}

export interface RunningSidecar extends Sidecar {
  readonly addresses: SidecarAddresses
}

/** Reads the configuration and the files it names, and listens. Throws SidecarStartError with all that is wrong. */
export async function runSidecar(configFile: string): Promise<RunningSidecar> {
  refuseLenientParser()
  const config = loadConfig(configFile)
  const base = dirname(resolve(configFile))
  const notice = (text: string): void => void process.stderr.write(`sidecar: ${text}\n`)
  const ports: SidecarPorts = {
    ...createSystemPorts({ key: loadKey(config, base), dataDirectory: resolve(base, config.data_directory), audit: process.stdout, notice }),
    ...loadTls(config, base),
  }
  const sidecar = createSidecar(config, ports)
  const addresses = await sidecar.listen()
  return { ...sidecar, addresses }
}

/** Checks the configuration and every file it names, and starts nothing. */
export function checkSidecarConfig(configFile: string): SidecarConfig {
  const config = loadConfig(configFile)
  const base = dirname(resolve(configFile))
  loadKey(config, base)
  loadTls(config, base)
  return config
}

/** attacks.md 4: a lenient parser reads other requests than the upstream does. */
function refuseLenientParser(): void {
  const flags = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)]
  if (flags.some((flag) => /^--insecure[-_]http[-_]parser/.test(flag))) {
    throw new SidecarStartError('Node was started with --insecure-http-parser. Remove it from the command and from NODE_OPTIONS.')
  }
}

function loadConfig(configFile: string): SidecarConfig {
  const config = parseConfig(readTextFile(configFile, 'the configuration'))
  if (config.ok) return config.value
  throw new SidecarStartError(config.error.map((error: ConfigError) => formatConfigError(configFile, error)).join('\n'))
}

function loadKey(config: SidecarConfig, base: string): SigningKey {
  const path = resolve(base, config.authz_server.key_file)
  const text = readPrivateFile(path)
  if (!text.ok) throw new SidecarStartError(`authz_server.key_file: ${path}: ${text.error}. It has to be a regular file of this user with mode 0600.`)
  const key = parseSigningKey(text.value)
  if (!key.ok) throw new SidecarStartError(`authz_server.key_file: ${path}: ${key.error}. It has to hold one private JWK, P-256 or Ed25519.`)
  return key.value
}

function loadTls({ listen }: SidecarConfig, base: string): Pick<SidecarPorts, 'tls'> {
  if (listen.tls === undefined) return {}
  const path = resolve(base, listen.tls.key_file)
  const key = readPrivateFile(path)
  if (!key.ok) throw new SidecarStartError(`listen.tls.key_file: ${path}: ${key.error}. It has to be a regular file of this user with mode 0600.`)
  return { tls: { certificate: readTextFile(resolve(base, listen.tls.certificate_file), 'listen.tls.certificate_file'), key: key.value } }
}

function readTextFile(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new SidecarStartError(
      `${what}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}). Give the path of a file that this user may read.`,
    )
  }
}

/** Not ready at once, then what is in flight finishes, then the process ends by itself. A second signal does not wait. */
function stopOnSignals(sidecar: Sidecar): void {
  let isStopping = false
  const stop = (): void => {
    if (isStopping) process.exit(1)
    isStopping = true
    sidecar.close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

async function main(): Promise<void> {
  const [configFile = 'sidecar.yaml'] = process.argv.slice(2)
  try {
    const sidecar = await runSidecar(configFile)
    stopOnSignals(sidecar)
    process.stderr.write(`sidecar: listening on ${sidecar.addresses.origin}, admin on ${sidecar.addresses.adminOrigin}\n`)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : 'unknown fault'}\n`)
    process.exitCode = 1
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main()
