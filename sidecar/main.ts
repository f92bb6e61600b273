// Runs a sidecar as a process: reads its files, clock and randomness, and hands them down. The only impure file of this folder.
import { randomBytes } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Writable } from 'node:stream'
import { pino } from 'pino'
import { loadPolicyModule } from '../policies/runtime/policy-module.ts'
import type { SigningKey } from '../protocol/jws.ts'
import { requireCertificate } from '../system/config/check-certificate.ts'
import { checkClock } from '../system/config/check-clock.ts'
import { describeConfigErrors } from '../system/config/option-fault.ts'
import { openDataDirectory } from '../system/data-directory.ts'
import { startLocked } from '../system/directory-lock.ts'
import { createLog, type LeveledLog, type Log, loggedReload } from '../system/log.ts'
import { messageOf } from '../system/message-of.ts'
import { describeKeyText, parsePrivateKey } from '../system/private-key.ts'
import { readBinaryFile, readSecretFile, readTextFile, refuseLenientParser, StartError } from '../system/start-error.ts'
import { createStreamSink } from './audit/stream-sink.ts'
import { listFixedChanges } from './config/fixed-options.ts'
import { loadUpstreamHeaders } from './config/load-upstream-headers.ts'
import { parseConfig } from './config/parse-config.ts'
import type { SidecarConfig } from './config/sidecar-config.ts'
import { createDataFiles } from './files/data-files.ts'
import { loadGuardrailModules } from './guardrails/load-guardrail-modules.ts'
import type { GuardrailModules, SidecarPorts } from './ports.ts'
import { createSidecar, type Sidecar, type SidecarAddresses } from './server.ts'

export interface SystemPortsOptions {
  readonly key: SigningKey
  readonly dataDirectory: string
  /** Where the audit lines go. */
  readonly audit: Writable
  readonly notice: (text: string) => void
  readonly log?: Log
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
    ...(options.log === undefined ? {} : { log: options.log }),
  }
}

export interface RunningSidecar {
  readonly addresses: SidecarAddresses
  readonly log: Log
  /** Reads the files again. Logs why, and leaves everything as it was, if the new configuration cannot be used or needs a restart. */
  reload(): Promise<void>
  close(): Promise<void>
}

const STANDARD_ERROR = 2

/** Reads the configuration and the files it names, and listens. Throws StartError with all that is wrong. */
export async function runSidecar(configFile: string): Promise<RunningSidecar> {
  refuseLenientParser([...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)])
  const config = loadConfig(configFile)
  const base = dirname(resolve(configFile))
  const dataDirectory = resolve(base, config.data_directory)
  openDataDirectory(dataDirectory, 'data_directory')
  const lock = { directory: dataDirectory, program: 'sidecar', pid: process.pid }
  return startLocked(lock, () => startSidecar(config, { base, dataDirectory, configFile }))
}

interface Places {
  readonly configFile: string
  /** Where relative paths of the configuration start. */
  readonly base: string
  readonly dataDirectory: string
}

async function startSidecar(config: SidecarConfig, { base, dataDirectory, configFile }: Places): Promise<RunningSidecar> {
  const log = createLog({ program: 'sidecar', level: config.log_level ?? 'info', destination: pino.destination(STANDARD_ERROR) })
  const notice = (message: string): void => log.warn('notice', { message })
  const clockFault = checkClock(Math.floor(Date.now() / 1000))
  if (clockFault !== undefined) notice(`${clockFault}; until then all requests are refused`)
  const key = loadKey(config, base)
  let upstreamHeaders = readUpstreamHeaders(config, base)
  const ports: SidecarPorts = {
    ...createSystemPorts({ key, dataDirectory, audit: process.stdout, notice, log }),
    ...loadTls(config, base, notice),
    upstreamHeaders: () => upstreamHeaders,
    guardrails: await loadGuardrails(config, base, notice),
  }
  const sidecar = createSidecar(config, ports)
  const addresses = await sidecar.listen().catch(async (cause: unknown) => {
    await ports.guardrails?.handWritten?.close()
    throw cause
  })
  log.info('listening', { ...addresses })
  return {
    addresses,
    log,
    reload: loggedReload(createReload({ sidecar, configFile, config, key, log, notice, setUpstreamHeaders: (headers) => (upstreamHeaders = headers) }), log),
    async close() {
      log.info('stopping')
      await sidecar.close()
      log.info('stopped')
    },
  }
}

interface ReloadParts {
  readonly sidecar: Sidecar
  readonly configFile: string
  readonly config: SidecarConfig
  readonly key: SigningKey
  readonly log: LeveledLog
  readonly notice: (text: string) => void
  readonly setUpstreamHeaders: (headers: readonly string[]) => void
}

function createReload({ sidecar, configFile, config: first, key, log, notice, setUpstreamHeaders }: ReloadParts): RunningSidecar['reload'] {
  const base = dirname(resolve(configFile))
  let current = first
  return async () => {
    const next = loadConfig(configFile)
    const fixed = [...listFixedChanges(current, next), ...(loadKey(next, base).kid === key.kid ? [] : ['authz_server.key_file'])]
    if (fixed.length > 0) throw new StartError(`${configFile}: ${fixed.join(', ')} changed, which needs a restart. Restart the sidecar, or undo the change.`)
    const tls = loadTls(next, base, notice)
    const upstreamHeaders = readUpstreamHeaders(next, base)
    const guardrails = await loadGuardrails(next, base, notice)
    try {
      sidecar.reload(next, { guardrails, ...tls })
    } catch (cause) {
      await guardrails.handWritten?.close()
      throw new StartError(`listen.tls: ${messageOf(cause)}. Give a PEM certificate chain and the key of its first certificate.`)
    }
    setUpstreamHeaders(upstreamHeaders)
    current = next
    log.setLevel(next.log_level ?? 'info')
  }
}

/** Checks the configuration and every file it names, and starts nothing. */
export async function checkSidecarConfig(configFile: string): Promise<SidecarConfig> {
  const config = loadConfig(configFile)
  const base = dirname(resolve(configFile))
  loadKey(config, base)
  loadTls(config, base, () => undefined)
  readUpstreamHeaders(config, base)
  const { handWritten } = await loadGuardrails(config, base, () => undefined)
  await handWritten?.close()
  return config
}

function loadConfig(configFile: string): SidecarConfig {
  const config = parseConfig(readTextFile(configFile, 'the configuration'))
  if (config.ok) return config.value
  throw new StartError(describeConfigErrors(configFile, config.error))
}

function loadKey(config: SidecarConfig, base: string): SigningKey {
  const path = resolve(base, config.authz_server.key_file)
  const text = readSecretFile(path, 'authz_server.key_file')
  const key = parsePrivateKey(text)
  if (key.ok) return key.value
  const remedy = 'It must contain one private JWK, P-256 or Ed25519; `latchkey key create` makes one'
  throw new StartError(`authz_server.key_file: ${path}: ${key.error}${describeKeyText(text)}. ${remedy}.`)
}

async function loadGuardrails({ guardrails }: SidecarConfig, base: string, notice: (text: string) => void): Promise<GuardrailModules> {
  if (guardrails === undefined) return {}
  const read = (option: 'rules' | 'hand_written') => {
    const file = guardrails[option]
    if (file === undefined) return undefined
    const path = resolve(base, file)
    return { path, bytes: readBinaryFile(path, `guardrails.${option}`) }
  }
  return loadGuardrailModules({ rules: read('rules'), handWritten: read('hand_written'), decisionMilliseconds: guardrails.decision_milliseconds, notice })
}

/** Reads the values of `upstream.headers` from their files and variables; a reload calls it again. Throws StartError for a file or variable that cannot be used. */
export function readUpstreamHeaders(config: Pick<SidecarConfig, 'upstream'>, base: string): readonly string[] {
  return loadUpstreamHeaders(config, {
    readFile: (file, option) => readSecretFile(resolve(base, file), option),
    readVariable: (name) => process.env[name],
  })
}

function loadTls(config: SidecarConfig, base: string, notice: (text: string) => void): Pick<SidecarPorts, 'tls'> {
  const { listen, public_origin: publicOrigin, trusted_proxies: proxies = [] } = config
  if (listen.tls === undefined) return {}
  const tls = {
    certificate: readTextFile(resolve(base, listen.tls.certificate_file), 'listen.tls.certificate_file'),
    key: readSecretFile(resolve(base, listen.tls.key_file), 'listen.tls.key_file'),
  }
  requireCertificate(tls, { publicOrigin, nowMilliseconds: Date.now(), isBehindProxy: proxies.length > 0 }).forEach(notice)
  return { tls }
}
