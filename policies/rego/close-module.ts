// The last step of every emitted module: the rule that refuses inputs which are none, and the list of what the module needs to be asked.
import type { Section } from './ast.ts'
import type { LocalTimes } from './local-times.ts'
import { type InputField, readFields, wellFormed } from './read-fields.ts'

export interface ModuleNeeds {
  /** What it reads of the input. */
  readonly fields: readonly InputField[]
  /** IANA time zones whose local time it reads. */
  readonly zones: readonly string[]
}

export interface EmittedModule {
  readonly sections: readonly Section[]
  readonly needs: ModuleNeeds
}

/** `library`: the text of the fixed part that will stand behind the sections. */
export function closeModule(sections: readonly Section[], locals: LocalTimes, library: string): EmittedModule {
  const fields = readFields(sections, library)
  return { sections: [...sections, wellFormed(fields, locals.tests())], needs: { fields, zones: locals.zones } }
}
