// Reads one response from the bytes of a connection: interim responses are skipped, then the head, then the body, decoded. Never reads past its end.
import { UPSTREAM_HEAD_MAX_BYTES, UPSTREAM_INTERIM_MAX } from '../limits.ts'
import { ChunkedBody } from './chunked-body.ts'
import { parseResponseHead, type ResponseHead } from './response-head.ts'

/** `done`: the response is complete. */
export type ReadState = 'more' | 'done' | 'malformed'

export interface Read {
  readonly state: ReadState
  /** The body bytes of this read, in one piece. */
  readonly data: Buffer | undefined
  /** How many bytes of the chunk belong to this response. */
  readonly used: number
}

const HEAD_END = Buffer.from('\r\n\r\n')
const NOTHING = Buffer.alloc(0)
const HEAD_START = Buffer.from('HTTP/1.')
const LF = 0x0a
const CR = 0x0d

export class ResponseReader {
  readonly #method: string
  readonly #pieces: Buffer[] = []
  /** The beginning of a head whose end has not come yet. */
  #begun: Buffer = NOTHING
  #interims = 0
  #remaining = 0
  #chunked: ChunkedBody | undefined
  /** Undefined until the final head has been read. */
  head: ResponseHead | undefined

  constructor(method: string) {
    this.#method = method
  }

  read(chunk: Buffer): Read {
    let used = 0
    while (this.head === undefined) {
      const end = this.#readHead(chunk, used)
      if (end < 0) return { state: 'malformed', data: undefined, used }
      used = end
      if (this.head === undefined && used >= chunk.length) return { state: 'more', data: undefined, used }
    }
    return this.#readBody(chunk, used)
  }

  /** The connection ended in good order: true if the response is complete by that. */
  isCompleteAtEnd(): boolean {
    return this.head?.framing.kind === 'close'
  }

  /** Returns where reading goes on, or -1. */
  #readHead(chunk: Buffer, start: number): number {
    const isContinued = this.#begun.length > 0
    const bytes = isContinued ? this.#append(chunk, start) : chunk
    // The end of a head may lie across two reads.
    const from = isContinued ? Math.max(0, this.#begun.length - (HEAD_END.length - 1)) : start
    const end = bytes.indexOf(HEAD_END, from)
    const first = isContinued ? 0 : start
    if ((end < 0 ? bytes.length : end) - first > UPSTREAM_HEAD_MAX_BYTES) return -1
    if (end < 0) {
      if (!canBecomeHead(bytes, first, from)) return -1
      this.#begun = isContinued ? bytes : Buffer.from(chunk.subarray(start))
      return chunk.length
    }
    const offset = isContinued ? start - this.#begun.length : 0
    this.#begun = NOTHING
    return this.#takeHead(bytes.subarray(first, end)) ? end + HEAD_END.length + offset : -1
  }

  #append(chunk: Buffer, start: number): Buffer {
    return Buffer.concat([this.#begun, chunk.subarray(start)])
  }

  /** RFC 9110 section 15.2: interim responses are between the upstream and the sidecar. */
  #takeHead(bytes: Buffer): boolean {
    const head = parseResponseHead(bytes, this.#method)
    if (!head.ok || head.value.status === 101) return false
    if (head.value.status < 200) {
      this.#interims += 1
      return this.#interims <= UPSTREAM_INTERIM_MAX
    }
    this.head = head.value
    const { framing } = head.value
    if (framing.kind === 'chunked') this.#chunked = new ChunkedBody()
    this.#remaining = framing.kind === 'length' ? framing.bytes : 0
    return true
  }

  #readBody(chunk: Buffer, start: number): Read {
    switch (this.head?.framing.kind) {
      case 'length': {
        const end = Math.min(chunk.length, start + this.#remaining)
        this.#remaining -= end - start
        return { state: this.#remaining === 0 ? 'done' : 'more', data: piece(chunk, start, end), used: end }
      }
      case 'chunked':
        return this.#readChunks(chunk, start)
      case 'close':
        return { state: 'more', data: piece(chunk, start, chunk.length), used: chunk.length }
      default:
        return { state: 'done', data: undefined, used: start }
    }
  }

  #readChunks(chunk: Buffer, start: number): Read {
    const chunked = this.#chunked
    const count = chunked?.read(chunk, start, this.#pieces) ?? -1
    const [first] = this.#pieces
    // Many small chunks are passed on as one: each write costs far more than the copy.
    const data = this.#pieces.length > 1 ? Buffer.concat(this.#pieces) : first
    this.#pieces.length = 0
    if (count < 0) return { state: 'malformed', data: undefined, used: start }
    return { state: chunked?.isDone ? 'done' : 'more', data, used: start + count }
  }
}

/** False for another protocol, and for lines that end without CR: nothing that may still come would make a head of it. Line ends are looked at from `from`. */
function canBecomeHead(bytes: Buffer, first: number, from: number): boolean {
  const begun = Math.min(bytes.length - first, HEAD_START.length)
  if (bytes.compare(HEAD_START, 0, begun, first, first + begun) !== 0) return false
  for (let lineEnd = bytes.indexOf(LF, from); lineEnd >= 0; lineEnd = bytes.indexOf(LF, lineEnd + 1)) {
    if (lineEnd === first || bytes[lineEnd - 1] !== CR) return false
  }
  return true
}

function piece(chunk: Buffer, start: number, end: number): Buffer | undefined {
  if (end === start) return undefined
  return start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end)
}
