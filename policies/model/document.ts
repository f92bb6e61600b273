// A document under reading: its text with places, and all mistakes found so far. The readers of its parts share it.
import type { Mistake } from '../conditions/condition-kind.ts'
import { type Complaint, createLocator, type Position } from '../diagnostic.ts'
import type { Result } from '../result.ts'
import type { YamlText } from '../yaml/read-yaml.ts'
import { hasControl } from './names.ts'

export class PolicyDocument {
  readonly complaints: Complaint[] = []
  readonly #yaml: YamlText
  readonly #locate: (offset: number) => Position

  constructor(yaml: YamlText, text: string) {
    this.#yaml = yaml
    this.#locate = createLocator(text)
  }

  /** `at` is a JSON pointer to the value. */
  complain(at: string, mistake: Mistake): void {
    this.complaints.push({ offset: this.#yaml.offset(at), ...mistake })
  }

  complainAtKey(at: string, mistake: Mistake): void {
    this.complaints.push({ offset: this.#yaml.keyOffset(at), ...mistake })
  }

  /** The value, or nothing and a complaint. */
  keep<T>(read: Result<T, Mistake>, at: string): readonly T[] {
    if (read.ok) return [read.value]
    this.complain(at, read.error)
    return []
  }

  checkName(name: string | undefined, at: string): void {
    if (name !== undefined && hasControl(name)) this.complain(at, { code: 'bad_value', message: 'A name holds no line ends and no control characters.' })
  }

  position(at: string): Position {
    return this.#locate(this.#yaml.offset(at))
  }
}
