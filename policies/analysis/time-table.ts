// What conditions on time answer from one moment on, each combination once. Remembered, since cells of a table share most of their hours and days.
import { toUtcText } from '../conditions/instant.ts'
import { type Condition, kindOf } from '../conditions/registry.ts'
import { UNKNOWN_INPUT } from '../contract/unknown-input.ts'
import { pickSome } from './pick-some.ts'
import { isTimeMark, samplePoints } from './time-points.ts'

export interface TimeClass {
  /** Milliseconds since 1970; the first with these answers. */
  readonly moment: number
  /** Keys of the conditions that hold. */
  readonly holding: ReadonlySet<string>
}

export interface TimeClasses {
  readonly classes: readonly TimeClass[]
  /** False: there were more moments than were tried. */
  readonly complete: boolean
}

/** Moments times conditions: half a second of work. A person's rules for one thing need some thousands. */
const ANSWERS_MAX = 1_000_000

export class TimeTable {
  readonly #now: number
  readonly #classes = new Map<string, TimeClasses>()
  readonly #answers = new Map<string, Map<number, boolean>>()
  readonly #points = new Map<string, readonly number[]>()

  /** Milliseconds since 1970. */
  constructor(now: number) {
    this.#now = now
  }

  classes(conditions: readonly Condition[]): TimeClasses {
    const unique = new Map(conditions.map((condition) => [conditionKey(condition), condition]))
    const key = [...unique.keys()].sort().join('\n')
    const found = this.#classes.get(key) ?? this.#read(unique)
    this.#classes.set(key, found)
    return found
  }

  #read(conditions: ReadonlyMap<string, Condition>): TimeClasses {
    const found = new Map<string, TimeClass>()
    const points = this.#pointsOf([...conditions.values()])
    const count = Math.ceil(ANSWERS_MAX / conditions.size)
    const tried = points.length > count ? pickSome(points, { count, seed: [...conditions.keys()].join() }) : points
    for (const moment of tried) {
      const holding = [...conditions].filter(([key, condition]) => this.#holds(condition, key, moment)).map(([key]) => key)
      const answers = holding.join('\n')
      if (!found.has(answers)) found.set(answers, { moment, holding: new Set(holding) })
    }
    return { classes: [...found.values()], complete: tried.length === points.length }
  }

  #pointsOf(conditions: readonly Condition[]): readonly number[] {
    const marks = conditions.flatMap((condition) => kindOf(condition).marks(condition)).filter(isTimeMark)
    const unique = new Map(marks.map((mark) => [JSON.stringify(mark), mark]))
    const key = [...unique.keys()].sort().join()
    const found = this.#points.get(key) ?? samplePoints({ marks: [...unique.values()], from: this.#now })
    this.#points.set(key, found)
    return found
  }

  #holds(condition: Condition, key: string, moment: number): boolean {
    const answers = this.#answers.get(key) ?? new Map<number, boolean>()
    this.#answers.set(key, answers)
    const known = answers.get(moment)
    if (known !== undefined) return known
    const holds = kindOf(condition).holds(condition, { ...UNKNOWN_INPUT, now: toUtcText(moment) })
    answers.set(moment, holds)
    return holds
  }
}

const keys = new WeakMap<Condition, string>()

/** The same for conditions that say the same. */
export function conditionKey(condition: Condition): string {
  const key = keys.get(condition) ?? JSON.stringify(condition)
  keys.set(condition, key)
  return key
}
