// What keeps a program from starting, and the files it needs for that. Messages name file, option and remedy, and never hold a secret.
import { readFileSync } from 'node:fs'
import { readPrivateFile } from './private-file.ts'

/** One line for each fault. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

export function readTextFile(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw cannotRead(path, what, error)
  }
}

export function readBinaryFile(path: string, what: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    throw cannotRead(path, what, error)
  }
}

function cannotRead(path: string, what: string, error: unknown): StartError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  if (code === 'ENOENT')
    return new StartError(`${what}: ${path} does not exist. Give the path of a file that does, or create it: the pages in docs/ have examples.`)
  return new StartError(`${what}: ${path} cannot be read (${code}). Give the path of a file that this user can read.`)
}

/** A file that nobody else may read. */
export function readSecretFile(path: string, what: string): string {
  const text = readPrivateFile(path)
  if (text.ok) return text.value
  throw new StartError(`${what}: ${path}: ${text.error}. It must be a regular file that belongs to this user, with mode 0600.`)
}

/** A lenient parser reads other requests than the server behind it does. */
export function refuseLenientParser(flags: readonly string[]): void {
  if (flags.some((flag) => /^--insecure[-_]http[-_]parser/.test(flag))) {
    throw new StartError('Node was started with --insecure-http-parser. Remove it from the command and from NODE_OPTIONS.')
  }
}
