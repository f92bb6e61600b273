// Builds the shipped compiler: `node policies/wasm/compiler/build.mjs` writes the artefact, its checksums and NOTICE.md.
// `--container FILE` writes only the uncompressed container to FILE (the reproducibility test compares it); `--licences` prints the texts. It never downloads by itself: `go` does.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import { pack, sha256, unpack } from './container.mjs'

const HERE = import.meta.dirname
const ARTEFACT = join(HERE, 'opa-compiler.br')
const GO = /^toolchain (\S+)$/m.exec(readFileSync(join(HERE, 'go.mod'), 'utf8'))[1]
const OPA = /open-policy-agent\/opa (v\S+)/.exec(readFileSync(join(HERE, 'go.mod'), 'utf8'))[1]
// The caller's settings may not reach the bytes.
const ENVIRONMENT = {
  // biome-ignore lint/style/noProcessEnv: a build script; go needs its caches and proxies.
  ...process.env,
  GOOS: 'js',
  GOARCH: 'wasm',
  GOFLAGS: '',
  GOWASM: '',
  GOEXPERIMENT: '',
  GOTOOLCHAIN: 'local',
  GOWORK: 'off',
  CGO_ENABLED: '0',
}

function go(...args) {
  return execFileSync('go', args, { cwd: HERE, env: ENVIRONMENT, maxBuffer: 1 << 28 })
    .toString('utf8')
    .trim()
}

function compilerWasm() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-compiler-'))
  try {
    const file = join(folder, 'compiler.wasm')
    go('build', '-trimpath', '-buildvcs=false', '-mod=readonly', '-ldflags=-s -w -buildid=', '-o', file, '.')
    return readFileSync(file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What is linked into the compiler: path, version and folder of each module, sorted. */
function modules() {
  const rows = go('list', '-deps', '-f', '{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}', '.').split('\n')
  const found = [...new Set(rows.filter(Boolean))].sort().map((row) => row.split('\t'))
  return [['Go standard library', GO, go('env', 'GOROOT')], ...found].map(([path, version, folder]) => ({ path, version, ...licence(folder) }))
}

function licence(folder) {
  const names = readdirSync(folder)
    .filter((name) => /^(LICEN[CS]E|COPYING|NOTICE)/i.test(name))
    .sort()
  const text = names.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n')
  return { text, kind: kindOf(text) }
}

function kindOf(text) {
  const kinds = []
  if (/Apache License/.test(text)) kinds.push('Apache-2.0')
  if (/Permission is hereby granted, free of charge/.test(text)) kinds.push('MIT')
  if (/Redistribution and use in source and binary forms/.test(text)) kinds.push(/Neither the name/.test(text) ? 'BSD-3-Clause' : 'BSD-2-Clause')
  if (/Permission to use, copy, modify, and(\/or)? distribute this software/.test(text)) kinds.push('ISC')
  if (kinds.length === 0) throw new Error('a linked module has no licence that is known here')
  return kinds.join(' and ')
}

function build() {
  const version = go('env', 'GOVERSION')
  if (version !== GO) throw new Error(`the compiler is built with ${GO}; this is ${version}`)
  const linked = modules()
  const texts = linked.map(({ path, version: of, text }) => `==== ${path} ${of} ====\n\n${text}\n`).join('\n')
  const shim = readFileSync(join(go('env', 'GOROOT'), 'lib', 'wasm', 'wasm_exec.js'))
  return { linked, container: pack({ 'compiler.wasm': compilerWasm(), 'wasm_exec.js': shim, 'licences.txt': Buffer.from(texts) }) }
}

function notice(linked) {
  const rows = [['part', 'version', 'licence'], ...linked.map(({ path, version, kind }) => [path, version, kind])]
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)))
  const [head, ...body] = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`)
  return [
    '# Licences of the shipped compiler',
    '',
    '`opa-compiler.br` holds the policy compiler of Open Policy Agent, built from its Go module with `build.mjs`, and the file that the Go distribution gives to start it.',
    'The full texts are inside: `node policies/wasm/compiler/build.mjs --licences` prints them.',
    '',
    head,
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...body,
    '',
  ].join('\n')
}

function ship() {
  const { linked, container } = build()
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: container.length }
  const compressed = brotliCompressSync(container, { params })
  writeFileSync(ARTEFACT, compressed)
  writeFileSync(join(HERE, 'NOTICE.md'), notice(linked))
  const sums = {
    go: GO,
    opa: OPA,
    container: { bytes: container.length, sha256: sha256(container) },
    artefact: { bytes: compressed.length, sha256: sha256(compressed) },
  }
  writeFileSync(join(HERE, 'checksums.json'), `${JSON.stringify(sums, null, 2)}\n`)
  console.log(`opa-compiler.br ${compressed.length} bytes, from ${container.length}`)
}

const [option, file] = process.argv.slice(2)
if (option === '--licences') process.stdout.write(unpack(brotliDecompressSync(readFileSync(ARTEFACT)))['licences.txt'])
else if (option === '--container') writeFileSync(file, build().container)
else if (option === undefined) ship()
else throw new Error(`unknown option ${option}`)
