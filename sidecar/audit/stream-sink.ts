// Lines into a stream that may be slow or gone: what it does not take in time is held up to a limit, then dropped. Never throws, never waits.
import type { Writable } from 'node:stream'
import { AUDIT_BUFFER_MAX_BYTES } from '../limits.ts'
import type { LineSink } from '../ports.ts'

export function createStreamSink(stream: Writable): LineSink {
  let isBroken = false
  stream.on('error', () => {
    isBroken = true
  })
  return (line) => {
    if (isBroken || stream.destroyed || stream.writableEnded || stream.writableLength > AUDIT_BUFFER_MAX_BYTES) return false
    stream.write(line)
    return true
  }
}
