// The bytes of a manifest as text. UTF-8, and UTF-16 with a byte order mark as spreadsheets write it; anything else is refused by the name of its encoding.
import { isUtf8 } from 'node:buffer'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { ManifestError } from './manifest-row.ts'

const REMEDY = 'save it as UTF-8 ("CSV UTF-8" in spreadsheets)'
const NEW_LINE = 0x0a

/** Without the byte order mark. */
export function decodeManifest(bytes: Buffer): Result<string, ManifestError> {
  const start = bytes.subarray(0, 4).toString('hex')
  if (start === 'fffe0000' || start === '0000feff') return refuse(1, `the file is UTF-32: ${REMEDY}`)
  if (start.startsWith('fffe')) return decode(bytes, 'utf-16le')
  if (start.startsWith('feff')) return decode(bytes, 'utf-16be')
  if (bytes.length >= 2 && (bytes[0] === 0 || bytes[1] === 0)) return refuse(1, `the file looks like UTF-16 without a byte order mark: ${REMEDY}`)
  return isUtf8(bytes) ? decode(bytes, 'utf-8') : refuseBytes(bytes)
}

function decode(bytes: Buffer, encoding: 'utf-8' | 'utf-16le' | 'utf-16be'): Result<string, ManifestError> {
  try {
    return ok(new TextDecoder(encoding, { fatal: true }).decode(bytes))
  } catch {
    return refuse(1, `the file starts like ${encoding.toUpperCase()}, but is not valid: ${REMEDY}`)
  }
}

/** Names the first line that is not UTF-8. */
function refuseBytes(bytes: Buffer): Result<never, ManifestError> {
  let line = 1
  for (let from = 0; from < bytes.length; line += 1) {
    const end = bytes.indexOf(NEW_LINE, from)
    const to = end < 0 ? bytes.length : end
    if (!isUtf8(bytes.subarray(from, to))) break
    from = to + 1
  }
  return refuse(line, `this line is not UTF-8, perhaps Windows-1252: ${REMEDY}`)
}

function refuse(line: number, message: string): Result<never, ManifestError> {
  return err({ line, column: 1, code: 'manifest_encoding', message })
}
