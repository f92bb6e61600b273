// Which answers are under way on a connection, so that nothing else is written between their bytes.
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

export interface OpenAnswers {
  add(response: ServerResponse): void
  /** Calls `work` at once if no answer is under way on the connection; otherwise ends the connection when the last one is complete. */
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
      const answers = open.get(socket)
      if (answers === undefined || answers.size === 0) return work()
      for (const response of answers)
        response.once('close', () => {
          answers.delete(response)
          if (answers.size === 0) socket.end(() => socket.destroy())
        })
    },
  }
}
