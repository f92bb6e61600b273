// The configuration file's text into `AuthzServerConfig`, or every mistake in it with its place, option and remedy. Reads no file itself.
import { Ajv, type ErrorObject } from 'ajv'
import { diagnose } from '../../policies/diagnostic.ts'
import { didYouMean } from '../../policies/suggest.ts'
import { childPointer, readYaml, type YamlText } from '../../policies/yaml/read-yaml.ts'
import { parsePublicJwk } from '../../protocol/jwk.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import { checkReferences, type OptionProblem } from './check-references.ts'
import type { AuthzServerConfig, Client, DeviceType } from './config.ts'
import { CONFIG_SCHEMA } from './config-schema.ts'

export interface ConfigProblem {
  readonly file: string
  /** Both from 1. */
  readonly line: number
  readonly column: number
  /** Dotted, e.g. `clients[0].jwk`; empty for the file as a whole. */
  readonly option: string
  readonly message: string
}

export interface LoadedConfig {
  readonly config: AuthzServerConfig
  /** Works, but someone should look. */
  readonly warnings: readonly ConfigProblem[]
}

/** Shown on small screens and typed by hand (RFC 8628 section 6.1). */
const VERIFICATION_URI_GOOD_CHARACTERS = 40

const validate = new Ajv({ allErrors: true, verbose: true, strict: true, ownProperties: true }).compile<unknown>(CONFIG_SCHEMA)

export function loadConfig(text: string, file: string): Result<LoadedConfig, readonly ConfigProblem[]> {
  const yaml = readYaml(text)
  if (!yaml.ok) return err(diagnose(text, file, yaml.error).map(({ line, column, message }) => ({ file, line, column, option: '', message })))
  const place = (problem: OptionProblem): ConfigProblem => placeProblem({ text, file, yaml: yaml.value }, problem)
  if (!validate(yaml.value.value)) return err((validate.errors ?? []).map((error) => place(explain(error))))
  const config = withDefaults(yaml.value.value as AuthzServerConfig)
  const problems = checkReferences(config)
  if (problems.length > 0) return err(problems.map(place))
  return ok({ config: withParsedKeys(config), warnings: listWarnings(config).map(place) })
}

/** `file:line:column option: message`. */
export function formatConfigProblem({ file, line, column, option, message }: ConfigProblem): string {
  return `${file}:${line}:${column} ${option === '' ? '' : `${option}: `}${message}`
}

function placeProblem(
  source: { readonly text: string; readonly file: string; readonly yaml: YamlText },
  { pointer, atKey, message }: OptionProblem,
): ConfigProblem {
  const offset = atKey === true ? source.yaml.keyOffset(pointer) : source.yaml.offset(pointer)
  const [at] = diagnose(source.text, source.file, [{ offset, code: 'bad_value', message }])
  return { file: source.file, line: at?.line ?? 1, column: at?.column ?? 1, option: nameOption(pointer), message }
}

function nameOption(pointer: string): string {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  return parts
    .map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '')
}

function explain(error: ErrorObject): OptionProblem {
  const { instancePath: pointer, params } = error
  const schema = error.parentSchema as { readonly description?: string; readonly properties?: object }
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(params['additionalProperty'])
      const known = Object.keys(schema.properties ?? {})
      return { pointer: childPointer(pointer, name), atKey: true, message: `unknown option.${didYouMean(name, known)} Known options: ${known.join(', ')}` }
    }
    case 'required':
      return { pointer, message: `"${String(params['missingProperty'])}" is missing; this must be ${schema.description}` }
    default:
      return { pointer, message: `must be ${schema.description ?? error.message} (${error.message})` }
  }
}

type Loose<Value, Optional extends keyof Value> = Omit<Value, Optional> & Partial<Pick<Value, Optional>>

function withDefaults(config: AuthzServerConfig): AuthzServerConfig {
  const fill = (type: DeviceType): DeviceType => ({
    ...type,
    resources: type.resources.map((resource: Loose<DeviceType['resources'][number], 'tags'>) => ({ ...resource, tags: resource.tags ?? [] })),
  })
  return { ...config, device_types: config.device_types.map(fill) }
}

/** Keys reduced to their required members; checkReferences has refused those that cannot be. */
function withParsedKeys(config: AuthzServerConfig): AuthzServerConfig {
  const parse = (client: Client): Client => {
    const jwk = parsePublicJwk(client.jwk)
    return jwk.ok ? { ...client, jwk: jwk.value } : client
  }
  return { ...config, clients: config.clients.map(parse) }
}

function listWarnings(config: AuthzServerConfig): readonly OptionProblem[] {
  return [...warnOfLongAddress(config), ...warnOfMissingKeys(config)]
}

/** A sidecar refuses tokens that do not carry the key. */
function warnOfMissingKeys({ resource_servers: servers, clients }: AuthzServerConfig): readonly OptionProblem[] {
  const isSidecar = (clientId: string | undefined) => clients.some((client) => client.client_id === clientId && client.scopes.includes('feed'))
  return servers.flatMap(({ client_id: clientId, confirmation }, index) => {
    if (confirmation === undefined || confirmation.includes('jwk') || !isSidecar(clientId)) return []
    const message = `a sidecar rejects tokens that contain only the thumbprint: write [jkt, jwk], or remove the scope feed from the client "${clientId}" if it is not a sidecar`
    return [{ pointer: `/resource_servers/${index}/confirmation`, message }]
  })
}

function warnOfLongAddress({ issuer }: AuthzServerConfig): readonly OptionProblem[] {
  const length = `${issuer}/device`.length
  if (length <= VERIFICATION_URI_GOOD_CHARACTERS) return []
  const message = `people have to type ${issuer}/device: ${length} characters are a lot, ${VERIFICATION_URI_GOOD_CHARACTERS} or fewer would be better`
  return [{ pointer: '/issuer', message }]
}
