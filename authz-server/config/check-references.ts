// What a schema cannot say about the configuration: origins, keys, and names that must stand for something elsewhere in it.
import { parsePublicJwk } from '../../protocol/jwk.ts'
import { checkProxyConfig } from '../../system/http/proxy-config.ts'
import { isLoopbackHost } from '../../system/origins.ts'
import type { AuthzServerConfig, Client } from './config.ts'

export interface OptionProblem {
  /** JSON pointer of the option. */
  readonly pointer: string
  /** The place of its name, not of its value. */
  readonly atKey?: boolean
  readonly message: string
}

const SERVICE_SCOPES = ['uma_protection', 'feed', 'registry']
const LOOPBACK = /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/

/** All of them. */
export function checkReferences(config: AuthzServerConfig): readonly OptionProblem[] {
  return [
    ...checkOrigin(config.issuer, '/issuer'),
    ...checkListen(config),
    ...checkProxyConfig(config).map(({ path, message, remedy }) => ({ pointer: `/${path.join('/')}`, message: `${message}. ${remedy}` })),
    ...checkAdmin(config),
    ...config.resource_servers.flatMap((server, index) => checkOrigin(server.id, `/resource_servers/${index}/id`)),
    ...checkUnique(
      config.resource_servers.map((server) => server.id),
      (index) => `/resource_servers/${index}/id`,
    ),
    ...checkUnique(
      config.clients.map((client) => client.client_id),
      (index) => `/clients/${index}/client_id`,
    ),
    ...checkUnique(
      config.device_types.map((type) => type.kind),
      (index) => `/device_types/${index}/kind`,
    ),
    ...config.clients.flatMap((client, index) => checkClient(client, `/clients/${index}`)),
    ...checkSidecars(config),
    ...checkDeviceTypes(config),
  ]
}

function checkOrigin(text: string, pointer: string): readonly OptionProblem[] {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.origin !== text)
    return [
      {
        pointer,
        message: `"${text}" is not an origin: write only scheme, host and port, in lower case, without a path or a trailing slash, e.g. https://keys.example.org`,
      },
    ]
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname))
    return [{ pointer, message: `"${text}" is http: use https, or http with a loopback address such as http://127.0.0.1:9400` }]
  return []
}

/** Cleartext leaves this machine for nobody; behind a proxy that ends TLS, listen on the loopback. */
function checkListen({ issuer, listen }: AuthzServerConfig): readonly OptionProblem[] {
  if (listen.tls !== undefined)
    return issuer.startsWith('https:') ? [] : [{ pointer: '/issuer', message: 'with listen.tls, the issuer must begin with https://' }]
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host
  return LOOPBACK.test(host)
    ? []
    : [
        {
          pointer: '/listen/host',
          message: `without listen.tls the host must be a loopback address, e.g. 127.0.0.1; add tls, or let a proxy on this machine terminate TLS`,
        },
      ]
}

/** The admin listener has no TLS and asks for no credentials. */
function checkAdmin({ admin }: AuthzServerConfig): readonly OptionProblem[] {
  if (admin === undefined || isLoopbackHost(admin.host)) return []
  return [{ pointer: '/admin/host', message: `"${admin.host}" is not a loopback address: the admin listener has no TLS, use 127.0.0.1` }]
}

function checkUnique(values: readonly string[], pointerOf: (index: number) => string): readonly OptionProblem[] {
  return values.flatMap((value, index) =>
    values.indexOf(value) === index ? [] : [{ pointer: pointerOf(index), message: `"${value}" appears twice: rename or remove one` }],
  )
}

function checkClient(client: Client, pointer: string): readonly OptionProblem[] {
  const problems: OptionProblem[] = []
  const isService = client.authentication === 'private_key_jwt'
  if (isService && client.jwk === undefined) problems.push({ pointer, message: 'private_key_jwt needs "jwk": the client\'s public key' })
  if (!isService && client.jwk !== undefined)
    problems.push({ pointer: `${pointer}/jwk`, message: 'a client with authentication none cannot have a key: remove jwk, or use private_key_jwt' })
  if (client.jwk !== undefined) {
    const jwk = parsePublicJwk(client.jwk)
    const remedy = 'give the public half as JWK, P-256 or Ed25519; `latchkey key show` prints it'
    if (!jwk.ok)
      problems.push({
        pointer: `${pointer}/jwk`,
        message: jwk.error === 'private_jwk' ? `this is a private key, which must not be in a configuration: ${remedy}` : `${jwk.error}: ${remedy}`,
      })
  }
  const forServices = isService ? undefined : client.scopes.find((scope) => SERVICE_SCOPES.includes(scope))
  if (forServices !== undefined)
    problems.push({ pointer: `${pointer}/scopes`, message: `"${forServices}" is for services: use authentication private_key_jwt` })
  return problems
}

function checkSidecars({ resource_servers: servers, clients }: AuthzServerConfig): readonly OptionProblem[] {
  return servers.flatMap(({ client_id: clientId, confirmation }, index) => {
    if (clientId === undefined) return []
    const client = clients.find((known) => known.client_id === clientId)
    const pointer = `/resource_servers/${index}/client_id`
    if (client === undefined) return [{ pointer, message: `client "${clientId}" is not in clients: add it, with scopes uma_protection and feed` }]
    const missing = ['uma_protection', 'feed'].filter((scope) => !client.scopes.includes(scope))
    const isIntrospecting = confirmation !== undefined && !confirmation.includes('jwk')
    if (missing.length === 0 || (isIntrospecting && !missing.includes('uma_protection'))) return []
    const remedy = missing.includes('uma_protection') ? '' : '; for an API that is not behind a sidecar, write confirmation: [jkt] instead'
    return [{ pointer, message: `client "${clientId}" needs the scope ${missing.join(' and ')}${remedy}` }]
  })
}

function checkDeviceTypes({ device_types: types, resource_servers: servers }: AuthzServerConfig): readonly OptionProblem[] {
  return types.flatMap((type, index) => {
    const pointer = `/device_types/${index}`
    const problems = [
      ...checkUnique(
        type.resources.map((resource) => resource.key),
        (at) => `${pointer}/resources/${at}/key`,
      ),
    ]
    if (servers.some((server) => server.id === type.resource_server)) return problems
    return [
      ...problems,
      { pointer: `${pointer}/resource_server`, message: `resource server "${type.resource_server}" is not in resource_servers: add it, or use the exact id` },
    ]
  })
}
