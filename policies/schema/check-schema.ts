// Checks a value against the language's schema and says each mistake in a sentence, at its place in the text. It changes nothing.
import { Ajv, type ErrorObject } from 'ajv'
import type { Complaint } from '../diagnostic.ts'
import { err, type Result } from '../result.ts'
import { didYouMean } from '../suggest.ts'
import { childPointer, type YamlText } from '../yaml/read-yaml.ts'
import type { JsonSchema } from './json-schema.ts'
import { POLICY_SCHEMA } from './policy-schema.ts'
import { isFollowUp, readablePart } from './readable-part.ts'

export type SchemaCheck = (yaml: YamlText) => readonly Complaint[]

/** Checks a document and reads what can be read of it: the schema's complaints, and those of `read` about the rest. */
export type DocumentCheck = <T>(yaml: YamlText, read: (readable: YamlText) => Result<T, Complaint[]>) => Result<T, Complaint[]>
/** Keys of another kind of document, each with what to say when it stands at the top of this one. */
export type StrayKeys = Readonly<Record<string, string>>

// More than a person reads at once; a text of nothing but mistakes must not cost more than this.
const COMPLAINTS_MAX = 100

// What takes the place of a mistake is checked again, since removing a member may leave an empty map.
const REPAIRS_MAX = 4

export function createDocumentCheck(schema: JsonSchema, stray: StrayKeys = {}): { readonly checkSchema: SchemaCheck; readonly readDocument: DocumentCheck } {
  const validate = new Ajv({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true, ownProperties: true }).compile(schema)
  const errorsOf = (value: unknown): readonly ErrorObject[] => (validate(value) ? [] : (validate.errors ?? []))
  const complaintsOf = (errors: readonly ErrorObject[], yaml: YamlText) =>
    errors.slice(0, COMPLAINTS_MAX).map((error) => strayKey(error, yaml, stray) ?? complaint(error, yaml))

  /** Undefined where no part that passes the schema is found. */
  function repair(value: unknown, errors: readonly ErrorObject[]): unknown {
    let [readable, left] = [value, errors]
    for (let repairs = 0; repairs < REPAIRS_MAX && readable !== undefined; repairs += 1) {
      readable = readablePart(readable, left)
      left = errorsOf(readable)
      if (left.length === 0) return readable
    }
    return undefined
  }

  return {
    checkSchema: (yaml) => complaintsOf(errorsOf(yaml.value), yaml),
    readDocument(yaml, read) {
      const errors = errorsOf(yaml.value)
      if (errors.length === 0) return read(yaml)
      const complaints = complaintsOf(errors, yaml)
      // More mistakes than are shown: nobody misses those of the rest.
      const readable = errors.length > COMPLAINTS_MAX ? undefined : repair(yaml.value, errors)
      const rest = readable === undefined ? undefined : read({ ...yaml, value: readable })
      const isAlsoWrong = isFollowUp(errors, yaml)
      return err([...complaints, ...(rest === undefined || rest.ok ? [] : rest.error.filter((one) => !isAlsoWrong(one)))])
    },
  }
}

export const { checkSchema, readDocument } = createDocumentCheck(POLICY_SCHEMA, {
  guardrails: 'This is a sharing policy; "guardrails" belong in a separate file without shares, block and pause.',
})

function strayKey(error: ErrorObject, yaml: YamlText, stray: StrayKeys): Complaint | undefined {
  const key = String(error.params['additionalProperty'])
  const message = error.keyword === 'additionalProperties' && error.instancePath === '' && Object.hasOwn(stray, key) ? stray[key] : undefined
  return message === undefined ? undefined : { offset: yaml.keyOffset(childPointer('', key)), code: 'unknown_key', message }
}

function complaint(error: ErrorObject, yaml: YamlText): Complaint {
  const at = error.instancePath
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(error.params['additionalProperty'])
      return { offset: yaml.keyOffset(childPointer(at, key)), code: 'unknown_key', message: unknownKey(key, error.parentSchema as JsonSchema) }
    }
    case 'required':
      return { offset: yaml.offset(at), code: 'missing_key', message: `"${error.params['missingProperty']}" is missing here (${describe(error)}).` }
    case 'type':
      return {
        offset: yaml.offset(at),
        code: 'wrong_type',
        message: `This must be ${describe(error)}${error.data === null ? '' : `, not ${typeWord(error.data)}`}.`,
      }
    case 'enum':
      return {
        offset: yaml.offset(at),
        code: 'bad_value',
        message: `This must be ${describe(error)}.${typeof error.data === 'string' ? didYouMean(error.data, (error.parentSchema as JsonSchema).enum ?? []) : ''}`,
      }
    case 'minItems':
    case 'minProperties':
      return { offset: yaml.offset(at), code: 'bad_value', message: `This is empty; it must be ${describe(error)}.` }
    case 'maxItems':
    case 'maxProperties':
    case 'maxLength':
      return { offset: yaml.offset(at), code: 'too_large', message: `This is longer than ${error.params['limit']}; it must be ${describe(error)}.` }
    default:
      return { offset: yaml.offset(at), code: 'bad_value', message: `This must be ${describe(error)}.` }
  }
}

function unknownKey(key: string, schema: JsonSchema): string {
  if (schema.patternProperties !== undefined) return `"${key}" is not allowed here; this must be ${schema.description ?? 'another key'}.`
  const known = Object.keys(schema.properties ?? {})
  const hint = didYouMean(key, known)
  return `Unknown key "${key}".${hint === '' ? ` Known keys: ${known.join(', ')}.` : hint}`
}

function describe(error: ErrorObject): string {
  return (error.parentSchema as JsonSchema | undefined)?.description ?? 'another value'
}

function typeWord(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  if (typeof value === 'string') return 'a string'
  return typeof value === 'boolean' ? 'true or false (put it in quotes to mean the word)' : 'a number (put it in quotes to mean the characters)'
}
