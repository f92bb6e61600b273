// The sidecar's end of the feed against a real authz server over the loopback, with a clock of its own, a wire that can be cut and a server that can go away.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuthzServer, createAuthzServer } from '../../authz-server/authz-server.ts'
import { loadPolicyModule } from '../../policies/runtime/policy-module.ts'
import { createProvingFetch } from '../../protocol/dpop/proving-fetch.ts'
import { createFeed, type Feed } from '../../sidecar/feed/create-feed.ts'
import { createDataFiles } from '../../sidecar/files/data-files.ts'
import type { SidecarPorts } from '../../sidecar/ports.ts'
import { createRefusalExplainer } from '../../sidecar/uma/explain-refusal.ts'
import { createProtectedFetch } from '../../sidecar/uma/protected-fetch.ts'
import { createServiceToken } from '../../sidecar/uma/service-token.ts'
import { type AuthzWorld, buildConfig, GUITARS, startAuthzWorld } from '../unit/authz-server/support/authz-world.ts'

export interface FeedWorld {
  readonly authz: AuthzWorld
  readonly directory: string
  readonly notices: string[]
  /** The sidecar's clock runs this far ahead of the authz server's. */
  ahead(seconds: number): void
  /** Time passes for the sidecar's monotonic clock alone. */
  sleep(seconds: number): void
  openFeed(options?: { readonly maxAgeSeconds?: number; readonly fetch?: typeof fetch; readonly onChange?: () => void }): Feed
  stopAuthzServer(): Promise<void>
  restartAuthzServer(): Promise<void>
  close(): Promise<void>
}

export async function startFeedWorld(): Promise<FeedWorld> {
  const authz = await startAuthzWorld()
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-feed-'))
  const notices: string[] = []
  const feeds: Feed[] = []
  const { context } = authz.server
  let ahead = 0
  let slept = 0
  let running: AuthzServer = authz.server

  return {
    authz,
    directory,
    notices,
    ahead(seconds) {
      ahead = seconds
    },
    sleep(seconds) {
      slept += seconds
    },
    openFeed({ maxAgeSeconds = 900, fetch: reach = fetch, onChange = () => {} } = {}) {
      const ports: SidecarPorts = {
        clock: () => authz.now() + ahead,
        monotonic: () => performance.now() + slept * 1000,
        randomBytes: (count) => randomBytes(count),
        fetch: reach,
        key: authz.keys.sidecar,
        files: createDataFiles(directory),
        loadPolicy: loadPolicyModule,
        audit: () => true,
        notice: (text) => notices.push(text),
      }
      const { issuer } = authz
      const provingFetch = createProvingFetch(ports.key, ports)
      const explain = createRefusalExplainer({ ...ports, issuer, clientId: 'sidecar', publicOrigin: GUITARS, thumbprint: ports.key.kid })
      const token = createServiceToken({ explain, ...ports, issuer, clientId: 'sidecar', fetch: provingFetch })
      const feed = createFeed({
        explain,
        config: {
          listen: { host: '127.0.0.1', port: 0 },
          admin: { host: '127.0.0.1', port: 0 },
          public_origin: GUITARS,
          upstream: 'http://127.0.0.1:1',
          authz_server: { issuer, client_id: 'sidecar', key_file: 'none' },
          data_directory: directory,
          feed: { max_age_seconds: maxAgeSeconds },
          limits: { answer_seconds: 30, idle_seconds: 60, request_seconds: 30 },
          routes: [],
        },
        ports,
        fetch: createProtectedFetch(issuer, provingFetch, token),
        onChange,
      })
      feeds.push(feed)
      return feed
    },
    stopAuthzServer: () => running.close(),
    async restartAuthzServer() {
      running = createAuthzServer(buildConfig(authz.issuer, authz.directory, authz.keys), context.ports, { store: context.store, keyring: authz.keyring })
      await running.listen()
    },
    async close() {
      await Promise.all(feeds.map((feed) => feed.stop()))
      if (running !== authz.server) await running.close()
      await authz.close()
      rmSync(directory, { recursive: true })
    },
  }
}

/** Looks again and again; throws if it does not come true in time. */
export async function until(isTrue: () => boolean, milliseconds = 8000): Promise<number> {
  const started = performance.now()
  while (!isTrue()) {
    if (performance.now() - started > milliseconds) throw new Error('it did not come true in time')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  return performance.now() - started
}
