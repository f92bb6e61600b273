// TR28: SIGTERM at any moment lets requests finish and ends with 0; SIGHUP reads the configuration again, or says why not, and cuts nothing.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { buildLatchkey, startLatchkey } from '../../e2e/run-latchkey.ts'
import { createTestCertificate } from '../../e2e/test-certificate.ts'
import { createProgram, type Program } from '../../support/program.ts'
import { openRaw, type RawClient, sendRaw, statusOf, until } from '../../support/raw-socket.ts'

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

let program: Program
beforeAll(buildLatchkey)
afterEach(() => program?.dispose())

/** A request whose head is there and whose body is not. */
async function beginRequest(origin: string): Promise<RawClient> {
  const client = await openRaw(origin)
  client.send(`POST /token HTTP/1.1\r\nHost: ${new URL(origin).host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\n`)
  // It is being read once another request on a later connection was answered.
  await sendRaw(origin, `GET /jwks HTTP/1.1\r\nHost: ${new URL(origin).host}\r\nConnection: close\r\n\r\n`)
  return client
}
const originOf = ({ port }: Program) => `http://127.0.0.1:${port}`

describe.each(['authz-server', 'sidecar'] as const)('TR28: %s', (kind) => {
  test('TR28: SIGTERM before it listens ends it with 0', async () => {
    program = await createProgram(kind)
    const early = await program.startEarly()
    early.child.kill('SIGTERM')
    expect((await early.ended).exitCode).toBe(0)
  })

  test('TR28: SIGHUP before it listens does not end it, and is not forgotten', async () => {
    program = await createProgram(kind)
    const early = await program.startEarly()
    early.child.kill('SIGHUP')
    await program.waitForEvent('reloaded')
    early.child.kill('SIGTERM')
    expect((await early.ended).exitCode).toBe(0)
  })

  test.each([
    { title: 'two SIGTERM', signals: ['SIGTERM', 'SIGTERM'] },
    { title: 'SIGINT and SIGTERM', signals: ['SIGINT', 'SIGTERM'] },
    { title: 'five SIGINT', signals: ['SIGINT', 'SIGINT', 'SIGINT', 'SIGINT', 'SIGINT'] },
    { title: 'SIGHUP and SIGTERM', signals: ['SIGHUP', 'SIGTERM'] },
  ] as const)('TR28: $title within milliseconds end it with 0', async ({ signals }) => {
    program = await createProgram(kind)
    const running = await program.start()
    for (const signal of signals) {
      running.child.kill(signal)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect((await running.ended).exitCode).toBe(0)
    await program.waitForEvent('stopped')
  })

  test.each([
    { title: 'a configuration that cannot be read', text: 'listen: [', expected: /yaml:1/ },
    { title: 'an unknown option', text: undefined, changes: { unknwon: 1 }, expected: /unknwon/ },
    { title: 'an option that needs a restart', text: undefined, changes: { data_directory: './elsewhere' }, expected: /data_directory changed.*restart/i },
    { title: 'networks that are none', text: undefined, changes: { trusted_proxies: ['10.0.0.1/8'] }, expected: /10\.0\.0\.0\/8/ },
    { title: 'a network of everybody', text: undefined, changes: { trusted_proxies: ['0.0.0.0/0'] }, expected: /would trust every client/ },
  ])('TR28: SIGHUP with $title changes nothing and says why', async ({ text, changes, expected }) => {
    program = await createProgram(kind)
    const running = await program.start()
    if (text === undefined) program.configure(changes)
    else program.writeText(text)
    running.child.kill('SIGHUP')
    const line = await program.waitForEvent('reload_refused')
    expect(line).toMatchObject({ level: 'error', cause: expect.stringMatching(expected) })
    expect(statusOf(await sendRaw(originOf(program), `GET /jwks HTTP/1.1\r\nHost: ${new URL(originOf(program)).host}\r\n\r\n`))).toBeGreaterThan(0)
    program.configure({ trusted_proxies: ['10.0.0.0/8'] })
    running.child.kill('SIGHUP')
    await program.waitForEvent('reloaded')
    running.child.kill('SIGTERM')
    expect((await running.ended).exitCode).toBe(0)
  })
})

describe('TR28: requests under way', () => {
  test.each([
    { title: 'SIGTERM', signals: ['SIGTERM'], isEnd: true },
    { title: 'SIGTERM twice', signals: ['SIGTERM', 'SIGTERM'], isEnd: true },
    { title: 'SIGHUP', signals: ['SIGHUP'], isEnd: false },
    { title: 'SIGHUP twice', signals: ['SIGHUP', 'SIGHUP'], isEnd: false },
  ] as const)('TR28: $title does not cut them', async ({ signals, isEnd }) => {
    program = await createProgram('authz-server')
    const running = await program.start()
    const client = await beginRequest(originOf(program))
    for (const signal of signals) running.child.kill(signal)
    await program.waitForEvent(isEnd ? 'stopping' : 'reloaded')
    client.send('a=b')
    expect(await client.waitFor('\r\n\r\n', 10_000)).toMatch(/^HTTP\/1\.1 400/)
    client.close()
    if (!isEnd) running.child.kill('SIGTERM')
    expect((await running.ended).exitCode).toBe(0)
  })

  test('TR28: one that never ends is cut when drain_seconds are over, and the exit code is 0', async () => {
    program = await createProgram('authz-server')
    program.configure({ drain_seconds: 1 })
    const running = await program.start()
    const client = await beginRequest(originOf(program))
    running.child.kill('SIGTERM')
    await client.waitForEnd(15_000)
    expect((await running.ended).exitCode).toBe(0)
  })

  test('TR28: a client that always sends one more request does not keep the server', async () => {
    program = await createProgram('authz-server')
    program.configure({ drain_seconds: 600 })
    const running = await program.start()
    const client = await openRaw(originOf(program))
    const ask = () => client.send(`GET /jwks HTTP/1.1\r\nHost: 127.0.0.1:${program.port}\r\n\r\n`)
    const asking = setInterval(() => client.isEnded() || ask(), 5)
    await client.waitFor('HTTP/1.1 200')
    running.child.kill('SIGTERM')
    expect((await running.ended).exitCode).toBe(0)
    clearInterval(asking)
  })
})

describe('TR28: certificates', () => {
  const DAY_MILLISECONDS = 86_400_000
  const certificate = () =>
    createTestCertificate({ name: '127.0.0.1', notBefore: new Date(Date.now() - DAY_MILLISECONDS), notAfter: new Date(Date.now() + DAY_MILLISECONDS) })

  function servedCertificate(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().fingerprint256)
        socket.destroy()
      })
      socket.on('error', reject)
    })
  }

  test.each(['authz-server', 'sidecar'] as const)(
    'TR28: %s serves a new one after SIGHUP, and keeps the old one where the new one cannot be used',
    async (kind) => {
      program = await createProgram(kind)
      const write = ({ cert, key }: { cert: string; key: string }) => {
        writeFileSync(join(program.directory, 'cert.pem'), cert)
        writeFileSync(join(program.directory, 'key.pem'), key, { mode: 0o600 })
      }
      const tls = { certificate_file: 'cert.pem', key_file: 'key.pem' }
      const origin = `https://127.0.0.1:${program.port}`
      program.configure({ listen: { host: '127.0.0.1', port: program.port, tls }, ...(kind === 'sidecar' ? { public_origin: origin } : { issuer: origin }) })
      write(certificate())
      const running = await program.start()
      const first = await servedCertificate(program.port)
      write(certificate())
      running.child.kill('SIGHUP')
      await program.waitForEvent('reloaded')
      const second = await servedCertificate(program.port)
      expect(second).not.toBe(first)
      write({ cert: certificate().cert, key: certificate().key })
      running.child.kill('SIGHUP')
      expect(await program.waitForEvent('reload_refused')).toMatchObject({ cause: expect.stringContaining('listen.tls') })
      write({ cert: 'no certificate', key: 'no key' })
      running.child.kill('SIGHUP')
      await program.waitForEvent('reload_refused', 2)
      expect(await servedCertificate(program.port)).toBe(second)
      running.child.kill('SIGTERM')
      expect((await running.ended).exitCode).toBe(0)
    },
  )
})

describe('TR28: latchkey dev', () => {
  test('TR28: SIGHUP without a terminal changes nothing; SIGTERM ends it with 0', async () => {
    const { child, firstLine, ended } = startLatchkey(['dev', '--json'])
    try {
      const { authz_server: issuer } = JSON.parse(await firstLine) as { authz_server: string }
      let said = ''
      child.stderr?.on('data', (text) => (said += String(text)))
      child.kill('SIGHUP')
      await until(() => said.includes('SIGHUP'), 10_000)
      expect((await fetch(`${issuer}/jwks`)).status).toBe(200)
      child.kill('SIGTERM')
      child.kill('SIGTERM')
      expect((await ended).exitCode).toBe(0)
    } finally {
      child.kill('SIGKILL')
    }
  })
})
