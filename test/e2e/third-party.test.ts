// The sidecar before an unmodified Node-RED: who is allowed gets byte for byte what Node-RED answers without it; everybody else gets nothing from it.
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findFreePorts } from '../../examples/dev-world/listen.ts'
import { parseConfig } from '../../sidecar/config/parse-config.ts'
import { sendRaw, statusOf, until } from '../support/raw-socket.ts'
import { OWNER, type SidecarRig, startRig } from '../support/sidecar-rig.ts'

const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'third-party')
const NODE_RED = createRequire(import.meta.url).resolve('node-red/red.js')
const READING = '/stations/attic/reading'
const CALIBRATION = '/stations/attic/calibration'

let rig: SidecarRig
let nodeRed: ChildProcess
let nodeRedOrigin: string
let wiretap: Wiretap
let userDir: string

beforeAll(async () => {
  userDir = mkdtempSync(join(tmpdir(), 'latchkey-node-red-'))
  for (const file of ['flows.json', 'settings.cjs']) cpSync(join(EXAMPLE, file), join(userDir, file))
  const [port = 0] = await findFreePorts(1)
  nodeRedOrigin = `http://127.0.0.1:${port}`
  const environment = { PATH: process.env['PATH'], HOME: userDir, PORT: String(port) }
  nodeRed = spawn(process.execPath, [NODE_RED, '--userDir', userDir, '--settings', join(userDir, 'settings.cjs')], { env: environment, stdio: 'ignore' })
  await until(
    async () => (await fetch(nodeRedOrigin + READING).catch(() => undefined))?.status === 200,
    40_000,
    () => 'Node-RED did not start',
  )

  wiretap = await tapWire(port)
  const config = parseConfig(readFileSync(join(EXAMPLE, 'sidecar.yaml'), 'utf8'))
  if (!config.ok) throw new Error(JSON.stringify(config.error))
  rig = await startRig({ upstream: wiretap.origin, config: { routes: config.value.routes } })
  rig.issuer.change({
    kind: 'resource',
    id: 'res-attic',
    key: 'attic',
    name: 'Attic',
    type: 'weather-station',
    tags: [],
    resource_scopes: ['read', 'calibrate'],
    owner: OWNER,
    device_id: null,
  })
  await until(async () => statusOf(await rig.call(owner(), 'GET', READING)) === 200)
}, 60_000)

afterAll(async () => {
  await rig?.close()
  await wiretap?.close()
  if (nodeRed?.exitCode === null) {
    const ended = new Promise((resolve) => nodeRed.once('exit', resolve))
    nodeRed.kill('SIGTERM')
    const timer = setTimeout(() => nodeRed.kill('SIGKILL'), 5000)
    await ended
    clearTimeout(timer)
  }
  rmSync(userDir, { recursive: true, force: true })
})

beforeEach(() => wiretap.clear())

/** Lets every byte through and counts those that go to Node-RED. */
interface Wiretap {
  readonly origin: string
  toServer(): number
  clear(): void
  close(): Promise<void>
}

async function tapWire(port: number): Promise<Wiretap> {
  let bytes = 0
  const sockets = new Set<Socket>()
  const server: Server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    near.on('data', (chunk) => {
      bytes += chunk.length
    })
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    toServer: () => bytes,
    clear() {
      bytes = 0
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Status line, the fields that describe the content, and the body, exactly as they came; without the `Vary` that the sidecar adds to every answer. */
function contentOf(answer: string): object {
  const end = answer.indexOf('\r\n\r\n')
  const [statusLine, ...lines] = answer.slice(0, end).split('\r\n')
  const fields = lines.filter(
    (line) => /^(?:content-|etag|vary|x-station|x-powered-by|last-modified)/i.test(line) && line !== 'vary: Authorization, Latchkey-Purpose',
  )
  return { statusLine, fields, body: answer.slice(end + 4) }
}

const owner = () => rig.caller({ sub: OWNER, scope: 'read calibrate' })

test('an allowed caller gets byte for byte what Node-RED answers without the sidecar', async () => {
  const direct = await sendRaw(nodeRedOrigin, `GET ${READING}?unit=c HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n`)
  const through = await rig.call(owner(), 'GET', `${READING}?unit=c`, { headers: 'Accept: */*\r\n' })
  expect(statusOf(direct)).toBe(200)
  expect(direct).toContain('21.5')
  expect(contentOf(through)).toEqual(contentOf(direct))
  expect(wiretap.toServer()).toBeGreaterThan(0)
})

test('a body goes in and an answer of another status comes out unchanged', async () => {
  const body = '{"offset":-0.25}'
  const lines = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`
  const direct = await sendRaw(nodeRedOrigin, `POST ${CALIBRATION} HTTP/1.1\r\nHost: x\r\n${lines}\r\n${body}`)
  const through = await rig.call(owner(), 'POST', CALIBRATION, { headers: lines, body })
  expect(statusOf(direct)).toBe(202)
  expect(contentOf(through)).toEqual(contentOf(direct))
})

test('a conditional request gets its 304 through', async () => {
  const direct = await sendRaw(nodeRedOrigin, `GET ${READING} HTTP/1.1\r\nHost: x\r\n\r\n`)
  const etag = /^etag: (.*)$/im.exec(direct)?.[1]?.trim()
  expect(etag).toBeTruthy()
  const through = await rig.call(owner(), 'GET', READING, { headers: `If-None-Match: ${etag}\r\n` })
  expect(statusOf(through)).toBe(304)
})

describe('everybody else gets nothing from it, and not one byte reaches it', () => {
  const cases: [string, () => Promise<string>][] = [
    ['nobody', () => sendRaw(rig.origin, `GET ${READING} HTTP/1.1\r\nHost: ${rig.host}\r\n\r\n`)],
    ['a stranger with a good token', () => rig.call(rig.caller({ sub: 'person-mallory', scope: 'read' }), 'GET', READING)],
    [
      'a requester with a permission that the owner never gave',
      () => rig.call(rig.caller({ sub: 'person-bob', permissions: [{ resource_id: 'res-attic', resource_scopes: ['read'] }] }), 'GET', READING),
    ],
    ['the owner’s app beyond its token', () => rig.call(rig.caller({ sub: OWNER, scope: 'read' }), 'POST', CALIBRATION, { body: '{}' })],
    ['the owner on another path of Node-RED', () => rig.call(owner(), 'GET', '/settings')],
    [
      'a stolen token without its key',
      () => sendRaw(rig.origin, `GET ${READING} HTTP/1.1\r\nHost: ${rig.host}\r\nAuthorization: DPoP ${owner().token}\r\n\r\n`),
    ],
  ]
  test.each(cases)('%s', async (_, call) => {
    const answer = await call()
    expect([401, 403, 404]).toContain(statusOf(answer))
    expect(answer).not.toMatch(/x-station|celsius|x-powered-by/i)
    expect(wiretap.toServer()).toBe(0)
  })
})
