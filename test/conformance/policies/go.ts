// Is the pinned Go toolchain here? Tests that need it are skipped with the reason where it is not.
import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const COMPILER_FOLDER = join(import.meta.dirname, '../../../policies/wasm/compiler')

const PINNED = /^toolchain (\S+)$/m.exec(readFileSync(join(COMPILER_FOLDER, 'go.mod'), 'utf8'))?.[1]

/** Undefined where Go is here in the pinned version; else why not. */
export function goMissing(): string | undefined {
  try {
    const version = execFileSync('go', ['env', 'GOVERSION'], {
      cwd: COMPILER_FOLDER,
      env: { ...process.env, GOTOOLCHAIN: 'local' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const found = version.toString().trim()
    return found === PINNED ? undefined : `needs ${PINNED}; here is ${found}`
  } catch {
    return `needs ${PINNED}; there is no Go here that can read this module`
  }
}

export const run = promisify(execFile)
