// Runs a server command until a signal ends it: says where it listens, lets requests finish. A second signal does not wait.
import { StartError } from '../system/start-error.ts'
import { CommandError, EXIT_CODES } from './command-error.ts'

export interface RunningServer {
  /** Printed once it listens: as JSON, or as text on standard error. */
  readonly ready: { readonly json: object; readonly text: string }
  close(): Promise<void>
}

/** Resolves when the server has closed. What keeps it from starting is a wrong use of the command: exit code 2. */
export async function runServer(start: () => Promise<RunningServer>, isJson: boolean): Promise<undefined> {
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  const server = await start().catch(explainStart)
  if (isJson) process.stdout.write(`${JSON.stringify(server.ready.json)}\n`)
  else process.stderr.write(`${server.ready.text}\n`)
  await ended
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(EXIT_CODES.refused))
  await server.close()
  return undefined
}

export function explainStart(cause: unknown): never {
  if (cause instanceof StartError) throw new CommandError({ exitCode: EXIT_CODES.usage, message: cause.message }, { cause })
  if ((cause as NodeJS.ErrnoException).code === 'EADDRINUSE') {
    throw new CommandError({
      exitCode: EXIT_CODES.usage,
      option: 'listen.port',
      message: (cause as Error).message,
      remedy: 'give another port, or end the program that has it',
    })
  }
  throw cause
}
