// The rules of a configuration that its schema cannot say: origins, keys, and names that refer to each other. Each fault names the option and the remedy.
import { parsePublicJwk } from '../../protocol/jwk.ts'
import type { OptionFault, OptionPath } from '../../system/config-file.ts'
import { checkListener, checkPrivateOrigin } from '../../system/origins.ts'
import type { AuthzServerConfig, Client } from './config.ts'

export function checkConfig(config: AuthzServerConfig): readonly OptionFault[] {
  return [
    ...checkPrivateOrigin(['issuer'], config.issuer, 'clients'),
    ...checkListener(config.listen),
    ...config.resource_servers.flatMap(({ id }, index) => checkPrivateOrigin(['resource_servers', index, 'id'], id, 'callers')),
    ...config.clients.flatMap((client, index) => checkClient(client, ['clients', index])),
    ...checkDistinct(config),
    ...checkReferences(config),
  ]
}

function checkClient({ authentication, jwk }: Client, path: OptionPath): readonly OptionFault[] {
  if (authentication === 'none') {
    return jwk === undefined
      ? []
      : [{ path: [...path, 'jwk'], message: 'a client without authentication has no key here', remedy: 'Remove jwk, or use private_key_jwt' }]
  }
  if (jwk === undefined) return [{ path, message: '"jwk" is missing', remedy: 'A private_key_jwt client needs its public key as JWK' }]
  const key = parsePublicJwk(jwk)
  if (key.ok) return []
  const remedy =
    key.error === 'private_jwk' ? 'Leave the private half out, and replace the key if others could read it' : 'Give a public P-256 or Ed25519 key as JWK'
  return [{ path: [...path, 'jwk'], message: `this is no usable public key (${key.error})`, remedy }]
}

function checkDistinct({ clients, resource_servers, device_types }: AuthzServerConfig): readonly OptionFault[] {
  return [
    ...findRepeated(clients.map(({ client_id }) => client_id)).map((index) => repeated(['clients', index, 'client_id'])),
    ...findRepeated(resource_servers.map(({ id }) => id)).map((index) => repeated(['resource_servers', index, 'id'])),
    ...findRepeated(device_types.map(({ kind }) => kind)).map((index) => repeated(['device_types', index, 'kind'])),
  ]
}

function findRepeated(names: readonly string[]): readonly number[] {
  return names.flatMap((name, index) => (names.indexOf(name) < index ? [index] : []))
}

function repeated(path: OptionPath): OptionFault {
  return { path, message: 'this name stands twice', remedy: 'Give each its own' }
}

function checkReferences({ clients, resource_servers, device_types }: AuthzServerConfig): readonly OptionFault[] {
  const faults: OptionFault[] = []
  for (const [index, { client_id }] of resource_servers.entries()) {
    if (clients.some((client) => client.client_id === client_id && client.authentication === 'private_key_jwt')) continue
    faults.push({ path: ['resource_servers', index, 'client_id'], message: `there is no private_key_jwt client "${client_id}"`, remedy: 'Add it to clients' })
  }
  for (const [index, { resource_server }] of device_types.entries()) {
    if (resource_servers.some(({ id }) => id === resource_server)) continue
    faults.push({
      path: ['device_types', index, 'resource_server'],
      message: `there is no resource server "${resource_server}"`,
      remedy: 'Add it to resource_servers',
    })
  }
  return faults
}
