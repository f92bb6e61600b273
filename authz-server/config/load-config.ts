// The configuration file's text becomes an `AuthzServerConfig`, or every fault in it with its place, option and remedy. Reads no file itself.

import { FEED_SCOPE } from '../../protocol/feed/messages.ts'
import { parsePublicJwk } from '../../protocol/jwk.ts'
import { ok, type Result } from '../../protocol/result.ts'
import type { ConfigError, OptionFault } from '../../system/config/option-fault.ts'
import { createConfigReader, type ReadConfig } from '../../system/config/read-config.ts'
import { checkReferences } from './check-references.ts'
import type { AuthzServerConfig, Client } from './config.ts'
import { CONFIG_SCHEMA } from './config-schema.ts'

/** Shown on small screens and typed by hand (RFC 8628 section 6.1). */
const VERIFICATION_URI_GOOD_CHARACTERS = 40

const read = createConfigReader<AuthzServerConfig>({ schema: CONFIG_SCHEMA, check: checkReferences, warn: listWarnings })

export function loadConfig(text: string): Result<ReadConfig<AuthzServerConfig>, readonly ConfigError[]> {
  const result = read(text)
  return result.ok ? ok({ ...result.value, config: withParsedKeys(result.value.config) }) : result
}

/** Keys reduced to their required members; checkReferences has refused those that cannot be. */
function withParsedKeys(config: AuthzServerConfig): AuthzServerConfig {
  const parse = (client: Client): Client => {
    const jwk = parsePublicJwk(client.jwk)
    return jwk.ok ? { ...client, jwk: jwk.value } : client
  }
  return { ...config, clients: config.clients.map(parse) }
}

function listWarnings(config: AuthzServerConfig): readonly OptionFault[] {
  return [...warnOfLongAddress(config), ...warnOfMissingKeys(config)]
}

/** A sidecar refuses tokens that do not carry the key. */
function warnOfMissingKeys({ resource_servers: servers, clients }: AuthzServerConfig): readonly OptionFault[] {
  const isSidecar = (clientId: string | undefined) => clients.some((client) => client.client_id === clientId && client.scopes.includes(FEED_SCOPE))
  return servers.flatMap(({ client_id: clientId, confirmation }, index) => {
    if (confirmation === undefined || confirmation.includes('jwk') || !isSidecar(clientId)) return []
    const remedy = `Write [jkt, jwk], or remove the scope feed from the client "${clientId}" if it is not a sidecar`
    return [{ path: ['resource_servers', index, 'confirmation'], message: 'a sidecar refuses tokens with the thumbprint alone', remedy }]
  })
}

function warnOfLongAddress({ issuer }: AuthzServerConfig): readonly OptionFault[] {
  const length = `${issuer}/device`.length
  if (length <= VERIFICATION_URI_GOOD_CHARACTERS) return []
  const message = `people type ${issuer}/device by hand: ${length} characters are many`
  return [{ path: ['issuer'], message, remedy: `Use an origin with which it has ${VERIFICATION_URI_GOOD_CHARACTERS} characters or fewer` }]
}
