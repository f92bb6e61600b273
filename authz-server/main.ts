// Runs the authz server from its configuration file: the one place here that reads files, the clock and randomness, and hears signals.
import { randomBytes } from 'node:crypto'
import { dirname, join, resolve } from 'node:path'
import { pino } from 'pino'
import { requireCertificate } from '../system/config/check-certificate.ts'
import { checkClock } from '../system/config/check-clock.ts'
import { describeConfigErrors, formatConfigError } from '../system/config/option-fault.ts'
import { openDataDirectory } from '../system/data-directory.ts'
import { startLocked } from '../system/directory-lock.ts'
import type { Certificate } from '../system/http/strict-server.ts'
import { createLog as createJsonLog, type LeveledLog, loggedReload } from '../system/log.ts'
import { messageOf } from '../system/message-of.ts'
import { readSecretFile, readTextFile, refuseLenientParser, StartError } from '../system/start-error.ts'
import { type AuthzServer, createAuthzServer } from './authz-server.ts'
import type { AuthzServerConfig } from './config/config.ts'
import { listFixedChanges } from './config/fixed-options.ts'
import { createFileKeyStorage, openSecretFile } from './config/key-storage.ts'
import { loadConfig } from './config/load-config.ts'
import type { Log, Ports } from './ports.ts'
import { describePlan } from './registry/apply-configuration.ts'
import { planConfiguration } from './registry/configuration-plan.ts'
import { openReadOnlyStore } from './store/read-only-store.ts'
import { DATABASE_FILE, openSqliteStore } from './store/store.ts'
import { generateSigningKey } from './tokens/generate-signing-key.ts'
import { createKeyring } from './tokens/keyring.ts'

export interface RunOptions {
  /** Where log lines go, as JSON. Standard output if not given. */
  readonly log?: LeveledLog
}

export interface RunningAuthzServer {
  readonly issuer: string
  readonly port: number
  readonly adminPort?: number
  readonly log: Log
  /** Reads the files again. Logs why, and leaves everything as it was, if the new configuration cannot be used or needs a restart. */
  reload(): Promise<void>
  /** Lets requests finish, then closes the database. */
  close(): Promise<void>
}

/** Throws StartError, or what the system says of the port or the database. Resolves once it serves. */
export async function runAuthzServer(configFile: string, options: RunOptions = {}): Promise<RunningAuthzServer> {
  refuseLenientParser([...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)])
  const log = options.log ?? createLog()
  const config = readConfig(configFile, log)
  log.setLevel(config.log_level ?? 'info')
  refuseUnsetClock()
  openDataDirectory(config.data_directory, 'data_directory')
  const file = join(config.data_directory, DATABASE_FILE)
  const lock = { directory: config.data_directory, program: 'authz-server', pid: process.pid, file }
  return startLocked(lock, () => startServer({ config, configFile, log }))
}

interface StartParts {
  readonly config: AuthzServerConfig
  readonly configFile: string
  readonly log: LeveledLog
}

async function startServer({ config, configFile, log }: StartParts): Promise<RunningAuthzServer> {
  const ports: Ports = { clock: () => Math.floor(Date.now() / 1000), monotonic: () => performance.now(), randomBytes: (count) => randomBytes(count), log }
  const keyring = createKeyring(createFileKeyStorage(config.data_directory), generateSigningKey)
  const codeKey = openSecretFile(config.data_directory, 'user-code-key', ports.randomBytes)
  const certificate = readCertificate(config, log)
  const store = await openSqliteStore(join(config.data_directory, DATABASE_FILE))
  const server = createAuthzServer(config, ports, { store, keyring, codeKey, ...(certificate === undefined ? {} : { certificate }) })
  try {
    const ports = await server.listen()
    log.info('listening', { issuer: config.issuer, host: config.listen.host, ...ports })
    return {
      issuer: config.issuer,
      ...ports,
      log,
      reload: loggedReload(createReload({ server, configFile, config, log }), log),
      async close() {
        log.info('stopping')
        await server.close()
        await store.close()
        log.info('stopped')
      },
    }
  } catch (fault) {
    await server.close()
    await store.close()
    throw fault
  }
}

interface ReloadParts {
  readonly server: AuthzServer
  readonly configFile: string
  readonly config: AuthzServerConfig
  readonly log: LeveledLog
}

function createReload({ server, configFile, config: first, log }: ReloadParts): RunningAuthzServer['reload'] {
  let current = first
  return async () => {
    const next = readConfig(configFile, log)
    const fixed = listFixedChanges(current, next)
    if (fixed.length > 0)
      throw new StartError(`${configFile}: ${fixed.join(', ')} changed, which needs a restart. Restart the authz server, or undo the change.`)
    const certificate = readCertificate(next, log)
    try {
      server.reload(next, certificate)
    } catch (cause) {
      const message = messageOf(cause)
      throw new StartError(`listen.tls: ${message}. Give a PEM certificate chain and the key of its first certificate.`)
    }
    current = next
    log.setLevel(next.log_level ?? 'info')
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
  const loaded = loadConfig(readTextFile(configFile, 'the configuration'))
  if (!loaded.ok) throw new StartError(describeConfigErrors(configFile, loaded.error))
  for (const warning of loaded.value.warnings) log.warn('config_warning', { warning: formatConfigError(configFile, warning) })
  const { config } = loaded.value
  return { ...config, data_directory: resolve(dirname(configFile), config.data_directory), listen: placeTls(config, dirname(configFile)) }
}

function placeTls({ listen }: AuthzServerConfig, directory: string): AuthzServerConfig['listen'] {
  if (listen.tls === undefined) return listen
  return { ...listen, tls: { certificate_file: resolve(directory, listen.tls.certificate_file), key_file: resolve(directory, listen.tls.key_file) } }
}

function readCertificate({ issuer, listen: { tls }, trusted_proxies: proxies = [] }: AuthzServerConfig, log: Log): Certificate | undefined {
  if (tls === undefined) return undefined
  const certificate = {
    certificate: readTextFile(tls.certificate_file, 'listen.tls.certificate_file'),
    key: readSecretFile(tls.key_file, 'listen.tls.key_file'),
  }
  const warnings = requireCertificate(certificate, { publicOrigin: issuer, nowMilliseconds: Date.now(), isBehindProxy: proxies.length > 0 })
  for (const warning of warnings) log.warn('config_warning', { warning })
  return certificate
}

/** Checks the configuration and every file that it names, and starts nothing. */
export function checkAuthzServerConfig(configFile: string, log: Log): AuthzServerConfig {
  const config = readConfig(configFile, log)
  readCertificate(config, log)
  return config
}

/** Tokens, keys and records with a date of 1970 would stay wrong after the clock is set. */
function refuseUnsetClock(): void {
  const fault = checkClock(Math.floor(Date.now() / 1000))
  if (fault !== undefined) throw new StartError(`${fault}, and start again.`)
}

/** To standard output. */
export function createLog(): LeveledLog {
  return createJsonLog({ program: 'authz-server', destination: pino.destination(STANDARD_OUTPUT) })
}

const STANDARD_OUTPUT = 1
