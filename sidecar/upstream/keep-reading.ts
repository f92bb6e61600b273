// Lets a socket be read to its end after a write to it has failed. An upstream may answer early and close while a request is still being sent.
import type { Socket } from 'node:net'

type WriteDone = (error?: Error | null) => void

/** By default a failed write destroys the socket together with the response that has arrived already. `onFailed` is called once, on the first failed write. */
export function keepReadingAfterFailedWrite(socket: Socket, onFailed: () => void): void {
  let hasFailed = false

  /** A write that failed is never reported as done, so nothing more is written. */
  function guard(done: WriteDone): WriteDone {
    return (error) => {
      if (error === undefined || error === null) done()
      else if (!hasFailed) {
        hasFailed = true
        onFailed()
      }
    }
  }

  const write = socket._write.bind(socket)
  const writev = socket._writev?.bind(socket)
  socket._write = (chunk, encoding, done) => write(chunk, encoding, guard(done))
  if (writev !== undefined) socket._writev = (chunks, done) => writev(chunks, guard(done))
}
