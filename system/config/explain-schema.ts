// Turns an error of the schema validator into a fault of an option: what is wrong, and what the schema's description says to write instead.
import type { ErrorObject } from 'ajv'
import { nearestWord } from '../../policies/suggest.ts'
import type { OptionFault, OptionPath } from './option-fault.ts'

/** Values of these options may be credentials by mistake, so that no message repeats them. */
const NEVER_SHOWN: ReadonlySet<string | number> = new Set(['jwk', 'env', 'file', 'd'])
const SHOWN_MAX_CHARACTERS = 60

interface DescribedSchema {
  readonly description?: string
  readonly properties?: { readonly [name: string]: DescribedSchema }
}

export function explainSchemaError(error: ErrorObject): OptionFault {
  const path = parsePointer(error.instancePath)
  const schema = (error.parentSchema ?? {}) as DescribedSchema
  switch (error.keyword) {
    case 'required': {
      const name = String(error.params['missingProperty'])
      return { path, message: `"${name}" is missing`, remedy: sentence(schema.properties?.[name]?.description ?? schema.description) }
    }
    case 'additionalProperties':
      return explainUnknown(String(error.params['additionalProperty']), path, Object.keys(schema.properties ?? {}))
    default:
      return { path, message: `${describeValue(error.data, path)} ${explainKeyword(error)}`, remedy: sentence(schema.description) }
  }
}

function explainKeyword({ keyword, params, message = 'cannot be used' }: ErrorObject): string {
  // The library's own words leave out which values are allowed.
  return keyword === 'enum' ? `is not one of ${(params['allowedValues'] as readonly unknown[]).map((value) => JSON.stringify(value)).join(', ')}` : message
}

function explainUnknown(name: string, path: OptionPath, known: readonly string[]): OptionFault {
  const near = nearestWord(name, known)
  const list = `Known here: ${known.join(', ')}`
  return { path: [...path, name], message: `unknown option "${shorten(name)}"`, remedy: near === undefined ? list : `Did you mean "${near}"? ${list}` }
}

function describeValue(value: unknown, path: OptionPath): string {
  if (value === undefined || value === null) return 'an empty value'
  if (path.some((name) => NEVER_SHOWN.has(name))) return 'the value'
  if (Array.isArray(value)) return 'this list'
  return typeof value === 'object' ? 'this group of options' : shorten(JSON.stringify(value))
}

function shorten(text: string): string {
  return text.length > SHOWN_MAX_CHARACTERS ? `${text.slice(0, SHOWN_MAX_CHARACTERS - 3)}...` : text
}

function sentence(description = 'See the JSON Schema that `latchkey schema` prints'): string {
  return description.charAt(0).toUpperCase() + description.slice(1)
}

/** RFC 6901. */
export function parsePointer(pointer: string): OptionPath {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}
