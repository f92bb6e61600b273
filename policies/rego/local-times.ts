// The local times that conditions read: one rule for each zone, in the order in which they are first asked for.
import type { RegoContext } from '../conditions/condition-kind.ts'
import { call, type Expression, literal, ref, type Section, type Term, test } from './ast.ts'

type Part = Parameters<RegoContext['local']>[0]

const TYPE_TESTS: Readonly<Record<Part, string>> = { weekday: 'is_weekday', minute: 'is_minute', date: 'is_date' }

export class LocalTimes implements RegoContext {
  /** With the parts that are read, in the order of the first reading. */
  readonly #zones = new Map<string, { readonly name: string; readonly parts: Set<Part> }>()

  local(part: Part, timezone: string): Term {
    const zone = this.#zones.get(timezone) ?? { name: `local_${this.#zones.size + 1}`, parts: new Set() }
    this.#zones.set(timezone, zone)
    zone.parts.add(part)
    return ref(`${zone.name}.${part}`)
  }

  get zones(): readonly string[] {
    return [...this.#zones.keys()]
  }

  /** False where a local time that is read can be neither found nor worked out: a pause with a day must not fall away for that. */
  tests(): readonly Expression[] {
    return [...this.#zones.values()].flatMap(({ name, parts }) => [...parts].sort().map((part) => test(call(TYPE_TESTS[part], ref(`${name}.${part}`)))))
  }

  sections(): readonly Section[] {
    return [...this.#zones].map(([zone, { name }]) => ({
      comment: `local time of ${zone}`,
      rules: [
        {
          head: ref(name),
          value: ref('input.local', literal(zone)),
          body: [test(ref('input.local', literal(zone)))],
          otherwise: call('local_time', literal(zone)),
        },
      ],
    }))
  }
}
