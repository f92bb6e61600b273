// Keeps the dev world running until a signal ends it: prints where everything is, a code to enter, and a call that is refused with its reason.
import { ALICE, buildManifest, DEMO_PEOPLE, GUITAR_ID } from '../examples/dev-world/household.ts'
import { textOf } from '../examples/dev-world/page-visitor.ts'
import { createPerson } from '../examples/dev-world/person.ts'
import { rawCall } from '../examples/dev-world/raw-calls.ts'
import { playGuitar } from '../examples/dev-world/simulated-guitar.ts'
import type { DevWorld } from '../examples/dev-world/start-dev-world.ts'
import { CommandError, EXIT_CODES } from './command-error.ts'
import type { DevPlay } from './dev-demo.ts'
import { createOperatorApi } from './operator-api.ts'

const BANNER = `
  ****************************************************************
  *  FOR DEVELOPMENT ONLY: demo accounts with known passwords,   *
  *  http on this machine. Never put this in front of real data. *
  ****************************************************************
`

export async function runDevWorld({ world, rules, isJson, stopped }: DevPlay): Promise<void> {
  const say = (text: string) => isJson || process.stdout.write(`${text}\n`)
  const ending = new AbortController()
  try {
    await furnish(world, rules)
    process.stdout.write(isJson ? `${JSON.stringify(readyLine(world))}\n` : await renderReady(world))
    const playing = playGuitar({ ...world.addresses, key: world.keys.keyOf('guitar'), tokenFile: world.tokenFile, say, signal: ending.signal })
    await stopped
    ending.abort()
    await playing
  } finally {
    await world.stop()
  }
}

/** The guitar is in the registry, and Alice has rules. What is there already stays. */
async function furnish(world: DevWorld, rules: string): Promise<void> {
  await Promise.all([importGuitar(world), world.isNew ? writeRules(world, rules) : undefined])
}

async function importGuitar(world: DevWorld): Promise<void> {
  const issuer = world.addresses.authzServer
  const operator = createOperatorApi({ issuer, clientId: world.operator.clientId, key: world.keys.keyOf('operator') })
  const manifest = buildManifest([{ id: GUITAR_ID, thumbprint: world.keys.keyOf('guitar').kid }])
  const answer = await operator.call({ method: 'POST', path: '/registry/devices/import?dry_run=false', body: { type: 'text/csv', text: manifest } })
  const { imported } = answer as { imported: readonly string[] }
  if (imported.includes(GUITAR_ID)) await operator.call({ method: 'POST', path: `/registry/devices/${GUITAR_ID}/activate` })
}

async function writeRules(world: DevWorld, rules: string): Promise<void> {
  const alice = createPerson(world.addresses.authzServer, ALICE)
  await alice.signIn()
  const page = await alice.saveRules(rules)
  if (page.status >= 400)
    throw new CommandError({ exitCode: EXIT_CODES.usage, option: '--rules', message: `these rules were not accepted: ${textOf(page.html).slice(0, 300)}` })
}

function readyLine(world: DevWorld): object {
  return {
    ready: true,
    authz_server: world.addresses.authzServer,
    sidecar: world.addresses.sidecar,
    upstream: world.addresses.upstream,
    console: `${world.addresses.authzServer}/devices`,
    accounts: DEMO_PEOPLE.map(({ email, password }) => ({ email, password, demo_only: true })),
    operator: { client_id: world.operator.clientId, key_file: world.operator.keyFile },
  }
}

async function renderReady(world: DevWorld): Promise<string> {
  const { authzServer, sidecar, upstream } = world.addresses
  const uri = `${sidecar}/guitars/${GUITAR_ID}/tuning`
  const refused = await rawCall({ uri })
  return `${BANNER}
  authz server  ${authzServer}
  pages         ${authzServer}/devices   /rules   /inbox
  sidecar       ${sidecar}
  API behind    ${upstream}

  demo accounts (demo only)
${DEMO_PEOPLE.map(({ email, password }) => `    ${email}  ${password}`).join('\n')}
  operator      --issuer ${authzServer} --client-id ${world.operator.clientId} --key-file ${world.operator.keyFile}

  A call that is refused, and why:
    curl -i ${uri}
    ${refused.status} ${refused.challenge}
    ${JSON.stringify(refused.body)}

  Press Ctrl-C to stop. The whole story: npm start -- --demo

`
}
