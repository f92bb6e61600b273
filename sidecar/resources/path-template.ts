// Path templates of routes (`/guitars/{id}/tuning`): a segment is a text or one name. No regular expression is ever made of one.
import { parseRequestTarget } from '../http/request-target.ts'

export type TemplateSegment = { readonly literal: string } | { readonly name: string }

const NAME = /^\{([a-z][a-z0-9_]{0,31})\}$/

/** Undefined for anything but canonical texts and names that occur once. */
export function parsePathTemplate(template: string): readonly TemplateSegment[] | undefined {
  if (!template.startsWith('/')) return undefined
  const segments: TemplateSegment[] = []
  const names = new Set<string>()
  for (const text of template.slice(1).split('/')) {
    const [, name] = NAME.exec(text) ?? []
    if (name !== undefined) {
      if (names.has(name)) return undefined
      names.add(name)
      segments.push({ name })
    } else if (/[{}?#]/.test(text)) return undefined
    else segments.push({ literal: text })
  }
  return isCanonical(segments) ? segments : undefined
}

/** What the strict reading would change or refuse could never match. */
function isCanonical(segments: readonly TemplateSegment[]): boolean {
  const sample = `/${segments.map((segment) => ('literal' in segment ? segment.literal : 'x')).join('/')}`
  const target = parseRequestTarget(sample)
  return target.ok && target.value.path === sample && target.value.query === ''
}

/** The names in a text such as `guitar-{id}`. */
export function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/\{([a-z][a-z0-9_]{0,31})\}/g)].map(([, name = '']) => name)
}

/** Puts the values in the place of the names. */
export function fillNames(text: string, values: ReadonlyMap<string, string>): string {
  if (!text.includes('{')) return text
  return text.replace(/\{([a-z][a-z0-9_]{0,31})\}/g, (whole, name: string) => values.get(name) ?? whole)
}
