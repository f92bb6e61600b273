// A fault of a configuration file: where, which option, what is wrong, what to do.

export interface ConfigError {
  /** 1-based; 1:1 where the fault is in no particular place. */
  readonly line: number
  readonly column: number
  /** e.g. `routes.0.path`; empty for the whole file. */
  readonly option: string
  readonly message: string
  readonly remedy: string
}

/** `sidecar.yaml:7:11 upstream: "localhost" is no origin. Write one such as http://127.0.0.1:8080.` */
export function formatConfigError(file: string, error: ConfigError): string {
  const option = error.option === '' ? '' : ` ${error.option}:`
  return `${file}:${error.line}:${error.column}${option} ${error.message}. ${error.remedy}`
}
