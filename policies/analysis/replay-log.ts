// The decisions of a log asked again of two policies: which answers a change would turn. A line is data of another time: none is trusted, none stops the rest.
import type { Decision, Effect } from '../contract/decision.ts'
import type { DecisionInput } from '../contract/decision-input.ts'
import { PolicyFault } from '../runtime/policy-fault.ts'
import type { PolicyModule } from '../runtime/policy-module.ts'

export interface ReplayOptions {
  readonly before: Pick<PolicyModule, 'evaluate'>
  readonly after: Pick<PolicyModule, 'evaluate'>
  /** Each a JSON object with `input`, and perhaps the `decision` of that time. Empty lines do not count. */
  readonly lines: Iterable<string>
}

export interface ReplayChange {
  /** 1-based. */
  readonly line: number
  readonly input: DecisionInput
  readonly before: Decision
  readonly after: Decision
}

export interface Replay {
  readonly replayed: number
  readonly same: number
  /** `allow to deny` and so on, the largest first. */
  readonly changed: readonly { readonly from: Effect; readonly to: Effect; readonly count: number }[]
  /** Same effect, with other obligations or another way of asking. */
  readonly limits: number
  /** Replayed, and the log tells another effect than the policy before the change gives: the log is of other rules, or of guardrails. */
  readonly unlike_log: number
  /** The first of the changed answers, limits included. */
  readonly changes: readonly ReplayChange[]
  /** The first lines that could not be read, by number, and why. */
  readonly malformed: readonly { readonly line: number; readonly why: string }[]
  readonly malformed_count: number
  /** In plain words, line by line. */
  readonly text: readonly string[]
}

/** A log of months may change in every line; a person reads a page. The counts are of all. */
export const REPLAY_CHANGES_MAX = 1000
const MALFORMED_MAX = 100
/** An input has at most 64 KiB, a decision as much again. */
const LINE_MAX_CHARS = 256 * 1024

export function replayLog({ before, after, lines }: ReplayOptions): Replay {
  const tally = new Tally()
  let line = 0
  for (const text of lines) {
    line += 1
    if (text.trim() === '') continue
    const entry = readLine(text)
    if (typeof entry === 'string') tally.refuse(line, entry)
    else tally.ask(line, entry, { before, after })
  }
  return tally.result()
}

interface LogEntry {
  readonly input: unknown
  readonly effect: unknown
}

function readLine(text: string): LogEntry | string {
  if (text.length > LINE_MAX_CHARS) return `longer than ${LINE_MAX_CHARS} characters`
  try {
    const value: unknown = JSON.parse(text)
    if (!isObject(value) || !isObject(value['input'])) return 'not an object with "input"'
    const { input, decision } = value
    return { input, effect: isObject(decision) ? decision['effect'] : undefined }
  } catch {
    return 'not JSON'
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What an answer of the same effect may still differ in. */
function limitsOf({ ask, obligations }: Decision): string {
  return JSON.stringify([ask ?? null, obligations])
}

class Tally {
  #replayed = 0
  #limits = 0
  #unlike = 0
  #refused = 0
  readonly #turned = new Map<string, { readonly from: Effect; readonly to: Effect; count: number }>()
  readonly #changes: ReplayChange[] = []
  readonly #malformed: { readonly line: number; readonly why: string }[] = []

  refuse(line: number, why: string): void {
    this.#refused += 1
    if (this.#malformed.length < MALFORMED_MAX) this.#malformed.push({ line, why })
  }

  ask(line: number, { input, effect }: LogEntry, modules: Pick<ReplayOptions, 'before' | 'after'>): void {
    // The module checks the question to its last field.
    const asked = input as DecisionInput
    try {
      const [before, after] = [modules.before.evaluate(asked), modules.after.evaluate(asked)]
      this.#replayed += 1
      if (effect !== undefined && effect !== before.effect) this.#unlike += 1
      this.#compare({ line, input: asked, before, after })
    } catch (fault) {
      if (!(fault instanceof PolicyFault)) throw fault
      this.refuse(line, fault.message)
    }
  }

  #compare(change: ReplayChange): void {
    const [from, to] = [change.before.effect, change.after.effect]
    if (from !== to) {
      const row = this.#turned.get(`${from} ${to}`) ?? { from, to, count: 0 }
      row.count += 1
      this.#turned.set(`${from} ${to}`, row)
    } else if (limitsOf(change.before) !== limitsOf(change.after)) this.#limits += 1
    else return
    if (this.#changes.length < REPLAY_CHANGES_MAX) this.#changes.push(change)
  }

  result(): Replay {
    const changed = [...this.#turned.values()].sort((a, b) => b.count - a.count)
    const turned = changed.reduce((sum, { count }) => sum + count, 0)
    const figures = { replayed: this.#replayed, same: this.#replayed - turned - this.#limits, limits: this.#limits, unlike_log: this.#unlike }
    const text = [
      `${this.#replayed} logged decisions replayed, ${turned} changed.`,
      ...changed.map(({ from, to, count }) => `${count} from ${from} to ${to}.`),
      ...(this.#limits > 0 ? [`${this.#limits} with different conditions or obligations.`] : []),
      ...(this.#unlike > 0 ? [`${this.#unlike} already differ from the log with the old rules.`] : []),
      ...(this.#refused > 0 ? [`${this.#refused} lines could not be parsed: ${this.#malformed.map(({ line }) => line).join(', ')}.`] : []),
    ]
    return { ...figures, changed, changes: this.#changes, malformed: this.#malformed, malformed_count: this.#refused, text }
  }
}
