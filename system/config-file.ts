// From the text of a YAML configuration to a checked value, or all of its faults at once, each with its place and its remedy. Reads no file.
import { Ajv, type ErrorObject } from 'ajv'
import { isMap, LineCounter, parseDocument } from 'yaml'
import { nearestWord } from '../policies/suggest.ts'
import { err, ok, type Result } from '../protocol/result.ts'

/** A fault of a configuration file: where, which option, what is wrong, what to do. */
export interface ConfigError {
  /** 1-based; 1:1 where the fault is in no particular place. */
  readonly line: number
  readonly column: number
  /** e.g. `routes.0.path`; empty for the whole file. */
  readonly option: string
  readonly message: string
  readonly remedy: string
}

/** A fault by the option that it is about. */
export interface OptionFault {
  readonly path: OptionPath
  readonly message: string
  readonly remedy: string
}

export type OptionPath = readonly (string | number)[]

export interface ConfigLanguage<Config> {
  /** JSON Schema, draft-07; fills in defaults. Unknown keys have to be errors in it. */
  readonly schema: object
  /** Groups that may be left out whole, although options in them have defaults. */
  readonly emptyGroups?: Readonly<Record<string, object>>
  /** What the schema cannot say. */
  readonly check: (config: Config) => readonly OptionFault[]
}

/** `sidecar.yaml:7:11 upstream: "localhost" is no origin. Write one such as http://127.0.0.1:8080.` */
export function formatConfigError(file: string, error: ConfigError): string {
  const option = error.option === '' ? '' : ` ${error.option}:`
  return `${file}:${error.line}:${error.column}${option} ${error.message}. ${error.remedy}`
}

export function createConfigParser<Config>(language: ConfigLanguage<Config>): (text: string) => Result<Config, readonly ConfigError[]> {
  const validate = new Ajv({ allErrors: true, verbose: true, useDefaults: true, allowUnionTypes: true }).compile(language.schema)

  return (text) => {
    const lines = new LineCounter()
    const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
    const [fault] = document.errors
    if (fault !== undefined) {
      const { line, col } = lines.linePos(fault.pos[0])
      return err([{ line, column: col, option: '', message: firstSentence(fault.message), remedy: 'Correct the YAML there' }])
    }
    const value = withGroups(document.toJS({ maxAliasCount: 0 }), language.emptyGroups ?? {})
    const faults = validate(value) ? language.check(value as Config) : (validate.errors ?? []).map(explain)
    if (faults.length === 0) return ok(value as Config)
    return err(faults.map(({ path, message, remedy }) => ({ ...placeOf(path), option: path.join('.'), message, remedy })))

    function placeOf(path: OptionPath): { line: number; column: number } {
      const offset = offsetOf(path)
      if (offset === undefined) return path.length === 0 ? { line: 1, column: 1 } : placeOf(path.slice(0, -1))
      const { line, col } = lines.linePos(offset)
      return { line, column: col }
    }

    /** Where the key stands, or the value where there is no key. */
    function offsetOf(path: OptionPath): number | undefined {
      const parent: unknown = path.length === 0 ? undefined : path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
      if (isMap(parent)) {
        const pair = parent.items.find((item) => String(item.key) === String(path.at(-1)))
        return (pair?.key as { range?: [number, number, number] } | undefined)?.range?.[0]
      }
      return (document.getIn([...path], true) as { range?: [number, number, number] } | undefined)?.range?.[0]
    }
  }
}

function firstSentence(message: string): string {
  return message.split('\n', 1)[0]?.replace(/ at line .*$/, '') ?? ''
}

function withGroups(value: unknown, groups: Readonly<Record<string, object>>): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...structuredClone(groups), ...value } : value
}

function explain(error: ErrorObject): OptionFault {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
  const description = (error.parentSchema as { description?: string } | undefined)?.description ?? ''
  switch (error.keyword) {
    case 'required':
      return {
        path,
        message: `"${error.params['missingProperty']}" is missing`,
        remedy: describeProperty(error, String(error.params['missingProperty'])) || description,
      }
    case 'additionalProperties':
      return explainUnknown(error, path)
    default:
      return { path, message: `${shorten(error.data)} ${error.message}`, remedy: description || 'See the schema' }
  }
}

function explainUnknown(error: ErrorObject, path: OptionPath): OptionFault {
  const name = String(error.params['additionalProperty'])
  const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {})
  const near = nearestWord(name, known)
  const remedy = near === undefined ? `Known here: ${known.join(', ')}` : `Did you mean "${near}"?`
  return { path: [...path, name], message: `unknown option "${shorten(name).slice(1, -1)}"`, remedy }
}

function describeProperty(error: ErrorObject, name: string): string {
  const properties = (error.parentSchema as { properties?: { [name: string]: { description?: string } } } | undefined)?.properties
  return properties?.[name]?.description ?? ''
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
