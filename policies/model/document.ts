// A document under reading: its text with places, and all mistakes found so far. The readers of its parts share it.
import type { Mistake } from '../conditions/condition-kind.ts'
import { type Complaint, createLocator, type Position } from '../diagnostic.ts'
import type { Result } from '../result.ts'
import type { YamlText } from '../yaml/read-yaml.ts'
import { hasControl, parseSavedWho, parseWho, type WhoWord } from './names.ts'
import type { Who } from './rule-set.ts'

export class PolicyDocument {
  readonly complaints: Complaint[] = []
  readonly isSaved: boolean
  readonly #yaml: YamlText
  readonly #locate: (offset: number) => Position

  /** `isSaved`: an earlier version saved this text, so what is refused only since then is read with its old meaning. */
  constructor(yaml: YamlText, text: string, isSaved = false) {
    this.#yaml = yaml
    this.isSaved = isSaved
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

  who(word: WhoWord, names: readonly string[]): Result<Who, Mistake> {
    return this.isSaved ? parseSavedWho(word, names) : parseWho(word, names)
  }

  checkName(name: string | undefined, at: string): void {
    if (name !== undefined && hasControl(name)) this.complain(at, { code: 'bad_value', message: 'A name must not contain line breaks or control characters.' })
  }

  position(at: string): Position {
    return this.#locate(this.#yaml.offset(at))
  }
}
