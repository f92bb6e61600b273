// The device's TLS (attack row S06): a process of the built SDK against servers with good and bad certificates, whatever its environment says.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestCertificate, type TestCertificate } from './test-certificate.ts'

const DAY_MILLISECONDS = 86_400_000
const SDK = pathToFileURL(join(import.meta.dirname, '../../dist/device/index.js')).href
let folder = ''

beforeAll(async () => {
  const { build } = (await import('../../scripts/prepare.mjs' as string)) as { build: () => void }
  build()
  folder = mkdtempSync(join(tmpdir(), 'latchkey-tls-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function certificate(name: string, fromDays: number, toDays: number): TestCertificate {
  return createTestCertificate({
    name,
    notBefore: new Date(Date.now() + fromDays * DAY_MILLISECONDS),
    notAfter: new Date(Date.now() + toDays * DAY_MILLISECONDS),
  })
}

/** What the SDK says when it pairs with a server of this certificate; `seen` counts the requests that got through. */
async function pairWith(certificate: TestCertificate, environment: Record<string, string>): Promise<{ said: string; seen: number }> {
  let seen = 0
  const server = createServer(certificate, (_request, response) => {
    seen += 1
    response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    return { said: await runSdk(issuer, environment), seen }
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

function runSdk(issuer: string, environment: Record<string, string>): Promise<string> {
  const script = `
    import { createClient, createKey, createMemoryTokenStore, systemPorts } from ${JSON.stringify(SDK)}
    const client = createClient({ issuer: ${JSON.stringify(issuer)}, clientId: 'device:1', key: createKey(), store: createMemoryTokenStore(), resourceServers: [] }, systemPorts())
    await client.pair({ onCode() {} }).catch((error) => console.log(error.code))`
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let said = ''
    child.stdout.on('data', (chunk) => {
      said += String(chunk)
    })
    child.on('close', () => resolve(said.trim()))
  })
}

function trusting(certificate: TestCertificate): Record<string, string> {
  const path = join(folder, 'ca.pem')
  writeFileSync(path, certificate.cert)
  return { NODE_EXTRA_CA_CERTS: path }
}

describe('S06: a device and the certificate of its authz server', () => {
  test('speaks with a server whose certificate is good', async () => {
    const good = certificate('127.0.0.1', -1, 1)
    expect(await pairWith(good, trusting(good))).toEqual({ said: 'issuer_unusable', seen: 1 }) // the server has no metadata, but it was asked
  })

  test.each([
    { title: 'is self-signed by nobody it trusts', certificate: () => certificate('127.0.0.1', -1, 1), trusted: false },
    { title: 'has expired', certificate: () => certificate('127.0.0.1', -2, -1), trusted: true },
    { title: 'is not valid yet', certificate: () => certificate('127.0.0.1', 1, 2), trusted: true },
    { title: 'names another host', certificate: () => certificate('authz.example.com', -1, 1), trusted: true },
    { title: 'names another address', certificate: () => certificate('127.0.0.2', -1, 1), trusted: true },
  ])('refuses one that $title', async ({ certificate, trusted }) => {
    const bad = certificate()
    expect(await pairWith(bad, trusted ? trusting(bad) : {})).toEqual({ said: 'unreachable', seen: 0 })
  })

  test.each([
    { title: 'the switch of Node that turns the checks off', environment: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } },
    {
      title: 'a proxy',
      environment: { HTTPS_PROXY: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9', NODE_USE_ENV_PROXY: '1', NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    },
  ])('refuses a self-signed one with $title in its environment', async ({ environment }) => {
    expect(await pairWith(certificate('127.0.0.1', -1, 1), environment)).toEqual({ said: 'unreachable', seen: 0 })
  })
})
