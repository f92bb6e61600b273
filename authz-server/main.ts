// Runs the authz server from its configuration file: the one place here that reads files, the clock and randomness, and hears signals.
import { randomBytes } from 'node:crypto'
import { dirname, join, resolve } from 'node:path'
import { pino } from 'pino'
import { readSecretFile, readTextFile, refuseLenientParser, StartError } from '../system/start-error.ts'
import { createAuthzServer } from './authz-server.ts'
import type { AuthzServerConfig } from './config/config.ts'
import { openDataDirectory } from './config/data-directory.ts'
import { createFileKeyStorage, openSecretFile } from './config/key-storage.ts'
import { formatConfigProblem, loadConfig } from './config/load-config.ts'
import type { Certificate } from './http/create-http-server.ts'
import type { Log, Ports } from './ports.ts'
import { describePlan } from './registry/apply-configuration.ts'
import { planConfiguration } from './registry/configuration-plan.ts'
import { openReadOnlyStore } from './store/read-only-store.ts'
import { openSqliteStore } from './store/store.ts'
import { generateSigningKey } from './tokens/generate-signing-key.ts'
import { createKeyring } from './tokens/keyring.ts'

const DATABASE_FILE = 'authz-server.db'

export interface RunOptions {
  /** Where log lines go, as JSON. Standard output if not given. */
  readonly log?: Log
}

export interface RunningAuthzServer {
  readonly issuer: string
  readonly port: number
  /** Lets requests finish, then closes the database. */
  close(): Promise<void>
}

/** Throws StartError, or what the system says of the port or the database. Resolves once it serves. */
export async function runAuthzServer(configFile: string, options: RunOptions = {}): Promise<RunningAuthzServer> {
  refuseLenientParser([...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)])
  const log = options.log ?? createLog()
  const config = readConfig(configFile, log)
  openDataDirectory(config.data_directory)
  const ports: Ports = { clock: () => Math.floor(Date.now() / 1000), monotonic: () => performance.now(), randomBytes: (count) => randomBytes(count), log }
  const keyring = createKeyring(createFileKeyStorage(config.data_directory), generateSigningKey)
  const codeKey = openSecretFile(config.data_directory, 'user-code-key', ports.randomBytes)
  const certificate = readCertificate(config)
  const store = await openSqliteStore(join(config.data_directory, DATABASE_FILE))
  const server = createAuthzServer(config, ports, { store, keyring, codeKey, ...(certificate === undefined ? {} : { certificate }) })
  try {
    const { port } = await server.listen()
    log.info('listening', { issuer: config.issuer, host: config.listen.host, port })
    return {
      issuer: config.issuer,
      port,
      async close() {
        log.info('stopping')
        await server.close()
        await store.close()
      },
    }
  } catch (fault) {
    await server.close()
    await store.close()
    throw fault
  }
}

/** What a start with this configuration would change in what exists, in words. Changes nothing, and may be asked while the server runs. */
export async function previewConfiguration(configFile: string, log: Log): Promise<readonly string[]> {
  const config = readConfig(configFile, log)
  const store = openReadOnlyStore(join(config.data_directory, DATABASE_FILE))
  if (store === undefined) return []
  const ports: Ports = { clock: () => Math.floor(Date.now() / 1000), monotonic: () => performance.now(), randomBytes: (count) => randomBytes(count), log }
  try {
    return describePlan(await planConfiguration({ config, ports }, store.read, ports.clock()))
  } finally {
    await store.close()
  }
}

/** Checked, with paths made absolute. Starts nothing. */
export function readConfig(configFile: string, log: Log): AuthzServerConfig {
  const loaded = loadConfig(readTextFile(configFile, 'the configuration'), configFile)
  if (!loaded.ok) throw new StartError(loaded.error.map(formatConfigProblem).join('\n'))
  for (const warning of loaded.value.warnings) log.warn('config_warning', { warning: formatConfigProblem(warning) })
  const { config } = loaded.value
  return { ...config, data_directory: resolve(dirname(configFile), config.data_directory), listen: placeTls(config, dirname(configFile)) }
}

function placeTls({ listen }: AuthzServerConfig, directory: string): AuthzServerConfig['listen'] {
  if (listen.tls === undefined) return listen
  return { ...listen, tls: { certificate_file: resolve(directory, listen.tls.certificate_file), key_file: resolve(directory, listen.tls.key_file) } }
}

function readCertificate({ listen: { tls } }: AuthzServerConfig): Certificate | undefined {
  return tls === undefined
    ? undefined
    : { certificate: readTextFile(tls.certificate_file, 'listen.tls.certificate_file'), key: readSecretFile(tls.key_file, 'listen.tls.key_file') }
}

/** One JSON line per event. Should a secret ever be among the facts by mistake, its value is left out. */
export function createLog(): Log {
  const hidden = ['password', 'token', 'access_token', 'refresh_token', 'device_code', 'user_code', 'ticket', 'authorization', 'dpop', 'cookie']
  const logger = pino({ redact: { paths: hidden, censor: '[hidden]' } })
  return {
    info: (event, facts) => logger.info({ ...facts, event }),
    warn: (event, facts) => logger.warn({ ...facts, event }),
    error: (event, facts) => logger.error({ ...facts, event }),
  }
}
