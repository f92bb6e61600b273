// Starts a real proxy with the configuration of docs/proxies/, moved to free ports and test certificates. Ends it by its process id.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { connect, type LookupFunction } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, fetch as reach } from 'undici'
import { createTestCertificate } from '../test-certificate.ts'

const DOCUMENTED = join(import.meta.dirname, '..', '..', '..', 'docs', 'proxies')
const DAY_MILLISECONDS = 86_400_000
const START_MILLISECONDS = 15_000

export const KEYS = 'keys.example.org'
export const THINGS = 'things.example.org'

export type ProxyName = 'nginx' | 'caddy' | 'haproxy' | 'haproxy-tcp'

interface ProxyKind {
  readonly binary: string
  readonly file: string
  /** The documented text with the place where it listens, and what a test needs besides. */
  readonly adapt: (text: string, listen: string, directory: string) => string
  readonly command: (file: string, directory: string) => readonly string[]
}

const KINDS: { readonly [name in ProxyName]: ProxyKind } = {
  nginx: {
    binary: '/usr/sbin/nginx',
    file: 'nginx.conf',
    adapt: (text, listen, directory) =>
      text
        .replaceAll('listen 443', `listen ${listen}`)
        .replace('events {}', `${userLine()}daemon off;\npid ${directory}/nginx.pid;\nerror_log stderr warn;\nevents {}`)
        .replace(
          'http {',
          `http {\naccess_log off;\n${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${directory}/${name};`).join('\n')}`,
        ),
    command: (file, directory) => ['-c', file, '-p', directory, '-e', 'stderr'],
  },
  caddy: {
    binary: '/usr/bin/caddy',
    file: 'Caddyfile',
    adapt: (text, listen, directory) => {
      const [host, port] = listen.split(':')
      const moved = text.replace(/^(\S+\.example\.org) \{/gm, `https://$1:${port} {`)
      return `{\nadmin off\nauto_https disable_redirects\ndefault_bind ${host}\nstorage file_system ${directory}\n}\n${moved}`
    },
    command: (file) => ['run', '--config', file, '--adapter', 'caddyfile'],
  },
  haproxy: {
    binary: '/usr/sbin/haproxy',
    file: 'haproxy.cfg',
    adapt: (text, listen) => text.replace('bind :443', `bind ${listen}`),
    command: (file) => ['-db', '-f', file],
  },
  'haproxy-tcp': {
    binary: '/usr/sbin/haproxy',
    file: 'haproxy-tcp.cfg',
    adapt: (text, listen) => text.replace('bind :443', `bind ${listen}`),
    command: (file) => ['-db', '-f', file],
  },
}

/** Its workers would otherwise be another user, who may not write into our directory. */
function userLine(): string {
  return process.getuid?.() === 0 ? 'user root;\n' : ''
}

export function missingBinary(name: ProxyName): string | undefined {
  const { binary } = KINDS[name]
  return existsSync(binary) ? undefined : binary
}

export interface TestCertificates {
  readonly [name: string]: { readonly cert: string; readonly key: string }
}

export function createCertificates(): TestCertificates {
  const now = Date.now()
  const times = { notBefore: new Date(now - DAY_MILLISECONDS), notAfter: new Date(now + DAY_MILLISECONDS) }
  return Object.fromEntries([KEYS, THINGS].map((name) => [name, createTestCertificate({ name, ...times })]))
}

export interface ProxyOptions {
  readonly port: number
  readonly certificates: TestCertificates
  readonly authzServerPort: number
  readonly sidecarPort: number
}

export interface RealProxy {
  output(): string
  close(): Promise<void>
}

export async function startProxy(name: ProxyName, options: ProxyOptions): Promise<RealProxy> {
  const { binary, file, adapt, command } = KINDS[name]
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-proxy-'))
  for (const [host, { cert, key }] of Object.entries(options.certificates)) {
    const base = join(directory, host.split('.')[0] ?? '')
    // HAProxy wants both in one file; the others read the first part only.
    writeFileSync(`${base}.pem`, cert + key)
    writeFileSync(`${base}.key`, key)
  }
  mkdirSync(join(directory, 'logs'))
  const text = readFileSync(join(DOCUMENTED, file), 'utf8')
    .replaceAll('/etc/ssl/', `${directory}/`)
    .replaceAll('127.0.0.1:9400', `127.0.0.1:${options.authzServerPort}`)
    .replaceAll('127.0.0.1:9090', `127.0.0.1:${options.sidecarPort}`)
  const config = join(directory, file)
  writeFileSync(config, adapt(text, `127.0.0.1:${options.port}`, directory))
  const child = spawn(binary, command(config, directory), {
    env: { ...process.env, HOME: directory, XDG_DATA_HOME: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += String(bytes)))
  const proxy: RealProxy = {
    output: () => output,
    async close() {
      await end(child)
      rmSync(directory, { recursive: true, force: true })
    },
  }
  try {
    await waitForPort(options.port, child, () => output)
    return proxy
  } catch (fault) {
    await proxy.close()
    throw fault
  }
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 3000)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

async function waitForPort(port: number, child: ChildProcess, output: () => string): Promise<void> {
  const until = performance.now() + START_MILLISECONDS
  while (performance.now() < until) {
    if (child.exitCode !== null) throw new Error(`the proxy ended: ${output()}`)
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true))
      socket.on('error', () => resolve(false))
      socket.on('connect', () => socket.destroy())
    })
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`the proxy does not listen: ${output()}`)
}

export interface ClientOptions {
  readonly certificates: TestCertificates
  /** A loopback address of its own, so that the proxy sees it apart from others. */
  readonly localAddress: string
}

/** A fetch for the names of the examples, from that address. */
export function fetchFrom({ certificates, localAddress }: ClientOptions): typeof fetch {
  const ca = Object.values(certificates).map(({ cert }) => cert)
  const lookup: LookupFunction = (_host, options, done) => {
    if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }])
    else done(null, '127.0.0.1', 4)
  }
  const dispatcher = new Agent({ localAddress, connect: { ca, lookup } })
  return ((input: string, init: object = {}) => reach(input, { ...init, dispatcher })) as unknown as typeof fetch
}

export interface RawAnswer {
  readonly status: number
  readonly message: IncomingMessage
}

/** Resolves with the head; the body is the caller's to read. Header lines go out as they are given. */
export function openRequest(
  { certificates, localAddress }: ClientOptions,
  target: { readonly origin: string; readonly path: string; readonly method?: string; readonly headers?: readonly string[] },
): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(target.origin)
  const lines = ['host', host, ...(target.headers ?? [])]
  return new Promise((resolve, reject) => {
    const asking = request({
      host: '127.0.0.1',
      port,
      servername: hostname,
      localAddress,
      ca: certificates[hostname]?.cert,
      method: target.method ?? 'GET',
      path: target.path,
      headers: lines,
      agent: false,
    })
    asking.on('response', (message) => resolve({ status: message.statusCode ?? 0, message }))
    asking.on('upgrade', (message) => resolve({ status: message.statusCode ?? 0, message }))
    asking.on('error', reject)
    asking.end()
  })
}
