// What a schema cannot say about the configuration: origins, listeners, keys, and names that must stand for something elsewhere in it.
import { parsePublicJwk } from '../../protocol/jwk.ts'
import { checkListeners } from '../../system/config/check-listeners.ts'
import type { OptionFault, OptionPath } from '../../system/config/option-fault.ts'
import { checkProxyConfig } from '../../system/http/proxy-config.ts'
import { checkPrivateOrigin } from '../../system/origins.ts'
import { checkSidecars } from './check-sidecars.ts'
import type { AuthzServerConfig, Client } from './config.ts'
import { SERVICE_SCOPES } from './config.ts'

/** All of them. */
export function checkReferences(config: AuthzServerConfig): readonly OptionFault[] {
  const { resource_servers: servers, clients, device_types: types } = config
  return [
    ...checkPrivateOrigin(['issuer'], config.issuer, 'clients'),
    ...checkScheme(config),
    ...checkListeners(config),
    ...checkProxyConfig(config),
    ...servers.flatMap((server, index) => checkPrivateOrigin(['resource_servers', index, 'id'], server.id, 'clients')),
    ...checkUnique(['resource_servers'], 'id', servers),
    ...checkUnique(['clients'], 'client_id', clients),
    ...checkUnique(['device_types'], 'kind', types),
    ...clients.flatMap((client, index) => checkClient(client, ['clients', index])),
    ...checkSidecars(config),
    ...checkDeviceTypes(config),
  ]
}

function checkScheme({ issuer, listen }: AuthzServerConfig): readonly OptionFault[] {
  if (listen.tls === undefined || !issuer.startsWith('http:')) return []
  return [{ path: ['issuer'], message: `"${issuer}" is http, and listen.tls serves https`, remedy: 'Write the issuer with https://, or remove listen.tls' }]
}

function checkUnique<Name extends string>(list: OptionPath, name: Name, items: readonly { readonly [name in Name]: string }[]): readonly OptionFault[] {
  return items.flatMap((item, index) => {
    const first = items.findIndex((other) => other[name] === item[name])
    if (first === index) return []
    return [
      { path: [...list, index, name], message: `"${item[name]}" is already ${[...list, first, name].join('.')}`, remedy: 'Rename or remove one of the two' },
    ]
  })
}

function checkClient(client: Client, path: OptionPath): readonly OptionFault[] {
  const faults: OptionFault[] = []
  const isService = client.authentication === 'private_key_jwt'
  if (isService && client.jwk === undefined)
    faults.push({ path, message: 'private_key_jwt needs "jwk"', remedy: `Add the client's public key; ${PUBLIC_KEY_REMEDY}` })
  if (!isService && client.jwk !== undefined)
    faults.push({
      path: [...path, 'jwk'],
      message: 'a client with authentication none has no key of its own here',
      remedy: 'Remove jwk, or use private_key_jwt',
    })
  if (client.jwk !== undefined) faults.push(...checkKey(client.jwk, [...path, 'jwk']))
  const forServices = isService ? undefined : client.scopes.find((scope) => SERVICE_SCOPES.includes(scope))
  if (forServices !== undefined)
    faults.push({ path: [...path, 'scopes'], message: `"${forServices}" is for services`, remedy: 'Use authentication private_key_jwt, or remove this scope' })
  return faults
}

const PUBLIC_KEY_REMEDY = '`latchkey key show` prints the public half as JWK, P-256 or Ed25519'

function checkKey(jwk: object, path: OptionPath): readonly OptionFault[] {
  const parsed = parsePublicJwk(jwk)
  if (parsed.ok) return []
  if (parsed.error !== 'private_jwk') return [{ path, message: `this is not a usable public key (${parsed.error})`, remedy: PUBLIC_KEY_REMEDY }]
  const remedy = `Replace it by the public half, and make a new key pair if others could read this file; ${PUBLIC_KEY_REMEDY}`
  return [{ path, message: 'this is a private key, which belongs in no configuration', remedy }]
}

function checkDeviceTypes({ device_types: types, resource_servers: servers }: AuthzServerConfig): readonly OptionFault[] {
  return types.flatMap((type, index) => {
    const path: OptionPath = ['device_types', index]
    const faults = checkUnique([...path, 'resources'], 'key', type.resources)
    if (servers.some((server) => server.id === type.resource_server)) return faults
    const known = servers.map(({ id }) => id).join(', ') || 'none'
    const message = `no resource server "${type.resource_server}" is in resource_servers`
    return [...faults, { path: [...path, 'resource_server'], message, remedy: `Add it there, or use an id exactly: ${known}` }]
  })
}
