// Guardrails that can be replaced while requests are judged: who began with the old ones ends with them, and then they are closed.
import type { GuardrailModules } from '../ports.ts'
import { createGuardrails, type Guardrails } from './guardrails.ts'

export interface SwappableGuardrails extends Guardrails {
  replace(modules: GuardrailModules): void
  readonly kills: () => number
  readonly isQuarantined: () => boolean
  /** Ends the threads of all of them. */
  close(): Promise<void>
}

interface Generation {
  readonly modules: GuardrailModules
  readonly guardrails: Guardrails
  asked: number
}

export function createSwappableGuardrails(first: GuardrailModules): SwappableGuardrails {
  let current = begin(first)
  const old = new Set<Generation>()
  let killsBefore = 0

  function closeWhenUnused(generation: Generation): void {
    if (generation === current || generation.asked > 0 || !old.delete(generation)) return
    // A thread that cannot be ended costs memory, and no decision.
    generation.modules.handWritten?.close().catch(() => undefined)
  }

  return {
    check(question) {
      const asked = current
      const answer = asked.guardrails.check(question)
      if (!(answer instanceof Promise)) return answer
      asked.asked += 1
      return answer.finally(() => {
        asked.asked -= 1
        closeWhenUnused(asked)
      })
    },
    replace(modules) {
      const before = current
      killsBefore += before.modules.handWritten?.kills() ?? 0
      current = begin(modules)
      old.add(before)
      closeWhenUnused(before)
    },
    kills: () => killsBefore + (current.modules.handWritten?.kills() ?? 0),
    isQuarantined: () => current.modules.handWritten?.isQuarantined() ?? false,
    async close() {
      await Promise.all([current, ...old].map(({ modules }) => modules.handWritten?.close()))
    },
  }
}

function begin(modules: GuardrailModules): Generation {
  return { modules, guardrails: createGuardrails(modules), asked: 0 }
}
