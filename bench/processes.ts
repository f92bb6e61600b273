// Child processes of a comparison: started, waited for until they say where they listen, ended by their own id.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Child {
  readonly origin: string
  end(): void
}

const START_MILLISECONDS = 30_000

/** The first line of JSON with `origin` that the program prints is its address. It ends when this process does. */
export async function startChild(program: string, parameters: readonly string[]): Promise<Child> {
  const child: ChildProcess = spawn(process.execPath, [program, ...parameters], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const timer = setTimeout(() => child.kill(), START_MILLISECONDS)
  try {
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      const { origin } = JSON.parse(line) as { origin?: string }
      if (origin !== undefined) return { origin, end: () => void child.kill() }
    }
    throw new Error(`${program} ${parameters[0] ?? ''} ended before it listened`)
  } finally {
    clearTimeout(timer)
    child.stdout?.resume()
  }
}
