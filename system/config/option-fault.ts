// A fault of a configuration by the option that it is about, before and after its place in the file is known, and the line that reports it.

/** e.g. `['clients', 1, 'jwk']`; empty for the whole file. */
export type OptionPath = readonly (string | number)[]

export interface OptionFault {
  readonly path: OptionPath
  /** Without a full stop at the end. */
  readonly message: string
  /** What to do. */
  readonly remedy: string
}

/** A fault with its place. */
export interface ConfigError {
  /** 1-based; 1:1 where the fault is in no particular place. */
  readonly line: number
  readonly column: number
  /** e.g. `routes.0.path`; empty for the whole file. */
  readonly option: string
  readonly message: string
  readonly remedy: string
}

/** `sidecar.yaml:7:11 upstream: "localhost" is not an origin. Write scheme, host and port ...` */
export function formatConfigError(file: string, { line, column, option, message, remedy }: ConfigError): string {
  return `${file}:${line}:${column}${option === '' ? '' : ` ${option}:`} ${message}. ${remedy}`
}

export function describeConfigErrors(file: string, errors: readonly ConfigError[]): string {
  return errors.map((error) => formatConfigError(file, error)).join('\n')
}
