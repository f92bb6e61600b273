// The text of a YAML configuration becomes a checked value, or all of its faults at once, each with its place and its remedy. Reads no file.
import { Ajv } from 'ajv'
import { type Complaint, createLocator } from '../../policies/diagnostic.ts'
import { OWN_LIMITS } from '../../policies/limits.ts'
import { childPointer, readYaml, type YamlText } from '../../policies/yaml/read-yaml.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import { explainSchemaError } from './explain-schema.ts'
import type { ConfigError, OptionFault, OptionPath } from './option-fault.ts'

export interface ConfigLanguage<Config> {
  /** JSON Schema, draft-07; fills in defaults. Unknown keys have to be errors in it. */
  readonly schema: object
  /** Groups that may be left out whole, although options in them have defaults. */
  readonly emptyGroups?: Readonly<Record<string, object>>
  /** What the schema cannot say. */
  readonly check: (config: Config) => readonly OptionFault[]
  /** What can be used, but deserves a look. */
  readonly warn?: (config: Config) => readonly OptionFault[]
}

export interface ReadConfig<Config> {
  readonly config: Config
  readonly warnings: readonly ConfigError[]
}

export type ConfigReader<Config> = (text: string) => Result<ReadConfig<Config>, readonly ConfigError[]>

/** More than a person fixes at once. */
const ERRORS_REPORTED_MAX = 100

export function createConfigReader<Config>({ schema, emptyGroups = {}, check, warn = () => [] }: ConfigLanguage<Config>): ConfigReader<Config> {
  const ajv = new Ajv({ allErrors: true, verbose: true, strict: true, strictRequired: false, useDefaults: true, allowUnionTypes: true, ownProperties: true })
  const validate = ajv.compile<unknown>(schema)
  return (text) => {
    const locate = createLocator(text)
    const yaml = readYaml(text, OWN_LIMITS)
    if (!yaml.ok) return err(yaml.error.map((complaint) => ({ ...locate(complaint.offset), option: '', ...splitComplaint(complaint) })))
    const place = ({ path, message, remedy }: OptionFault): ConfigError => ({
      ...locate(offsetOf(yaml.value, path)),
      option: path.join('.'),
      message,
      remedy: remedy.endsWith('.') || remedy.endsWith('?') ? remedy : `${remedy}.`,
    })
    const value = withGroups(yaml.value.value, emptyGroups)
    const faults = validate(value) ? check(value as Config) : (validate.errors ?? []).slice(0, ERRORS_REPORTED_MAX).map(explainSchemaError)
    return faults.length > 0 ? err(faults.map(place)) : ok({ config: value as Config, warnings: warn(value as Config).map(place) })
  }
}

/** The reader of YAML says fault and remedy in one text: the first sentence, or the part before a semicolon, is the fault. */
function splitComplaint({ message }: Complaint): Pick<ConfigError, 'message' | 'remedy'> {
  const at = /[;.] /.exec(message)?.index
  if (at === undefined) return { message: message.replace(/\.$/, ''), remedy: 'Correct the YAML at this place.' }
  const remedy = message.slice(at + 2)
  return { message: message.slice(0, at), remedy: remedy.charAt(0).toUpperCase() + remedy.slice(1) }
}

/** Where the key is, or the value in a list; for an option that is not there, the nearest one around it. */
function offsetOf(yaml: YamlText, path: OptionPath): number {
  return yaml.keyOffset(path.reduce<string>(childPointer, ''))
}

function withGroups(value: unknown, groups: Readonly<Record<string, object>>): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...structuredClone(groups), ...value } : value
}
