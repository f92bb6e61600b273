// Which header fields pass a proxy, by name. What is dropped here is framing, hop-by-hop, credentials, and whatever could speak in the sidecar's place.
import { isOfAFamily } from './header-families.ts'

/** RFC 9110 section 7.6.1, and what belongs to a connection by custom. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
]

/** Not even by configuration: the frame and the connection, and what the sidecar itself says or reads. */
const NEVER_TO_UPSTREAM = new Set([
  ...HOP_BY_HOP,
  ...['host', 'content-length', 'authorization', 'dpop', 'forwarded', 'via', 'x-request-id', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'],
  // Becomes the variable HTTP_PROXY in CGI, and so the way out of the upstream (CVE-2016-5385).
  'proxy',
])
const OWN_PREFIXES = ['latchkey-', 'x-latchkey-']

/** True for what no configuration lets callers send to the upstream. `name`: in lower case. */
export function isNeverForUpstream(name: string): boolean {
  return NEVER_TO_UPSTREAM.has(name) || OWN_PREFIXES.some((prefix) => name.startsWith(prefix))
}

export interface RequestHeaderOptions {
  /** Names in any case, or prefixes that end in `-*`. */
  readonly strip?: readonly string[]
  readonly pass?: readonly string[]
}

/** Whether a caller's field of that name goes to the upstream. What is stripped by name wins over what may pass. */
export function createRequestFilter({ strip = [], pass = [] }: RequestHeaderOptions): (name: string) => boolean {
  const strips = createNameMatcher(strip)
  const passes = createNameMatcher(pass)
  return rememberVerdicts((name) => !isNeverForUpstream(name) && !strips(name) && (passes(name) || !isOfAFamily(name)))
}

function createNameMatcher(patterns: readonly string[]): (name: string) => boolean {
  const names = new Set(patterns.map((pattern) => pattern.toLowerCase()))
  const prefixes = [...names].filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1))
  return (name) => names.has(name) || prefixes.some((prefix) => name.startsWith(prefix))
}

export const isForUpstream = createRequestFilter({})

/** `alt-svc` would lead a client around the sidecar; a nonce of the upstream's would be mistaken for ours; which pages may read (`access-control-*`) is configured here. */
const NEVER_TO_CLIENT = new Set([...HOP_BY_HOP.filter((name) => name !== 'proxy-authenticate'), 'dpop-nonce', 'x-request-id'])

/** They change how a browser treats the whole public origin from then on, which is the operator's to say. */
const ABOUT_THE_WHOLE_ORIGIN = new Set([
  ...['strict-transport-security', 'public-key-pins', 'public-key-pins-report-only', 'expect-ct', 'alt-svc', 'clear-site-data', 'nel', 'report-to'],
  ...['reporting-endpoints', 'onion-location', 'service-worker-allowed', 'origin-agent-cluster'],
])
/** Instructions to caches and proxies between us and callers: to keep an answer for others, or to send something else in its place. */
const TO_SHARED_CACHES =
  /(?:^|-)cache-control$|^surrogate-|^edge-|^x-accel-(?!buffering$)|^x-sendfile|^x-lighttpd-|^x-reproxy-|^x-litespeed-|^x-lsadc-|^netlify-vary$|^cache-tags?$/

/** True for what no configuration lets the upstream say to callers. `name`: in lower case. */
function isNeverForClient(name: string): boolean {
  return NEVER_TO_CLIENT.has(name) || name.startsWith('latchkey-') || name.startsWith('access-control-')
}

export function isConfigurableForClient(name: string): boolean {
  return ABOUT_THE_WHOLE_ORIGIN.has(name) || (name !== 'cache-control' && TO_SHARED_CACHES.test(name))
}

/** What happens to a field of an answer; `challenge` and those after it are looked at by value. */
export type AnswerFieldKind = 'drop' | 'pass' | 'challenge' | 'cache-control' | 'vary' | 'address' | 'refresh' | 'links' | 'cookie'

const KINDS: Readonly<Record<string, AnswerFieldKind>> = {
  'www-authenticate': 'challenge',
  'cache-control': 'cache-control',
  vary: 'vary',
  expires: 'drop',
  location: 'address',
  'content-location': 'address',
  uri: 'address',
  'operation-location': 'address',
  'azure-asyncoperation': 'address',
  sourcemap: 'address',
  'x-sourcemap': 'address',
  refresh: 'refresh',
  link: 'links',
  'set-cookie': 'cookie',
}

/** `pass`: names in lower case that are configured to pass. */
export function createAnswerFilter(pass: readonly string[]): (name: string) => AnswerFieldKind {
  const passes = new Set(pass)
  return rememberVerdicts((name) => {
    if (isNeverForClient(name) || (isConfigurableForClient(name) && !passes.has(name))) return 'drop'
    return Object.hasOwn(KINDS, name) ? (KINDS[name] ?? 'pass') : 'pass'
  })
}

/** A challenge of the sidecar's own schemes would lead callers, and the claims they push, to an authz server of the upstream's choice. */
const OWN_CHALLENGE = /(?:^|,)\s*(?:uma|dpop)(?:\s|,|$)/i

export function isOwnChallenge(value: string): boolean {
  return OWN_CHALLENGE.test(value)
}

/** Names are few and repeat; they are the sender's choice though, so what is remembered is bounded. */
const REMEMBERED_NAMES = 1_000

function rememberVerdicts<T>(judge: (lowerCaseName: string) => T): (name: string) => T {
  const verdicts = new Map<string, T>()
  return (name) => {
    const known = verdicts.get(name)
    if (known !== undefined) return known
    const verdict = judge(name.toLowerCase())
    if (verdicts.size < REMEMBERED_NAMES) verdicts.set(name, verdict)
    return verdict
  }
}
