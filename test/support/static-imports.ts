// What a source file loads when it is loaded: the files and packages behind its static imports. Type imports and import() do not count.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..', '..')
const STATIC_IMPORT = /^(?:import|export)\s+(?!type\b)(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm

export interface LoadedCode {
  /** Relative to the root of the project. */
  readonly files: ReadonlySet<string>
  readonly packages: ReadonlySet<string>
}

export function listStaticImports(file: string): LoadedCode {
  const files = new Set<string>()
  const packages = new Set<string>()
  const queue = [resolve(ROOT, file)]
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (files.has(relative(ROOT, path)) || !existsSync(path)) continue
    files.add(relative(ROOT, path))
    for (const [, name = ''] of readFileSync(path, 'utf8').matchAll(STATIC_IMPORT)) {
      if (name.startsWith('.')) queue.push(join(dirname(path), name))
      else if (!name.startsWith('node:')) packages.add(name)
    }
  }
  return { files, packages }
}
