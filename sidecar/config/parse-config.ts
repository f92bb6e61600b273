// From the text of sidecar.yaml to a checked configuration, or all of its faults at once. Reads no other file.
import { Ajv, type ErrorObject } from 'ajv'
import { isMap, LineCounter, parseDocument } from 'yaml'
import { nearestWord } from '../../policies/suggest.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import { checkConfig, type OptionFault } from './check-config.ts'
import type { ConfigError } from './config-error.ts'
import schema from './sidecar.schema.json' with { type: 'json' }
import type { SidecarConfig } from './sidecar-config.ts'

const validate = new Ajv({ allErrors: true, verbose: true, useDefaults: true }).compile(schema)

type Path = readonly (string | number)[]

export function parseConfig(text: string): Result<SidecarConfig, readonly ConfigError[]> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const [fault] = document.errors
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0])
    return err([{ line, column: col, option: '', message: fault.message.split('\n', 1)[0]?.replace(/ at line .*$/, '') ?? '', remedy: 'Mend the YAML there' }])
  }
  const value: unknown = withDefaults(document.toJS({ maxAliasCount: 0 }))
  const faults: readonly OptionFault[] = validate(value) ? checkConfig(value as unknown as SidecarConfig) : (validate.errors ?? []).map(explain)
  if (faults.length === 0) return ok(value as unknown as SidecarConfig)
  return err(faults.map(({ path, message, remedy }) => ({ ...placeOf(path), option: path.join('.'), message, remedy })))

  function placeOf(path: Path): { line: number; column: number } {
    const offset = offsetOf(path)
    if (offset === undefined) return path.length === 0 ? { line: 1, column: 1 } : placeOf(path.slice(0, -1))
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }

  /** Where the key stands, or the value where there is no key. */
  function offsetOf(path: Path): number | undefined {
    const parent: unknown = path.length === 0 ? undefined : path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
    if (isMap(parent)) {
      const pair = parent.items.find((item) => String(item.key) === String(path.at(-1)))
      return (pair?.key as { range?: [number, number, number] } | undefined)?.range?.[0]
    }
    return (document.getIn([...path], true) as { range?: [number, number, number] } | undefined)?.range?.[0]
  }
}

/** Groups that may be left out whole. */
function withDefaults(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { feed: {}, limits: {}, ...value } : value
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
        remedy: describe(error, String(error.params['missingProperty'])) || description,
      }
    case 'additionalProperties':
      return explainUnknown(error, path)
    default:
      return { path, message: `${shorten(error.data)} ${error.message}`, remedy: description || 'See the schema' }
  }
}

function explainUnknown(error: ErrorObject, path: Path): OptionFault {
  const name = String(error.params['additionalProperty'])
  const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {})
  const near = nearestWord(name, known)
  const remedy = near === undefined ? `Known here: ${known.join(', ')}` : `Did you mean "${near}"?`
  return { path: [...path, name], message: `unknown option "${shorten(name).slice(1, -1)}"`, remedy }
}

function describe(error: ErrorObject, name: string): string {
  const properties = (error.parentSchema as { properties?: { [name: string]: { description?: string } } } | undefined)?.properties
  return properties?.[name]?.description ?? ''
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
