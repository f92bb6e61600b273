// TLS to the upstream, in a process that trusts the test's certificate: exchanges pass, sessions are resumed, and no other certificate is accepted.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type TLSSocket } from 'node:tls'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestCertificate, type TestCertificate } from './test-certificate.ts'

const DAY_MILLISECONDS = 86_400_000
const POOL = pathToFileURL(join(import.meta.dirname, '../../dist/sidecar/upstream/upstream-pool.js')).href
let folder = ''

beforeAll(async () => {
  const { build } = (await import('../../scripts/prepare.mjs' as string)) as { build: () => void }
  build()
  folder = mkdtempSync(join(tmpdir(), 'latchkey-upstream-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const certificate = (name: string, toDays: number): TestCertificate =>
  createTestCertificate({ name, notBefore: new Date(Date.now() - 2 * DAY_MILLISECONDS), notAfter: new Date(Date.now() + toDays * DAY_MILLISECONDS) })

/** Three exchanges one after another, in a process that trusts `trusted`; gives what each of them saw. */
async function exchange(own: TestCertificate, trusted: TestCertificate, answer: (socket: TLSSocket) => void): Promise<{ seen: string[]; resumed: boolean[] }> {
  const resumed: boolean[] = []
  const server = createServer(own, (socket) => {
    resumed.push(socket.isSessionReused())
    socket.on('error', () => undefined)
    socket.on('data', () => answer(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const authority = join(folder, 'authority.pem')
  writeFileSync(authority, trusted.cert)
  try {
    return { seen: await runPool(`https://127.0.0.1:${(server.address() as AddressInfo).port}`, authority), resumed }
  } finally {
    server.close()
  }
}

function runPool(origin: string, authority: string): Promise<string[]> {
  const script = `
    import { createUpstreamPool } from ${JSON.stringify(POOL)}
    const pool = createUpstreamPool({ origin: ${JSON.stringify(origin)}, idleMilliseconds: 5000 })
    for (let index = 0; index < 3; index += 1) {
      console.log(await new Promise((resolve) => {
        let seen = ''
        const take = (data) => (seen += data === undefined ? '' : data.toString())
        pool.dispatch({
          method: 'GET', head: 'GET / HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n', body: undefined, isLast: false, isRetriable: true,
          onConnection() {}, onSent() {}, onPause() {},
          onHead: (head) => (seen += head.status + ' '),
          onData: (data) => Boolean(take(data)),
          onEnd: (data) => (take(data), resolve(seen)),
          onFault: resolve,
        })
      }))
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await pool.close()`
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: authority },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let said = ''
    child.stdout.on('data', (chunk) => {
      said += String(chunk)
    })
    child.on('close', () => resolve(said.trim().split('\n')))
  })
}

const keepOpen = (socket: TLSSocket): void => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
const thenClose = (socket: TLSSocket): void => void socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok')

test('TR04: a kept connection carries all exchanges', async () => {
  const good = certificate('127.0.0.1', 2)
  expect(await exchange(good, good, keepOpen)).toEqual({ seen: ['200 ok', '200 ok', '200 ok'], resumed: [false] })
})

test('TR04: a response that ends with the connection is complete, and the next connection resumes the session', async () => {
  const good = certificate('127.0.0.1', 2)
  expect(await exchange(good, good, thenClose)).toEqual({ seen: ['200 ok', '200 ok', '200 ok'], resumed: [false, true, true] })
})

test('S05: a certificate that is not trusted, of another name, or expired is not accepted', async () => {
  const good = certificate('127.0.0.1', 2)
  const other = certificate('other.example', 2)
  const old = certificate('127.0.0.1', -1)
  const faults = ['upstream_unreachable', 'upstream_unreachable', 'upstream_unreachable']
  expect((await exchange(good, certificate('127.0.0.1', 2), keepOpen)).seen).toEqual(faults)
  expect((await exchange(other, other, keepOpen)).seen).toEqual(faults)
  expect((await exchange(old, old, keepOpen)).seen).toEqual(faults)
})
