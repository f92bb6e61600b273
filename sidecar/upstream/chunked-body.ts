// Decodes a chunked body (RFC 9112 section 7.1) as it arrives. Strict about line ends and sizes; extensions and trailers are skipped within limits.
import { UPSTREAM_CHUNK_LINES_MAX_BYTES } from '../limits.ts'

const CR = 0x0d
const LF = 0x0a
const SEMICOLON = 0x3b
const TAB = 0x09
const SPACE = 0x20
const DELETE = 0x7f
/** Below 2^52, so that a size is always an exact number. */
const SIZE_MAX_DIGITS = 13

type State = 'size' | 'extension' | 'size-lf' | 'data' | 'data-cr' | 'data-lf' | 'trailer-start' | 'trailer' | 'trailer-lf' | 'end-lf' | 'done' | 'malformed'

/** States that take one byte only. */
const LINE_ENDS: Partial<Record<State, (byte: number) => State>> = {
  'data-cr': (byte) => (byte === CR ? 'data-lf' : 'malformed'),
  'data-lf': (byte) => (byte === LF ? 'size' : 'malformed'),
  'trailer-lf': (byte) => (byte === LF ? 'trailer-start' : 'malformed'),
  'end-lf': (byte) => (byte === LF ? 'done' : 'malformed'),
}

export class ChunkedBody {
  #state: State = 'size'
  #size = 0
  #digits = 0
  /** Bytes of the current extension, or of all trailers. */
  #lineBytes = 0

  /** Decodes from `start` and adds the data to `pieces`. Returns how many bytes of the chunk were used, or -1 if the body is malformed. */
  read(chunk: Buffer, start: number, pieces: Buffer[]): number {
    let index = start
    while (index < chunk.length && this.#state !== 'done') {
      if (this.#state === 'data') {
        const end = Math.min(chunk.length, index + this.#size)
        pieces.push(chunk.subarray(index, end))
        this.#size -= end - index
        index = end
        if (this.#size === 0) this.#state = 'data-cr'
        continue
      }
      this.#state = this.#step(chunk[index] ?? 0)
      if (this.#state === 'malformed') return -1
      index += 1
    }
    return index - start
  }

  get isDone(): boolean {
    return this.#state === 'done'
  }

  #step(byte: number): State {
    switch (this.#state) {
      case 'size':
        return this.#readSize(byte)
      case 'extension':
        return byte === CR ? 'size-lf' : this.#skip(byte, 'extension')
      case 'size-lf':
        return byte === LF ? this.#beginData() : 'malformed'
      case 'trailer-start':
        return byte === CR ? 'end-lf' : this.#skip(byte, 'trailer')
      case 'trailer':
        return byte === CR ? 'trailer-lf' : this.#skip(byte, 'trailer')
      default:
        return LINE_ENDS[this.#state]?.(byte) ?? 'malformed'
    }
  }

  #beginData(): State {
    this.#lineBytes = 0
    this.#digits = 0
    return this.#size === 0 ? 'trailer-start' : 'data'
  }

  #readSize(byte: number): State {
    const digit = hexDigit(byte)
    if (digit >= 0) {
      this.#digits += 1
      this.#size = this.#size * 16 + digit
      return this.#digits > SIZE_MAX_DIGITS ? 'malformed' : 'size'
    }
    if (this.#digits === 0) return 'malformed'
    if (byte === CR) return 'size-lf'
    return byte === SEMICOLON || byte === SPACE || byte === TAB ? 'extension' : 'malformed'
  }

  /** Malformed are control characters, and more bytes than the limit. */
  #skip(byte: number, next: State): State {
    this.#lineBytes += 1
    return this.#lineBytes <= UPSTREAM_CHUNK_LINES_MAX_BYTES && (byte === TAB || (byte >= SPACE && byte !== DELETE)) ? next : 'malformed'
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
