// Runs an authz server as a process: reads its files, clock and randomness, and hands them down. The only impure file of this folder.
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pino } from 'pino'
import { parsePublicJwk } from '../protocol/jwk.ts'
import { buildSigningKey, type SigningKey } from '../protocol/jws.ts'
import { describeConfigErrors, readSecretFile, readTextFile, refuseLenientParser, StartError } from '../system/start-error.ts'
import { type AuthzServer, createAuthzServer, type Parts } from './authz-server.ts'
import type { AuthzServerConfig } from './config/config.ts'
import { parseConfig } from './config/parse-config.ts'
import type { Log, Ports } from './ports.ts'
import { openSqliteStore } from './store/store.ts'
import { createKeyStorage, openCodeKey } from './tokens/key-storage.ts'
import { createKeyring } from './tokens/keyring.ts'

/** People type the verification address on other screens; small displays of devices show 40 characters. */
const VERIFICATION_URI_MAX_CHARACTERS = 40

/** The real world: this machine's clock and randomness. */
export function createSystemPorts(log: Log): Ports {
  return { clock: () => Math.floor(Date.now() / 1000), randomBytes: (count) => randomBytes(count), log }
}

export interface RunningAuthzServer {
  readonly server: AuthzServer
  readonly issuer: string
  /** The port that was really bound. */
  readonly port: number
  /** Lets requests finish, then closes the database. */
  close(): Promise<void>
}

/** Reads the configuration and the files it names, opens database and keys, and listens. Throws StartError with all that is wrong. */
export async function runAuthzServer(configFile: string, log: Log = createLog()): Promise<RunningAuthzServer> {
  refuseLenientParser([...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)])
  const config = loadConfig(configFile)
  warnOfLongAddress(config, log)
  const parts = await openParts(config, dirname(resolve(configFile)))
  const server = createAuthzServer(config, createSystemPorts(log), parts)
  const close = async () => {
    await server.close()
    await parts.store.close()
  }
  try {
    const { port } = await server.listen()
    log.info('listening', { issuer: config.issuer, host: config.listen.host, port })
    return { server, issuer: config.issuer, port, close }
  } catch (cause) {
    await close()
    throw cause
  }
}

/** Checks the configuration and starts nothing. */
export function loadConfig(configFile: string): AuthzServerConfig {
  const config = parseConfig(readTextFile(configFile, 'the configuration'))
  if (config.ok) return config.value
  throw new StartError(describeConfigErrors(configFile, config.error))
}

/** `base`: what relative paths of the configuration are relative to. */
async function openParts(config: AuthzServerConfig, base: string): Promise<Parts> {
  const directory = resolve(base, config.data_directory)
  const keyDirectory = join(directory, 'keys')
  mkdirSync(keyDirectory, { recursive: true, mode: 0o700 })
  const files = { newSuffix: randomUUID, randomBytes }
  const keyring = createKeyring(createKeyStorage(join(keyDirectory, 'signing-keys.json'), files), generateKey)
  const codeKey = openCodeKey(join(keyDirectory, 'code-key'), files)
  const tls = loadCertificate(config, base)
  return { store: await openSqliteStore(join(directory, 'authz-server.db')), keyring, codeKey, ...tls }
}

function loadCertificate({ listen }: AuthzServerConfig, base: string): Pick<Parts, 'certificate'> {
  if (listen.tls === undefined) return {}
  const certificate = readTextFile(resolve(base, listen.tls.certificate_file), 'listen.tls.certificate_file')
  return { certificate: { certificate, key: readSecretFile(resolve(base, listen.tls.key_file), 'listen.tls.key_file') } }
}

export function generateKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = parsePublicJwk(publicKey.export({ format: 'jwk' }))
  if (!jwk.ok) throw new Error('a new key is not one that we accept')
  return buildSigningKey(privateKey, jwk.value)
}

function warnOfLongAddress({ issuer }: AuthzServerConfig, log: Log): void {
  const characters = `${issuer}/device`.length
  if (characters > VERIFICATION_URI_MAX_CHARACTERS) log.warn('verification_uri_long', { characters, most: VERIFICATION_URI_MAX_CHARACTERS })
}

/** One JSON line an event on standard output. Callers name facts one by one; none of them is a secret. */
export function createLog(): Log {
  const logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime })
  return {
    info: (event, facts = {}) => logger.info(facts, event),
    warn: (event, facts = {}) => logger.warn(facts, event),
    error: (event, facts = {}) => logger.error(facts, event),
  }
}
