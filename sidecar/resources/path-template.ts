// Path templates of routes (`/guitars/{id}/tuning`, `/files/{path+}`): a segment is literal text or a name. No regular expression is built from one.
import { parseRequestTarget } from '../http/request-target.ts'

export type TemplateSegment =
  | { readonly literal: string }
  /** Exactly one segment, not empty. */
  | { readonly name: string }
  /** The rest of the path, at least one character; always the last segment. */
  | { readonly rest: string }

const NAME = /^\{([a-z][a-z0-9_]{0,31})(\+?)\}$/
/** Decoded literals in which other routers see a pattern. Custom methods (`things:play`), `$metadata` and `Products(1)` are ordinary text. */
const LOOKS_LIKE_A_PATTERN = [
  /[*?#<>[\]{}|\\^]/,
  /^[:(]/,
  /\$$|^\$\d|^\$(?:id|slug|uuid|\w+(?:_id|_slug|Id|ID|Slug))$/,
  /^\+$|\)\+/,
  /\.\+|^\.{3}$/,
  /(?:^|[^A-Za-z0-9_])\(|\([^)]*$|^[^(]*\)/,
]

/** Undefined unless every segment is canonical literal text or a name, no name is repeated, and `{name+}` is last. */
export function parsePathTemplate(template: string): readonly TemplateSegment[] | undefined {
  if (!template.startsWith('/')) return undefined
  const texts = template.slice(1).split('/')
  const segments: TemplateSegment[] = []
  const names = new Set<string>()
  for (const [index, text] of texts.entries()) {
    const segment = parseSegment(text)
    if (segment === undefined) return undefined
    if (!('literal' in segment)) {
      const name = nameOf(segment) ?? ''
      if (names.has(name) || ('rest' in segment && index < texts.length - 1)) return undefined
      names.add(name)
    }
    segments.push(segment)
  }
  return isCanonical(segments) ? segments : undefined
}

function parseSegment(text: string): TemplateSegment | undefined {
  const [, name, plus] = NAME.exec(text) ?? []
  if (name !== undefined) return plus === '+' ? { rest: name } : { name }
  return looksLikeAPattern(text) ? undefined : { literal: text }
}

function looksLikeAPattern(text: string): boolean {
  const decoded = decodeOrUndefined(text)
  return decoded === undefined || LOOKS_LIKE_A_PATTERN.some((pattern) => pattern.test(decoded))
}

function decodeOrUndefined(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** A literal that the strict reading of targets would change or refuse could never match. */
function isCanonical(segments: readonly TemplateSegment[]): boolean {
  const sample = `/${segments.map((segment) => ('literal' in segment ? segment.literal : 'x')).join('/')}`
  const target = parseRequestTarget(sample)
  return target.ok && target.value.path === sample && target.value.query === ''
}

export function nameOf(segment: TemplateSegment): string | undefined {
  if ('name' in segment) return segment.name
  return 'rest' in segment ? segment.rest : undefined
}

export function hasEncodedSlash(path: string): boolean {
  return path.includes('%2F')
}

/** The names in a key such as `guitar-{id}`. */
export function namesIn(key: string): readonly string[] {
  return [...key.matchAll(/\{([a-z][a-z0-9_]{0,31})\}/g)].map(([, name = '']) => name)
}

/** Replaces each name with its value. */
export function fillNames(key: string, values: ReadonlyMap<string, string>): string {
  if (!key.includes('{')) return key
  return key.replace(/\{([a-z][a-z0-9_]{0,31})\}/g, (whole, name: string) => values.get(name) ?? whole)
}
