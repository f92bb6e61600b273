// The part of JSON Schema (draft-07) that the language's schema is written in. A type only.

export type JsonType = 'object' | 'array' | 'string' | 'boolean' | 'integer' | 'number'

export interface JsonSchema {
  readonly type?: JsonType | readonly JsonType[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: false
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly minItems?: number
  readonly maxItems?: number
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly exclusiveMinimum?: number
  readonly enum?: readonly string[]
  readonly const?: number
}
