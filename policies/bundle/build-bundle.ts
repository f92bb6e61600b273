// A policy as a bundle that stock OPA loads: manifest and Rego, or manifest and module. The same policy gives the same bytes. It compiles nothing and writes no file.
import { Header } from 'tar'
import { POLICY_ENTRYPOINT } from '../runtime/policy-module.ts'
import { gzipStored } from './gzip-stored.ts'

export interface BundleOptions {
  /** Names the content, so that OPA tells which policy it runs. */
  readonly digest: string
  readonly rego: string
  /** Put in place of the Rego: OPA asks either for a decision, never both. */
  readonly wasm?: Uint8Array
}

/** OPA keeps bundles apart by what they own under `data`. */
const ROOT = 'latchkey/sharing'
// With the slash that OPA's own bundles have: it looks modules up by it.
const WASM_FILE = '/policy.wasm'
const TAR_BLOCK_BYTES = 512
const ORDINARY_FILE_MODE = 0o644

export function buildBundle({ digest, rego, wasm }: BundleOptions): Uint8Array {
  const manifest = {
    revision: digest,
    roots: [ROOT],
    rego_version: 1,
    ...(wasm === undefined ? {} : { wasm: [{ entrypoint: POLICY_ENTRYPOINT, module: WASM_FILE }] }),
  }
  const policy = wasm === undefined ? tarEntry('/policy.rego', Buffer.from(rego)) : tarEntry(WASM_FILE, wasm)
  const end = Buffer.alloc(2 * TAR_BLOCK_BYTES)
  return gzipStored(Buffer.concat([...tarEntry('/.manifest', Buffer.from(JSON.stringify(manifest))), ...policy, end]))
}

/** Of nobody and of no time, so that it tells nothing of the machine it was made on. */
function tarEntry(path: string, content: Uint8Array): readonly Uint8Array[] {
  const header = new Header({ path, type: 'File', mode: ORDINARY_FILE_MODE, size: content.length, mtime: new Date(0), uid: 0, gid: 0, uname: '', gname: '' })
  header.encode()
  if (header.block === undefined || header.needPax) throw new Error(`${path} does not fit a tar header`)
  return [header.block, content, Buffer.alloc(-content.length & (TAR_BLOCK_BYTES - 1))]
}
