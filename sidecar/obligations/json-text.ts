// A JSON text as a tree that keeps every number and text as it was written. Throws for what can be read in two ways; it judges nothing else.
import { TRANSFORM_MAX_DEPTH } from '../limits.ts'

export type JsonNode = JsonScalar | JsonObject | JsonArray

export interface JsonScalar {
  readonly kind: 'scalar'
  /** As written. */
  text: string
}

export interface JsonMember {
  /** As written, with its quotes. */
  readonly nameText: string
  readonly name: string
  readonly value: JsonNode
}

export interface JsonObject {
  readonly kind: 'object'
  members: readonly JsonMember[]
}

export interface JsonArray {
  readonly kind: 'array'
  items: readonly JsonNode[]
}

export interface JsonText {
  readonly root: JsonNode
  /** How many values it holds, itself included. */
  readonly size: number
}

/** Throws for what is no JSON, is nested deeper than `TRANSFORM_MAX_DEPTH`, or has an object with two members of one name (RFC 8259 section 4). */
export function parseJsonText(text: string): JsonText {
  JSON.parse(text)
  const reader = new Reader(text)
  return { root: reader.value(0), size: reader.size }
}

export function printJsonText(node: JsonNode): string {
  const pieces: string[] = []
  print(node, pieces)
  return pieces.join('')
}

/** Undefined for a text, true, false or null, and for a number beyond what a double holds. */
export function readNumber({ text }: JsonScalar): number | undefined {
  const value = /^[-0-9]/.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? value : undefined
}

function print(node: JsonNode, pieces: string[]): void {
  switch (node.kind) {
    case 'scalar':
      pieces.push(node.text)
      return
    case 'array':
      pieces.push('[')
      for (let index = 0; index < node.items.length; index += 1) {
        if (index > 0) pieces.push(',')
        print(node.items[index] as JsonNode, pieces)
      }
      pieces.push(']')
      return
    case 'object':
      pieces.push('{')
      for (let index = 0; index < node.members.length; index += 1) {
        const { nameText, value } = node.members[index] as JsonMember
        pieces.push(index > 0 ? ',' : '', nameText, ':')
        print(value, pieces)
      }
      pieces.push('}')
  }
}

const [QUOTE, BACKSLASH, COMMA, OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x22, 0x5c, 0x2c, 0x7b, 0x7d, 0x5b, 0x5d]
/** Tab, line feed, carriage return and space are the only space that JSON has. */
const SPACE_MAX = 0x20
/** Up to here, looking through a list is quicker than a set. */
const FEW_MEMBERS = 8

/** Over a text that JSON.parse has accepted. */
class Reader {
  readonly #text: string
  #at = 0
  size = 0

  constructor(text: string) {
    this.#text = text
  }

  value(depth: number): JsonNode {
    if (depth > TRANSFORM_MAX_DEPTH) throw new Error('the response is nested too deeply')
    this.size += 1
    this.#skipSpace()
    const first = this.#text.charCodeAt(this.#at)
    if (first === OPEN_OBJECT) return { kind: 'object', members: this.#members(depth) }
    if (first === OPEN_ARRAY) return { kind: 'array', items: this.#items(depth) }
    return { kind: 'scalar', text: first === QUOTE ? this.#string() : this.#word() }
  }

  #items(depth: number): readonly JsonNode[] {
    const items: JsonNode[] = []
    for (this.#at += 1; !this.#isAtEnd(CLOSE_ARRAY); ) items.push(this.value(depth + 1))
    return items
  }

  #members(depth: number): readonly JsonMember[] {
    const members: JsonMember[] = []
    let names: Set<string> | undefined
    for (this.#at += 1; !this.#isAtEnd(CLOSE_OBJECT); ) {
      const nameText = this.#string()
      const name = nameText.includes('\\') ? (JSON.parse(nameText) as string) : nameText.slice(1, -1)
      if (members.length === FEW_MEMBERS) names = new Set(members.map((member) => member.name))
      if (names?.has(name) ?? members.some((member) => member.name === name)) throw new Error('two members of an object have the same name')
      names?.add(name)
      this.#skipSpace()
      this.#at += 1
      members.push({ nameText, name, value: this.value(depth + 1) })
    }
    return members
  }

  /** Goes over spaces and a comma to the next child, or over the closing bracket. */
  #isAtEnd(close: number): boolean {
    this.#skipSpace()
    if (this.#text.charCodeAt(this.#at) === COMMA) {
      this.#at += 1
      this.#skipSpace()
    }
    if (this.#text.charCodeAt(this.#at) !== close) return false
    this.#at += 1
    return true
  }

  #string(): string {
    const start = this.#at
    this.#at += 1
    for (let code = this.#text.charCodeAt(this.#at); code !== QUOTE; code = this.#text.charCodeAt(this.#at)) this.#at += code === BACKSLASH ? 2 : 1
    this.#at += 1
    return this.#text.slice(start, this.#at)
  }

  #word(): string {
    const start = this.#at
    while (isOfWord(this.#text.charCodeAt(this.#at))) this.#at += 1
    return this.#text.slice(start, this.#at)
  }

  #skipSpace(): void {
    while (this.#text.charCodeAt(this.#at) <= SPACE_MAX) this.#at += 1
  }
}

/** Of a number, `true`, `false` or `null`. The code is NaN at the end of the text. */
function isOfWord(code: number): boolean {
  return code > SPACE_MAX && code !== COMMA && code !== CLOSE_ARRAY && code !== CLOSE_OBJECT
}
