// The local times that conditions read: one rule for each zone, in the order in which they are first asked for.
import type { RegoContext } from '../conditions/condition-kind.ts'
import { call, literal, ref, type Section, type Term, test } from './ast.ts'

export class LocalTimes implements RegoContext {
  readonly #zones: string[] = []

  local(part: 'weekday' | 'minute' | 'date', timezone: string): Term {
    if (!this.#zones.includes(timezone)) this.#zones.push(timezone)
    return ref(`local_${this.#zones.indexOf(timezone) + 1}.${part}`)
  }

  get zones(): readonly string[] {
    return this.#zones
  }

  sections(): readonly Section[] {
    return this.#zones.map((zone, index) => ({
      comment: `local time of ${zone}`,
      rules: [
        {
          head: ref(`local_${index + 1}`),
          value: ref('input.local', literal(zone)),
          body: [test(ref('input.local', literal(zone)))],
          otherwise: call('local_time', literal(zone)),
        },
      ],
    }))
  }
}
