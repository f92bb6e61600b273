// How long a change by the owner takes until the sidecar acts on it: a rule from save to enforced, a revocation to the first refusal.

import { join } from 'node:path'
import { createClient, createKey, createMemoryTokenStore, systemPorts } from '../device/index.ts'
import { ALL_DAY, APP_CLIENT_ID, BOB, buildRules, GUITAR_ID } from '../examples/dev-world/household.ts'
import { createPerson } from '../examples/dev-world/person.ts'
import { buildRawProof, rawCall } from '../examples/dev-world/raw-calls.ts'
import { startPairing } from '../examples/dev-world/story/pairing-steps.ts'
import type { SigningKey } from '../protocol/jws.ts'
import { startChild } from './processes.ts'
import { printTable } from './report.ts'
import { startProtectedWorld } from './world.ts'

const SAVES = 20
const LIMIT_MILLISECONDS = 5000
const SERVE = join(import.meta.dirname, 'servers', 'serve.js')

interface Caller {
  readonly key: SigningKey
  readonly uri: string
  readonly accessToken: string
}

export async function benchPropagation(): Promise<void> {
  const upstream = await startChild(SERVE, ['upstream'])
  const world = await startProtectedWorld(upstream.origin)
  try {
    const { alice, caller } = world
    await alice.saveRules(buildRules(ALL_DAY).replace('    ask: once\n', ''))
    const bob = await pairBob(world)
    const saves = { saved: [] as number[], enforced: [] as number[] }
    for (let index = 0; index < SAVES; index += 1) {
      const isOpen = index % 2 === 1
      const rules = (await alice.readRules()).replace(/may: \[.*\]/, isOpen ? 'may: [read, play]' : 'may: [play]')
      const started = performance.now()
      const page = await alice.saveRules(rules)
      if (page.status >= 400) throw new Error('the rules of the bench were not taken')
      const saved = performance.now()
      const enforced = await callUntil(bob, (status) => (isOpen ? status === 200 : status === 403))
      saves.saved.push(saved - started)
      saves.enforced.push(enforced - started)
    }
    const { accessToken } = await caller.freshen()
    const device: Caller = { key: caller.key, uri: caller.uri, accessToken }
    await callUntil(device, (status) => status === 200)
    const started = performance.now()
    await alice.revokeDevice(GUITAR_ID)
    const answered = performance.now()
    const refused = await callUntil(device, (status) => status === 401)
    printTable({
      title: 'From the owner to the sidecar, over HTTP',
      unit: 'ms',
      rows: [
        { name: 'save rules: answered', rounds: saves.saved },
        { name: 'save rules: enforced', rounds: saves.enforced },
        { name: 'revoke: answered', rounds: [answered - started] },
        { name: 'revoke: first refusal', rounds: [refused - started] },
      ],
    })
  } finally {
    await world.stop()
    upstream.end()
  }
}

/** Bob's app with a requesting-party token that outlives the bench. */
async function pairBob(world: { readonly issuer: string; readonly sidecar: string }): Promise<Caller> {
  const person = createPerson(world.issuer, BOB)
  await person.signIn()
  const key = createKey()
  const seen: { token?: string } = {}
  const ports = systemPorts()
  const watched: typeof fetch = async (input, init) => {
    const authorization = new Headers(init?.headers).get('authorization')
    if (String(input).startsWith(world.sidecar) && authorization !== null) seen.token = authorization.replace(/^DPoP /, '')
    return ports.fetch(input, init)
  }
  const config = { issuer: world.issuer, clientId: APP_CLIENT_ID, key, store: createMemoryTokenStore(), resourceServers: [world.sidecar] }
  const app = createClient(config, { ...ports, fetch: watched })
  const { code, ended } = await startPairing(app, { scope: 'openid' })
  await person.confirm(await person.enterCode(code.userCode))
  await ended
  const uri = `${world.sidecar}/guitars/${GUITAR_ID}/tuning`
  const access = await app.requestAccess({ uri })
  if (!access.ok || seen.token === undefined) throw new Error('Bob of the bench got no access')
  await access.value.body?.cancel()
  return { key, uri, accessToken: seen.token }
}

/** The time at which an answer of that kind first came. */
async function callUntil({ key, uri, accessToken }: Caller, isExpected: (status: number) => boolean): Promise<number> {
  const end = performance.now() + LIMIT_MILLISECONDS
  let nonce: string | undefined
  let isFresh = false
  while (performance.now() < end) {
    const answer = await rawCall({ uri, accessToken, proof: buildRawProof(key, { uri, accessToken }, nonce) })
    nonce = answer.nonce ?? nonce
    // A challenge for a nonce is no decision.
    if (isFresh && isExpected(answer.status)) return performance.now()
    isFresh = nonce !== undefined
  }
  throw new Error('the change of the bench was not enforced in time')
}
