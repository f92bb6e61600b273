// The shipped compiler is what its source gives: built again, it is the same byte for byte.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { COMPILER_FOLDER, goMissing, run } from './go.ts'

interface Container {
  readonly unpack: (container: Uint8Array) => Readonly<Record<string, Uint8Array>>
  readonly sha256: (bytes: Uint8Array) => string
}

// Plain JavaScript, since the build script and the worker run it as it stands.
const { sha256, unpack } = (await import(join(COMPILER_FOLDER, 'container.mjs'))) as Container
const compressed = readFileSync(join(COMPILER_FOLDER, 'opa-compiler.br'))
const sums = JSON.parse(readFileSync(join(COMPILER_FOLDER, 'checksums.json'), 'utf8'))

test('the artefact has its checksums and names the versions of go.mod', () => {
  const module = readFileSync(join(COMPILER_FOLDER, 'go.mod'), 'utf8')
  const container = brotliDecompressSync(compressed)
  expect(sums).toEqual({
    go: /^toolchain (\S+)$/m.exec(module)?.[1],
    opa: /open-policy-agent\/opa (v\S+)/.exec(module)?.[1],
    container: { bytes: container.length, sha256: sha256(container) },
    artefact: { bytes: compressed.length, sha256: sha256(compressed) },
  })
  expect(Object.keys(unpack(container))).toEqual(['compiler.wasm', 'wasm_exec.js', 'licences.txt'])
})

test('a damaged artefact is noticed', () => {
  const container = brotliDecompressSync(compressed)
  container[container.length - 1] = (container.at(-1) ?? 0) ^ 1
  expect(() => unpack(container)).toThrow('licences.txt does not have its checksum')
  expect(() => unpack(container.subarray(0, -1))).toThrow('checksum')
  expect(() => unpack(container.subarray(1))).toThrow('not a container')
})

test('built again from source, the artefact is the same byte for byte', { timeout: 900_000 }, async (context) => {
  const missing = goMissing()
  if (missing !== undefined) return context.skip(missing)
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-rebuild-'))
  try {
    const file = join(folder, 'container')
    await run(process.execPath, [join(COMPILER_FOLDER, 'build.mjs'), '--container', file])
    expect(sha256(readFileSync(file))).toBe(sums.container.sha256)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
