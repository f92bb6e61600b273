// Reads X-Forwarded-For and Forwarded (RFC 7239) from the right, where the nearest proxy writes. Never throws; believes nothing by itself.
import { type IpAddress, parseIpAddress } from '../../protocol/address.ts'

/** Undefined: a hop that is malformed, obfuscated or `unknown`. */
export type Hop = IpAddress | undefined

/** Nearest hop first. Empty fields name no hop. */
export function readForwardedFor(values: readonly string[], max: number): readonly Hop[] {
  return elementsFromTheRight(values, max, false).map(parseNode)
}

/** Nearest hop first; none if no element of the field has `for`, since it says nothing about addresses then. */
export function readForwarded(values: readonly string[], max: number): readonly Hop[] {
  const elements = elementsFromTheRight(values, max, true)
  const hops = elements.map((element) => (element === undefined ? undefined : readForParameter(element)))
  return elements.some((element) => element === undefined || /(?:^|;)[ \t]*for=/i.test(element)) ? hops : []
}

/**
 * The elements of a comma-separated list. Reading starts at the right, so that nothing a client put in front of a proxy's element,
 * such as an open quotation mark, can change how that element is read. Undefined for what is empty, or cannot be split any further.
 */
function elementsFromTheRight(values: readonly string[], max: number, hasQuotes: boolean): readonly (string | undefined)[] {
  const elements: (string | undefined)[] = []
  for (const value of [...values].reverse()) {
    if (value.trim() === '') continue
    let end = value.length
    while (end >= 0 && elements.length < max) {
      const comma = hasQuotes ? commaBefore(value, end) : value.slice(0, end).lastIndexOf(',')
      if (comma === undefined) return [...elements, undefined]
      elements.push(value.slice(comma + 1, end).trim() || undefined)
      end = comma
    }
  }
  return elements
}

/** -1 if there is none; undefined if a quotation mark is open or escaped there. */
function commaBefore(value: string, end: number): number | undefined {
  let isQuoted = false
  for (let index = end - 1; index >= 0; index -= 1) {
    const character = value[index]
    if (character === '\\') return undefined
    if (character === '"') isQuoted = !isQuoted
    else if (character === ',' && !isQuoted) return index
  }
  return isQuoted ? undefined : -1
}

/** RFC 7239 section 4: pairs of token and value; each parameter at most once. */
const PAIR = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)|"([^"\\]*)")$/

function readForParameter(element: string): Hop {
  let node: string | undefined
  for (const part of splitParameters(element)) {
    const [, name, token, quoted] = PAIR.exec(part.trim()) ?? []
    if (name === undefined) return undefined
    if (name.toLowerCase() !== 'for') continue
    if (node !== undefined) return undefined
    // Brackets and colons need quotes (RFC 7239 section 6); without them the pair is malformed.
    node = quoted ?? token
  }
  return node === undefined ? undefined : parseNode(node)
}

/** At semicolons outside of quotes. */
function splitParameters(element: string): readonly string[] {
  return element.match(/(?:[^";]|"[^"]*")+/g) ?? []
}

/** `192.0.2.1`, `192.0.2.1:443`, `[2001:db8::1]`, `[2001:db8::1]:443`, and, as X-Forwarded-For has it, `2001:db8::1`. */
function parseNode(text: string | undefined): Hop {
  if (text === undefined) return undefined
  const bracketed = /^\[([^\][]*)\](?::\d{1,5})?$/.exec(text)?.[1]
  if (bracketed !== undefined) return bracketed.includes(':') ? parseIpAddress(bracketed) : undefined
  return parseIpAddress(/^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text)
}
