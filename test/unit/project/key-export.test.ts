// Exporting a new EC key as a JWK can hang Node 20 when garbage is collected meanwhile (TR35): system/generate-key.ts is the only way to a new key or its JWK.
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { parsePublicJwk } from '../../../protocol/jwk.ts'
import { exportPrivateJwk, exportPublicJwk, generateSigningKey } from '../../../system/generate-key.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', '.git', 'fixtures'])
const HELPER = join('system', 'generate-key.ts')
const JWK_EXPORT = /\.export\(\s*\{[^}]*\bjwk\b|\bexportKey\(\s*['"]jwk/
/** jose's `exportJWK` makes the same call: these two give it keys that were imported. */
const JOSE_EXPORT = /\bexportJWK\(/
const IMPORTED_KEYS_ONLY = [join('test', 'conformance', 'protocol', 'dpop.test.ts'), join('test', 'conformance', 'clients', 'oauth4webapi.test.ts')]

function listSources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : listSources(path)
    return /\.(?:ts|tsx|js|mjs|cjs)$/.test(entry.name) ? [path] : []
  })
}

test('TR35: no source, test, benchmark or script exports a key as a JWK through Node', () => {
  const sources = listSources(ROOT).filter((path) => path !== import.meta.filename)
  expect(sources.length).toBeGreaterThan(300)
  const found = sources.filter((path) => {
    const text = readFileSync(path, 'utf8')
    const isJoseAllowed = IMPORTED_KEYS_ONLY.includes(relative(ROOT, path))
    return JWK_EXPORT.test(text) || (!isJoseAllowed && JOSE_EXPORT.test(text))
  })
  expect(found).toEqual([])
})

test('TR35: new key pairs are made as DER, in one place', () => {
  const found = listSources(ROOT).filter(
    (path) => path !== import.meta.filename && /\bgenerateKeyPair(?:Sync)?\(\s*'(?:ec|ed25519)'/.test(readFileSync(path, 'utf8')),
  )
  // A test certificate needs a key but no JWK of it.
  expect(found.map((path) => relative(ROOT, path)).sort()).toEqual([HELPER, join('test', 'e2e', 'test-certificate.ts')].sort())
})

test.each(['P-256', 'Ed25519'] as const)('TR35: a %s key exported from its DER is the key that Node imports', (curve) => {
  for (let round = 0; round < 50; round += 1) {
    const key = generateSigningKey(curve)
    const jwk = exportPrivateJwk(key.privateKey)
    expect(parsePublicJwk(exportPublicJwk(key.privateKey))).toEqual({ ok: true, value: key.jwk })
    expect(exportPublicJwk(createPublicKey(key.privateKey))).toEqual(key.jwk)
    const imported = createPrivateKey({ key: { ...jwk }, format: 'jwk' })
    expect(exportPrivateJwk(imported)).toEqual(jwk)
    expect(imported.export({ type: 'pkcs8', format: 'der' })).toEqual(key.privateKey.export({ type: 'pkcs8', format: 'der' }))
  }
})
