// What a command says when it cannot do its work: one sentence, where the fault lies, what to do, and the exit code.

/** Documented in docs/device.md: scripts may rely on them. */
export const EXIT_CODES = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const

export interface CommandFault {
  readonly exitCode: (typeof EXIT_CODES)[keyof typeof EXIT_CODES]
  readonly message: string
  readonly code?: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly option?: string
  readonly remedy?: string
}

export class CommandError extends Error {
  readonly fault: CommandFault
  constructor(fault: CommandFault, options?: { readonly cause?: unknown }) {
    super(fault.message, options)
    this.name = 'CommandError'
    this.fault = fault
  }
}

/** `file:line:column message` as editors read it, then the option and the remedy. */
export function renderFault(fault: CommandFault): string {
  const place = [fault.file, fault.line, fault.column].filter((part) => part !== undefined).join(':')
  const first = [place, fault.option, fault.message].filter((part) => part !== undefined && part !== '').join(': ')
  return fault.remedy === undefined ? first : `${first}\n  ${fault.remedy}`
}
