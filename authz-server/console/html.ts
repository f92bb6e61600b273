// Builds HTML in which every value is text unless it was built here too. There is no way to put a value in unescaped.

/** HTML that came out of `html`; nothing that was parsed or received can look like it. */
export class Html {
  readonly #text: string
  constructor(text: string) {
    this.#text = text
  }
  toString(): string {
    return this.#text
  }
}

export type HtmlValue = Html | string | number | undefined | false | readonly HtmlValue[]

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Controls and invisible formatting marks, which could turn a name around or hide a part of it. The joiner inside emoji and Indic words may stay. */
const INVISIBLE = /(?!\u200d)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** Tagged template. Values are escaped, lists joined, absent ones left out. Attribute values must stand in double quotes in the template. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.reduce((text, part, index) => text + render(values[index - 1]) + part))
}

function render(value: HtmlValue): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.toString()
  if (typeof value === 'object') return value.map(render).join('')
  return escapeText(showInvisible(String(value)))
}

/** Exactly this text, control characters included: for a text area, whose content goes back to its author. */
export function verbatim(text: string): Html {
  return new Html(escapeText(text))
}

/** A name that somebody else chose: kept apart from the direction of the text around it. */
export function foreignName(text: string): Html {
  return html`<bdi>${text}</bdi>`
}

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}

/** `a\u202eb` becomes `a[U+202E]b`. */
function showInvisible(text: string): string {
  return text.replace(INVISIBLE, (character) => `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`)
}
