// Which answers are under way on a connection, so that nothing else is written between their bytes.
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

export interface OpenAnswers {
  add(response: ServerResponse): void
  /**
   * Calls `work` at once if no answer to a complete request is under way on the connection. Otherwise ends the connection when the last
   * such answer is complete.
   */
  writeAlone(socket: Duplex, work: () => void): void
}

export function createOpenAnswers(): OpenAnswers {
  const open = new WeakMap<Duplex, Set<ServerResponse>>()
  return {
    add(response) {
      const { socket } = response
      if (socket === null) return
      const answers = open.get(socket) ?? new Set<ServerResponse>()
      open.set(socket, answers.add(response))
      response.once('close', () => answers.delete(response))
    },
    writeAlone(socket, work) {
      const answers = [...(open.get(socket) ?? [])]
      const waiting = new Set(answers.filter((response) => response.req.complete))
      if (waiting.size > 0) return endAfter(socket, waiting)
      // What is wrong is the request that is still arriving: its answer is `work`, unless one has begun.
      if (answers.some((response) => response.headersSent)) socket.destroy()
      else work()
    },
  }
}

function endAfter(socket: Duplex, waiting: Set<ServerResponse>): void {
  for (const response of waiting) {
    response.once('close', () => {
      waiting.delete(response)
      if (waiting.size === 0) socket.end(() => socket.destroy())
    })
  }
}
