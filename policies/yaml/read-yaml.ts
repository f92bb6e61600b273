// Owner's text to plain values that know their place in it. Takes the plain part of YAML 1.2 core only; it knows nothing of sharing.
import { type Document, isMap, isScalar, isSeq, type Node, type Pair, parseAllDocuments, type Scalar, type YAMLMap } from 'yaml'
import type { Complaint } from '../diagnostic.ts'
import { POSTED_LIMITS, type PolicyLimits } from '../limits.ts'
import { err, ok, type Result } from '../result.ts'
import { explainNumber } from './check-number.ts'
import { checkPlain, YAML_COMPLAINTS_MAX } from './check-plain.ts'

export interface YamlText {
  /** Maps are objects without a prototype, so `__proto__` is a key like any other. Undefined where the text holds nothing. */
  readonly value: unknown
  /** Offset of a value, by JSON pointer; of the nearest value around it where there is none. */
  offset(pointer: string): number
  /** Offset of the key of a value; of the value itself in a list. */
  keyOffset(pointer: string): number
  /** Numbers that are not kept as they are written. Texts of earlier versions hold some, so that the reader decides. */
  readonly inexact: readonly Complaint[]
}

interface Places {
  readonly values: Map<string, number>
  readonly keys: Map<string, number>
  readonly inexact: Complaint[]
}

export function readYaml(text: string, { textBytes, tokens }: Pick<PolicyLimits, 'textBytes' | 'tokens'> = POSTED_LIMITS): Result<YamlText, Complaint[]> {
  if (Buffer.byteLength(text) > textBytes) return refuse(0, 'too_large', `The document is longer than ${textBytes / 1024} KiB; split it or shorten it.`)
  const plain = checkPlain(text, tokens)
  if (plain.length > 0) return err([...plain])
  // Own check of duplicate keys below: the one of the library compares each key with each other one.
  const documents = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    strict: true,
    uniqueKeys: false,
    merge: false,
    prettyErrors: false,
    logLevel: 'silent',
  })
  if (!Array.isArray(documents)) return ok(emptyText())
  const [document, second] = documents
  if (second !== undefined) return refuse(second.range[0], 'yaml_not_plain', 'A file contains one document; remove the line "---" and what follows.')
  return document === undefined ? ok(emptyText()) : fromDocument(document)
}

function fromDocument(document: Document.Parsed): Result<YamlText, Complaint[]> {
  const complaints: Complaint[] = document.errors
    .slice(0, YAML_COMPLAINTS_MAX)
    .map((error) => ({ offset: error.pos[0], code: 'yaml_syntax', message: sentence(error.message) }))
  const places: Places = { values: new Map([['', 0]]), keys: new Map(), inexact: [] }
  const value = toValue(document.contents, '', places, complaints)
  if (complaints.length > 0) return err(complaints.slice(0, YAML_COMPLAINTS_MAX))
  return ok({
    value: value ?? undefined,
    inexact: places.inexact,
    offset: (pointer) => nearest(places.values, pointer),
    keyOffset: (pointer) => places.keys.get(pointer) ?? nearest(places.values, pointer),
  })
}

function toValue(node: Node | null | undefined, pointer: string, places: Places, complaints: Complaint[]): unknown {
  const offset = node?.range?.[0]
  if (offset !== undefined) places.values.set(pointer, offset)
  if (isMap(node)) return toObject(node, pointer, places, complaints)
  if (isSeq(node)) return node.items.map((item, index) => toValue(item as Node | null, `${pointer}/${index}`, places, complaints))
  return isScalar(node) ? scalarValue(node, pointer, places) : null
}

function scalarValue({ value, source = '' }: Scalar, pointer: string, { values, inexact }: Places): unknown {
  if (typeof value !== 'number' && typeof value !== 'bigint') return value
  const message = explainNumber(source, value)
  if (message !== undefined) inexact.push({ offset: nearest(values, pointer), code: 'bad_value', message })
  // Minus zero is zero.
  return Number(value) === 0 ? 0 : value
}

function toObject(map: YAMLMap, pointer: string, places: Places, complaints: Complaint[]): object {
  const object: Record<string, unknown> = Object.create(null)
  for (const pair of map.items as Pair<Node, Node | null>[]) {
    const key = pair.key
    const offset = key?.range?.[0] ?? nearest(places.values, pointer)
    if (!isScalar(key)) {
      complaints.push({ offset, code: 'yaml_not_plain', message: 'A key must be a string, not a list or a map.' })
      continue
    }
    const name = String(key.source ?? key.value)
    if (Object.hasOwn(object, name)) {
      complaints.push({ offset, code: 'duplicate_key', message: `"${name}" appears twice; keep one of them.` })
      continue
    }
    if (name === '<<')
      complaints.push({ offset, code: 'yaml_not_plain', message: 'Merge keys ("<<") are not accepted in this file; write the values in full.' })
    const inner = childPointer(pointer, name)
    places.keys.set(inner, offset)
    places.values.set(inner, offset)
    object[name] = toValue(pair.value, inner, places, complaints)
  }
  return object
}

/** RFC 6901, as ajv writes it in `instancePath`. */
export function childPointer(pointer: string, name: string | number): string {
  return `${pointer}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

function nearest(places: Map<string, number>, pointer: string): number {
  const found = places.get(pointer)
  return found ?? nearest(places, pointer.slice(0, Math.max(0, pointer.lastIndexOf('/'))))
}

function emptyText(): YamlText {
  return { value: undefined, offset: () => 0, keyOffset: () => 0, inexact: [] }
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`
}

function refuse(offset: number, code: Complaint['code'], message: string): Result<never, Complaint[]> {
  return err([{ offset, code, message }])
}
