// Reads the values of `upstream.headers` from the files and variables that are named there. Values are secrets: no message repeats one.
import { StartError } from '../../system/start-error.ts'
import { type SidecarConfig, type UpstreamHeaderConfig, upstreamOf } from './sidecar-config.ts'

/** Where the values are. Given by main.ts. */
export interface SecretSources {
  /** Throws StartError for a file that is missing, or that others may read. */
  readonly readFile: (file: string, option: string) => string
  readonly readVariable: (name: string) => string | undefined
}

const VALUE_MAX_CHARACTERS = 8_192
/** Visible ASCII with single spaces and tabs inside: nothing in it can end a line. */
const VALUE = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/

/** Names and values, a flat list. Called at the start, and again by a reload. */
export function loadUpstreamHeaders(config: Pick<SidecarConfig, 'upstream'>, sources: SecretSources): readonly string[] {
  const { headers = [] } = upstreamOf(config)
  return headers.flatMap((header, index) => [header.name, loadValue(header, { option: `upstream.headers.${index}`, sources })])
}

function loadValue(header: UpstreamHeaderConfig, { option, sources }: { readonly option: string; readonly sources: SecretSources }): string {
  const from = header.file === undefined ? `${option}.env: the variable ${header.env}` : `${option}.file: ${header.file}`
  const read = header.file === undefined ? sources.readVariable(header.env ?? '') : sources.readFile(header.file, `${option}.file`)
  if (read === undefined) throw new StartError(`${from} is not set. Set it to the value of ${header.name}.`)
  const secret = read.replace(/\r?\n$/, '')
  const value = withScheme(secret, header.scheme)
  if (value === undefined) throw new StartError(`${from}: a Basic credential has the form user:password.`)
  if (header.scheme !== undefined && secret.toLowerCase().startsWith(`${header.scheme.toLowerCase()} `))
    throw new StartError(`${from} already begins with "${header.scheme}". Remove that word, or remove \`scheme\`.`)
  if (secret === '' || value.length > VALUE_MAX_CHARACTERS || !VALUE.test(value))
    throw new StartError(`${from} cannot be sent as a field value. It must be one line of 1 to ${VALUE_MAX_CHARACTERS} visible ASCII characters.`)
  return value
}

function withScheme(secret: string, scheme: UpstreamHeaderConfig['scheme']): string | undefined {
  if (scheme === undefined) return secret
  if (scheme === 'Bearer') return `Bearer ${secret}`
  // RFC 7617 section 2: the user name has no colon, and neither part a control character.
  return /^[^:]+:[^\p{Cc}]*$/u.test(secret) ? `Basic ${Buffer.from(secret, 'utf8').toString('base64')}` : undefined
}
