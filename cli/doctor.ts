// `latchkey doctor`: looks at what a deployment needs and says what is wrong with each. Changes nothing.
import { Command } from 'commander'
import Database from 'libsql'
import { hasQueryConditions } from '../sidecar/resources/query-rules.ts'
import { checkClock as checkSetClock } from '../system/config/check-clock.ts'
import type { LogFacts } from '../system/log.ts'
import { StartError } from '../system/start-error.ts'
import { EXIT_CODES } from './command-error.ts'
import { type CommandAnswer, defineAction, type JsonOption } from './run-action.ts'
import { SILENT_LOG } from './silent-log.ts'

const SMALLEST_NODE: readonly [number, number] = [20, 19]
/** Tokens live for minutes; a clock that is further off than this makes them end early or late. */
const CLOCK_OFFSET_MAX_SECONDS = 30
const REACH_TIMEOUT_MILLISECONDS = 5000

interface DoctorOptions extends JsonOption {
  readonly issuer?: string
  readonly sidecarAdmin?: string
  readonly upstream?: string
  readonly sidecarConfig?: string
  readonly authzConfig?: string
}

interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly found: string
  readonly remedy?: string
}

export function buildDoctorCommand(): Command {
  const command = new Command('doctor')
    .description('check Node, the database driver, the clock, and that other programs are reachable')
    .option('--issuer <origin>', 'authz server to reach')
    .option('--sidecar-admin <origin>', 'admin listener of a sidecar to reach, e.g. http://127.0.0.1:9091')
    .option('--upstream <origin>', 'API behind the sidecar to reach')
    .option('--sidecar-config <file>', 'configuration of a sidecar to check, with the files and variables that it names')
    .option('--authz-config <file>', 'configuration of an authz server to check, with the files that it names')
  return defineAction<DoctorOptions>(command, async (options) => report(await examine(options)))
}

async function examine(options: DoctorOptions): Promise<readonly Finding[]> {
  const { issuer, sidecarAdmin, upstream, sidecarConfig, authzConfig } = options
  return [
    checkNode(),
    checkDatabase(),
    checkTlsVariable(),
    checkOwnClock(),
    ...(sidecarConfig === undefined ? [] : await checkSidecar(sidecarConfig)),
    ...(authzConfig === undefined ? [] : [await checkAuthzConfig(authzConfig)]),
    ...(issuer === undefined ? [] : await checkAuthzServer(issuer)),
    ...(sidecarAdmin === undefined ? [] : [await checkAnswer('sidecar ready', `${sidecarAdmin}/readyz`, [200])]),
    ...(upstream === undefined ? [] : [await checkAnswer('upstream answers', upstream, undefined)]),
  ]
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const ok = major > SMALLEST_NODE[0] || (major === SMALLEST_NODE[0] && minor >= SMALLEST_NODE[1])
  return { check: 'Node', ok, found: process.versions.node, remedy: `install Node ${SMALLEST_NODE.join('.')} or newer` }
}

function checkDatabase(): Finding {
  const remedy = 'install again with `npm ci --ignore-scripts`; the libsql binary for this platform is in a separate package'
  try {
    const database = new Database(':memory:')
    const [row] = database.prepare('select sqlite_version() as version').all() as { version: string }[]
    database.close()
    return { check: 'database (libsql)', ok: true, found: `SQLite ${row?.version}` }
  } catch (error) {
    return { check: 'database (libsql)', ok: false, found: String(error), remedy }
  }
}

function checkTlsVariable(): Finding {
  const isOff = process.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0'
  return {
    check: 'certificate checks',
    ok: !isOff,
    found: isOff ? 'NODE_TLS_REJECT_UNAUTHORIZED=0' : 'on',
    remedy: 'unset NODE_TLS_REJECT_UNAUTHORIZED; for a private CA set NODE_EXTRA_CA_CERTS',
  }
}

function checkOwnClock(): Finding {
  const fault = checkSetClock(Math.floor(Date.now() / 1000))
  return { check: 'clock is set', ok: fault === undefined, found: fault ?? 'yes', remedy: 'set the clock, e.g. by NTP' }
}

/** What the authz server would refuse at its start, and the warnings it would log. */
async function checkAuthzConfig(file: string): Promise<Finding> {
  const check = 'authz server configuration'
  const warnings: string[] = []
  const warn = (_event: string, facts: LogFacts = {}) => void warnings.push(String(facts['warning']))
  try {
    const { checkAuthzServerConfig } = await import('../authz-server/main.ts')
    const { clients, resource_servers: servers } = checkAuthzServerConfig(file, { ...SILENT_LOG, warn })
    const found = [`${servers.length} resource servers, ${clients.length} clients`, ...warnings].join('\n       ')
    return { check, ok: true, found }
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    return { check, ok: false, found: error.message, remedy: 'correct the configuration: docs/authz-server.md' }
  }
}

/** What the sidecar would refuse at its start, and how much of requests its routes judge. */
async function checkSidecar(file: string): Promise<readonly Finding[]> {
  const check = 'sidecar configuration'
  try {
    const { routes } = await (await import('../sidecar/main.ts')).checkSidecarConfig(file)
    const judged = routes.filter(hasQueryConditions).length
    const unjudged = routes.length - judged
    const found = `${routes.length} routes, ${judged} with conditions on the query; the query of the other ${unjudged} does not affect decisions`
    return [{ check, ok: true, found }]
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    return [{ check, ok: false, found: error.message, remedy: 'correct the configuration: docs/sidecar.md' }]
  }
}

async function checkAuthzServer(issuer: string): Promise<readonly Finding[]> {
  const uri = `${issuer}/.well-known/oauth-authorization-server`
  const sent = Date.now()
  const response = await reach(uri)
  if (response === undefined) return [{ check: 'authz server', ok: false, found: 'no response', remedy: `check that ${issuer} is correct and reachable` }]
  const metadata = (await response.json().catch(() => undefined)) as { issuer?: unknown } | undefined
  const isOurs = response.status === 200 && metadata?.issuer === issuer
  const reached: Finding = {
    check: 'authz server',
    ok: isOurs,
    found: `status ${response.status}, issuer ${String(metadata?.issuer ?? 'none')}`,
    remedy: 'give the issuer exactly as the server has it in its configuration',
  }
  return [reached, checkClock(response.headers.get('date'), sent)]
}

/** The server's clock is told in whole seconds. */
function checkClock(date: string | null, sentMilliseconds: number): Finding {
  const theirs = Date.parse(date ?? '')
  const offset = Math.round((theirs - (sentMilliseconds + Date.now()) / 2) / 1000)
  const ok = Number.isFinite(offset) && Math.abs(offset) <= CLOCK_OFFSET_MAX_SECONDS
  return { check: 'clock', ok, found: Number.isFinite(offset) ? `${offset} s from the authz server` : 'no Date header', remedy: 'set the clock, e.g. with NTP' }
}

async function checkAnswer(check: string, uri: string, statuses: readonly number[] | undefined): Promise<Finding> {
  const response = await reach(uri)
  const ok = response !== undefined && (statuses === undefined || statuses.includes(response.status))
  return { check, ok, found: response === undefined ? 'no response' : `status ${response.status}`, remedy: `check what listens at ${uri}` }
}

async function reach(uri: string): Promise<Response | undefined> {
  return fetch(uri, { redirect: 'manual', signal: AbortSignal.timeout(REACH_TIMEOUT_MILLISECONDS) }).catch(() => undefined)
}

function report(findings: readonly Finding[]): CommandAnswer {
  const lines = findings.map(
    ({ check, ok, found, remedy }) => `${ok ? 'ok   ' : 'wrong'}  ${check}: ${found}${ok || remedy === undefined ? '' : `\n       ${remedy}`}`,
  )
  const isFine = findings.every(({ ok }) => ok)
  const json = { ok: isFine, findings: findings.map(({ remedy, ...rest }) => (rest.ok ? rest : { ...rest, remedy })) }
  return { json, text: lines.join('\n'), exitCode: isFine ? EXIT_CODES.done : EXIT_CODES.refused }
}
