// Finds the files that are shipped as they are (compiler, Rego library), from the sources and from dist/ alike. It reads nothing by itself.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

// The package finds itself by its own name, so the answer does not depend on the depth of dist/.
const ROOT = dirname(createRequire(import.meta.url).resolve('latchkey/package.json'))

/** Absolute path of a shipped file, given from the `policies/` folder, e.g. `wasm/compiler/worker.mjs`. */
export function assetPath(name: string): string {
  return join(ROOT, 'policies', name)
}
