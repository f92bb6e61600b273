// The command was used wrongly: which option or file, what is the matter, and what to do. It is no fault and no error of the rules.

export interface UsageFact {
  /** `--at`, or `<file>`. */
  readonly option: string
  /** A sentence with the remedy. */
  readonly message: string
}

export class UsageError extends Error {
  readonly fact: UsageFact
  constructor(option: string, message: string, options?: { readonly cause?: unknown }) {
    super(`${option}: ${message}`, options)
    this.name = 'UsageError'
    this.fact = { option, message }
  }
}
