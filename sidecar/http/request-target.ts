// Reads a request target strictly (RFC 3986, RFC 9112 section 3.2) into the one canonical path that route, policy, log and upstream all see.
import { err, ok, type Result } from '../../protocol/result.ts'
import { TARGET_MAX_BYTES } from '../limits.ts'

export interface RequestTarget {
  /** Starts with one slash; unreserved characters decoded, other escapes in upper case; no dot or empty segments. An encoded slash stays `%2F`. */
  readonly path: string
  /** As it came, with its question mark; or empty. Judged only by routes that have conditions on it. */
  readonly query: string
}

export type TargetRefusal = 'target_too_long' | 'target_malformed'

/** Unreserved characters, slash, and what else RFC 3986 section 3.3 lets stand in a path; no percent sign. */
const PLAIN_PATH = /^[A-Za-z0-9._~/!$&'()*+,;=:@-]+$/
const QUERY = /^[\x21\x22\x24-\x5b\x5d-\x7e]*$/
const UNRESERVED = /[A-Za-z0-9._~-]/
const EMPTY_SEGMENT = /\/\//
/** Also with a parameter (`..;x`, encoded or not), and between encoded slashes, which some servers decode before they resolve dots. */
const DOT_SEGMENT = /(?:\/|%2F)\.{1,2}(?:\/|;|%3B|%2F|$)/

export function parseRequestTarget(target: string): Result<RequestTarget, TargetRefusal> {
  if (target.length > TARGET_MAX_BYTES) return err('target_too_long')
  const mark = target.indexOf('?')
  const rawPath = mark < 0 ? target : target.slice(0, mark)
  const query = mark < 0 ? '' : target.slice(mark)
  if (rawPath.charCodeAt(0) !== 0x2f || !QUERY.test(query)) return err('target_malformed')
  const path = PLAIN_PATH.test(rawPath) ? rawPath : decodeUnreserved(rawPath)
  if (path === undefined || EMPTY_SEGMENT.test(path) || DOT_SEGMENT.test(path)) return err('target_malformed')
  return ok({ path, query })
}

/** Decodes what need not be escaped. Undefined for a character or an escape that two readers could read differently. */
function decodeUnreserved(rawPath: string): string | undefined {
  const pieces = rawPath.split('%')
  let path = pieces[0] ?? ''
  if (path !== '' && !PLAIN_PATH.test(path)) return undefined
  for (let index = 1; index < pieces.length; index += 1) {
    const piece = decodeEscape(pieces[index] ?? '')
    if (piece === undefined) return undefined
    path += piece
  }
  return isUtf8(path) ? path : undefined
}

/** `piece` is what follows a percent sign: two digits, then plain text. */
function decodeEscape(piece: string): string | undefined {
  const digits = piece.slice(0, 2)
  const rest = piece.slice(2)
  if (!/^[0-9A-Fa-f]{2}$/.test(digits) || (rest !== '' && !PLAIN_PATH.test(rest))) return undefined
  const code = Number.parseInt(digits, 16)
  // Controls, and the backslash and the percent sign, which a second decoding could turn into structure. Routes judge the encoded slash.
  if (code < 0x20 || code === 0x7f || code === 0x5c || code === 0x25) return undefined
  const character = String.fromCharCode(code)
  return (code < 0x80 && UNRESERVED.test(character) ? character : `%${digits.toUpperCase()}`) + rest
}

/** Overlong and broken sequences are refused: some servers fold them to slashes and dots. */
function isUtf8(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}
