// Guesses the path template behind a pattern of another router: `/files/**` becomes `/files/{path+}`. Suggests only what would be accepted.
import { parseRequestTarget } from '../http/request-target.ts'
import { parsePathTemplate } from './path-template.ts'

/** Longer patterns are left without a suggestion; this also bounds the regular expressions below. */
const PATTERN_MAX_CHARACTERS = 256
const WORD = '[A-Za-z][A-Za-z0-9_-]*'

interface Spelling {
  readonly pattern: RegExp
  /** `rest` where the spelling stands for several segments. */
  readonly kind: 'one' | 'rest'
}

/** The first group is the name, if the spelling has one. */
const SPELLINGS: readonly Spelling[] = [
  { pattern: new RegExp(`^\\[\\[?\\.\\.\\.(${WORD})\\]?\\]$`), kind: 'rest' },
  { pattern: new RegExp(`^<path:(${WORD})>$`), kind: 'rest' },
  { pattern: new RegExp(`^\\{(?:\\*{1,2}|\\+|\\.\\.\\.|/)(${WORD})\\*?\\}$`), kind: 'rest' },
  { pattern: new RegExp(`^\\{(${WORD})(?:\\*{1,2}|\\+|\\.\\.\\.|[:=](?:\\.\\*|\\.\\+|path|\\*\\*))\\}$`), kind: 'rest' },
  { pattern: new RegExp(`^:(${WORD})(?:[*+]|\\(\\.[*+]\\)[*+?]?)$`), kind: 'rest' },
  { pattern: new RegExp(`^\\*{1,2}:?(${WORD})$`), kind: 'rest' },
  { pattern: new RegExp(`^\\$(${WORD})$`), kind: 'one' },
  { pattern: /^(?:\*\*|\{\*{1,2}\}|\.[*+]|\(\.[*+]\)|\.{3}|\$)$/, kind: 'rest' },
  { pattern: new RegExp(`^[^{}]*[$#%@]?\\{{1,2}\\s*(${WORD})\\s*(?:[?:=,|].*)?\\}{1,2}[^{}]*$`), kind: 'one' },
  { pattern: new RegExp(`^<(?:${WORD}:)?(${WORD})(?::[^<>]*)?>.*$`), kind: 'one' },
  { pattern: new RegExp(`^\\[{1,2}(${WORD})\\]{1,2}$`), kind: 'one' },
  { pattern: new RegExp(`^:(${WORD}).*$`), kind: 'one' },
  { pattern: /[*?[\]()\\^|+<>{}:]|%[sd]|\$/, kind: 'one' },
]

/** Undefined where no accepted template is near. */
export function suggestPathTemplate(pattern: string): string | undefined {
  if (pattern.length > PATTERN_MAX_CHARACTERS) return undefined
  const texts = withoutAnchors(decodeBraces(pattern)).slice(1).split('/')
  const names = new Set<string>()
  const segments: string[] = []
  for (const [index, text] of texts.entries()) {
    const segment = suggestSegment(text, { names, isLast: index === texts.length - 1 })
    segments.push(segment)
    // Nothing can follow the rest of a path.
    if (segment.endsWith('+}')) break
  }
  const suggestion = `/${segments.join('/')}`
  return suggestion !== pattern && parsePathTemplate(suggestion) !== undefined ? suggestion : undefined
}

/** Anchors, modifiers and groups of regular expressions, a query and a fragment. */
function withoutAnchors(pattern: string): string {
  const path = pattern
    .trim()
    .replace(/^(?:~\*?|=|\^~)\s*/, '')
    .replace(/^\^(.*\/)$/, '$1**')
    .replace(/^\^/, '')
    .replace(/([^/])\$$/, '$1')
    .replace(/\{\/([A-Za-z]\w*)\*?\}$/, '/{$1+}')
    .replace(/\/([A-Za-z0-9_-]+)\*{1,2}$/, '/$1/**')
    .replace(/([A-Za-z0-9}])\?$/, '$1')
    .replace(/\?[A-Za-z0-9_.-]+(?:=.*)?$/, '')
    .replace(/#(?!\{).*$/, '')
    .replace(/\((?:\?:)?\/\.[*+]\)[?*]?$/, '/**')
    .replace(/\(\?P?<([A-Za-z]\w*)>([^()]*)\)/g, (_whole, name: string, body: string) => (/^\.[*+]$/.test(body) ? `{${name}+}` : `{${name}}`))
    .replace(/\(?\[\^\/\][*+]\)?/g, '{id}')
    .replaceAll('\\/', '/')
    .replace(/\/\?$/, '')
  return path.startsWith('/') ? path : `/${path}`
}

function decodeBraces(pattern: string): string {
  return pattern.replace(/%(2A|3A|3C|3E|5B|5D|7B|7D)/gi, (_whole, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}

function suggestSegment(text: string, at: { readonly names: Set<string>; readonly isLast: boolean }): string {
  const literal = canonicalLiteral(text)
  if (literal !== undefined) return literal
  if (text === '*') return take(at, 'path', at.isLast ? 'rest' : 'one')
  for (const { pattern, kind } of SPELLINGS) {
    const match = pattern.exec(text)
    if (match !== null) return take(at, match[1] ?? (kind === 'rest' ? 'path' : 'id'), kind)
  }
  return text
}

/** Escapes in upper case and only where they are needed; undefined for what is not literal text. */
function canonicalLiteral(text: string): string | undefined {
  const escaped = text.replace(/[^\x21-\x7e]+/gu, (characters) => encodeURIComponent(characters.toWellFormed()))
  const target = parseRequestTarget(`/${escaped}`)
  const path = target.ok && target.value.query === '' ? target.value.path : undefined
  return path !== undefined && !text.startsWith('{') && parsePathTemplate(path) !== undefined ? path.slice(1) : undefined
}

function take({ names }: { readonly names: Set<string> }, word: string, kind: 'one' | 'rest'): string {
  const base = word
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase()
    .slice(0, 28)
  let name = kind === 'one' && base === 'path' ? 'id' : base
  for (let count = 2; names.has(name); count += 1) name = `${base}_${count}`
  names.add(name)
  return kind === 'rest' ? `{${name}+}` : `{${name}}`
}
