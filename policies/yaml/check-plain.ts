// Refuses what a sharing policy never needs of YAML (anchors, aliases, tags, directives, control characters, deep nesting) before anything is built from it.
import { type CST, Lexer, Parser } from 'yaml'
import type { Complaint } from '../diagnostic.ts'
import { POSTED_LIMITS } from '../limits.ts'

/** The language is four levels deep; a bit more lets the schema say what is wrong in its own words. */
export const POLICY_MAX_DEPTH = 12

// YAML 1.2 section 5.1 allows of the control characters only tab and the line ends.
const FORBIDDEN_CHARACTER = /(?![\t\n\r\u0085])[\p{Cc}\ufffe\uffff]/u

const REFUSED: Readonly<Record<string, string>> = {
  anchor: 'Anchors ("&") are not accepted in this file; write the values in full.',
  alias: 'Aliases ("*") are not accepted in this file; write the values in full.',
  tag: 'Tags ("!") are not accepted in this file; put a string that begins with "!" in quotes.',
  directive: 'Directives ("%") are not accepted in this file; remove this line.',
}

type Item = { readonly start?: CST.SourceToken[]; readonly key?: CST.Token | null; readonly sep?: CST.SourceToken[]; readonly value?: CST.Token }

/** More than a person fixes at once; a text of nothing but mistakes must not cost more than this. */
export const YAML_COMPLAINTS_MAX = 100

export function checkPlain(text: string, maxTokens = POSTED_LIMITS.tokens): readonly Complaint[] {
  const bad = FORBIDDEN_CHARACTER.exec(text)
  if (bad !== null) return [{ offset: bad.index, code: 'yaml_syntax', message: `A document must not contain the character U+${hex(bad[0])}.` }]
  if (!text.isWellFormed()) return [{ offset: 0, code: 'yaml_syntax', message: 'The file is not valid Unicode (half of a surrogate pair).' }]
  const size = checkSize(text, maxTokens)
  if (size !== undefined) return [size]
  try {
    return walk([...new Parser().parse(text)])
  } catch (error) {
    // The library's own stack ends here for texts that are nothing but brackets.
    if (error instanceof RangeError) return [tooDeep(0)]
    throw error
  }
}

/** With the lexer alone: it builds nothing, and is left as soon as there are too many tokens, or brackets too deep in each other. */
function checkSize(text: string, maxTokens: number): Complaint | undefined {
  let [count, depth, offset] = [0, 0, 0]
  for (const token of new Lexer().lex(text)) {
    count += 1
    if (count > maxTokens) return { offset: 0, code: 'too_large', message: `The document has more than ${maxTokens} tokens. Split it, or shorten its lists.` }
    if (token === '[' || token === '{') depth += 1
    if (token === ']' || token === '}') depth -= 1
    if (depth > POLICY_MAX_DEPTH) return tooDeep(offset)
    // The lexer's own signs are not part of the text.
    if (!LEXER_SIGNS.has(token)) offset += token.length
  }
  return undefined
}

/** Document, flow error and scalar, as the lexer of `yaml` announces them. */
const LEXER_SIGNS: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f'])

/** With a list instead of recursion, so that depth costs no stack. */
function walk(tokens: readonly CST.Token[]): readonly Complaint[] {
  const complaints: Complaint[] = []
  const open: { readonly token: CST.Token; readonly depth: number }[] = tokens.map((token) => ({ token, depth: 0 }))
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next
    if (depth > POLICY_MAX_DEPTH) return [tooDeep(token.offset)]
    const why = REFUSED[token.type]
    if (why !== undefined) complaints.push({ offset: token.offset, code: 'yaml_not_plain', message: why })
    if (complaints.length >= YAML_COMPLAINTS_MAX) return complaints
    for (const child of children(token)) open.push({ token: child, depth: isCollection(token) ? depth + 1 : depth })
  }
  return complaints
}

/** A document has a start and a value, a collection has items; marks such as anchors stand in `start` and `sep`. */
function children(token: CST.Token): readonly CST.Token[] {
  const items = 'items' in token ? (token.items as Item[]) : []
  return [...parts(token as unknown as Item), ...items.flatMap(parts)]
}

function parts({ start, key, sep, value }: Item): readonly CST.Token[] {
  const marks = Array.isArray(start) ? start : []
  return [...marks, ...(sep ?? []), ...(isToken(key) ? [key] : []), ...(isToken(value) ? [value] : [])]
}

function isToken(value: unknown): value is CST.Token {
  return typeof value === 'object' && value !== null
}

function isCollection(token: CST.Token): boolean {
  return token.type === 'block-map' || token.type === 'block-seq' || token.type === 'flow-collection'
}

function tooDeep(offset: number): Complaint {
  return { offset, code: 'yaml_too_deep', message: `Lists and maps can be nested at most ${POLICY_MAX_DEPTH} deep.` }
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
}
