// The sidecar of the dev world: writes the configuration that an operator would write, has it checked like any other, and runs it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { stringify } from 'yaml'
import type { Clock } from '../../protocol/time.ts'
import { parseConfig } from '../../sidecar/config/parse-config.ts'
import type { SidecarConfig } from '../../sidecar/config/sidecar-config.ts'
import { createSystemPorts } from '../../sidecar/main.ts'
import { createSidecar, type Sidecar, type SidecarAddresses } from '../../sidecar/server.ts'
import { formatConfigError } from '../../system/config/option-fault.ts'
import type { DevKeys } from './dev-keys.ts'
import { ROUTES, SIDECAR_CLIENT_ID } from './household.ts'
import { LOOPBACK } from './listen.ts'

/** The authz server is in the same process: readiness is a matter of milliseconds. */
const READY_WITHIN_MILLISECONDS = 5000

export interface DevSidecarOptions {
  readonly dataDirectory: string
  readonly port: number
  readonly adminPort: number
  readonly upstream: string
  readonly issuer: string
  readonly keys: DevKeys
  readonly clock: Clock
  readonly monotonic: () => number
  readonly audit: (line: string) => void
}

export interface DevSidecar {
  readonly sidecar: Sidecar
  readonly addresses: SidecarAddresses
}

export async function startDevSidecar(options: DevSidecarOptions): Promise<DevSidecar> {
  const config = writeConfig(options)
  mkdirSync(config.data_directory, { recursive: true, mode: 0o700 })
  const audit = new Writable({
    write(chunk, _encoding, done) {
      options.audit(String(chunk).trimEnd())
      done()
    },
  })
  const ports = createSystemPorts({ key: options.keys.keyOf('sidecar'), dataDirectory: config.data_directory, audit, notice: () => {} })
  const sidecar = createSidecar(config, { ...ports, clock: options.clock, monotonic: options.monotonic })
  const addresses = await sidecar.listen()
  await withinTime(sidecar.whenReady())
  return { sidecar, addresses }
}

function writeConfig(options: DevSidecarOptions): SidecarConfig {
  const file = join(options.dataDirectory, 'sidecar.yaml')
  const text = stringify({
    listen: { host: LOOPBACK, port: options.port },
    admin: { host: LOOPBACK, port: options.adminPort },
    public_origin: `http://${LOOPBACK}:${options.port}`,
    upstream: options.upstream,
    authz_server: { issuer: options.issuer, client_id: SIDECAR_CLIENT_ID, key_file: options.keys.fileOf('sidecar') },
    data_directory: join(options.dataDirectory, 'sidecar'),
    routes: ROUTES,
  })
  writeFileSync(file, text, { mode: 0o600 })
  const config = parseConfig(text)
  if (!config.ok) throw new Error(config.error.map((error) => formatConfigError(file, error)).join('\n'))
  return config.value
}

async function withinTime(ready: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the sidecar was not ready within ${READY_WITHIN_MILLISECONDS} ms`)), READY_WITHIN_MILLISECONDS)
  })
  try {
    await Promise.race([ready, late])
  } finally {
    clearTimeout(timer)
  }
}
