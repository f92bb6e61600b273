// The operator's guardrails at the sidecar: they come before owners and owners' rules, can only deny, and deny when they fail.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { buildPolicyFile } from '../../../policies/build-policy-file.ts'
import type { DecisionInput } from '../../../policies/contract/decision-input.ts'
import { PolicyFault } from '../../../policies/runtime/policy-fault.ts'
import { createCompiler } from '../../../policies/wasm/compile.ts'
import { loadGuardrailModules } from '../../../sidecar/guardrails/load-guardrail-modules.ts'
import { checkSidecarConfig } from '../../../sidecar/main.ts'
import type { GuardrailModules, LoadedPolicy } from '../../../sidecar/ports.ts'
import { exportPrivateJwk } from '../../../system/generate-key.ts'
import { createTestKey } from '../../support/issuer-fixture.ts'
import { openRaw, statusOf, until } from '../../support/raw-socket.ts'
import { DEVICE, OWNER, REQUESTER, RESOURCE, refusalOf, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'
import { ALLOW, DENY } from '../policies/hand-written-rego.ts'

// The first text waits for the compiler to start, seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const compiler = createCompiler()
let rig: SidecarRig | undefined
afterEach(async () => {
  await rig?.close()
  rig = undefined
})
afterAll(() => compiler.close())

async function build(file: string, text: string): Promise<Uint8Array> {
  const built = await buildPolicyFile({ text, file, now: Date.now(), compiler })
  if (!built.ok) throw new Error(JSON.stringify(built.error))
  return built.value.wasm
}

const notices: string[] = []

async function load(texts: { readonly rules?: string; readonly handWritten?: string }): Promise<GuardrailModules> {
  const file = async (name: string, text: string | undefined) => (text === undefined ? undefined : { path: name, bytes: await build(name, text) })
  return loadGuardrailModules({
    rules: await file('guardrails.yaml', texts.rules),
    handWritten: await file('night.rego', texts.handWritten),
    // More than the usual 50 ms, so that a busy machine does not end what is no bomb.
    decisionMilliseconds: 2_000,
    notice: (text) => notices.push(text),
  })
}

async function startWith(guardrails: GuardrailModules): Promise<SidecarRig> {
  rig = await startRig({ ports: { guardrails } })
  return rig
}

const bob = (of: SidecarRig) =>
  of.caller({ sub: REQUESTER, email: 'bob@example.test', email_verified: true, permissions: [{ resource_id: RESOURCE, resource_scopes: ['read'] }] })

const NOTHING_PASSES = 'version: 1\nguardrails:\n  - { name: Closed, what: [everything], may: [everything] }\n'
const NO_PLAYING = 'version: 1\nguardrails:\n  - { name: No playing, what: ["type:smart-guitar"], may: [play] }\n'
const BY_HAND = `package latchkey.sharing\ndefault decision := ${ALLOW}\ndecision := ${DENY} if input.scope == "read"\n`
const NOTES = `/guitars/${DEVICE}/notes`

test('owners are not above the operator, and what no guardrail denies goes on to the next check', async () => {
  const of = await startWith(await load({ rules: NO_PLAYING }))
  const denied = await of.call(of.device, 'POST', NOTES, { body: 'x' })
  expect(refusalOf(denied)).toEqual({ status: 403, error: 'policy_denied', reason: 'guardrail_denied' })
  expect(denied).not.toContain('No playing')
  expect(of.upstream.received()).toBe('')
  const line = JSON.parse(of.audit.at(-1) ?? '{}')
  expect(line).toMatchObject({ outcome: 'refused', reason: 'guardrail_denied', decision: ['guardrail'], sub: OWNER })
  expect(statusOf(await of.call(of.device))).toBe(200)
})

test('a requester whom the owner’s rules would refuse too hears of the guardrail first', async () => {
  const of = await startWith(await load({ rules: NOTHING_PASSES }))
  expect(refusalOf(await of.call(bob(of)))).toMatchObject({ status: 403, reason: 'guardrail_denied' })
})

test('an allow of a guardrail lets nobody in: the owner’s rules are still asked', async () => {
  const of = await startWith(await load({ rules: NO_PLAYING, handWritten: BY_HAND.replace('"read"', '"never"') }))
  expect(refusalOf(await of.call(bob(of)))).toMatchObject({ status: 403, reason: 'no_share_for_this' })
})

test('a proof and a live token come before the guardrails', async () => {
  const of = await startWith(await load({ rules: NOTHING_PASSES }))
  expect(refusalOf(await of.call(of.device, 'GET', undefined, { proof: { method: 'PUT' } }))).toMatchObject({ status: 401, error: 'invalid_dpop_proof' })
})

test('written by hand: denies with its own reason, in the log alone', async () => {
  const of = await startWith(await load({ handWritten: BY_HAND }))
  expect(refusalOf(await of.call(of.device))).toMatchObject({ status: 403, reason: 'guardrail_denied' })
  expect(JSON.parse(of.audit.at(-1) ?? '{}')).toMatchObject({ reason: 'guardrail_denied', decision: ['guardrail'] })
  expect(statusOf(await of.call(of.device, 'POST', NOTES, { body: 'x' }))).toBe(200)
})

describe('TR43: a name that anyone can claim never gets past a guardrail', () => {
  const KNOWN = 'known-app'
  const rules = (guardrail: string) => ({ rules: `version: 1\nguardrails:\n  - { name: App, what: [everything], may: [everything], ${guardrail} }\n` })
  const byHand = (body: string) => ({ handWritten: `package latchkey.sharing\n${body}\n` })
  const required = rules(`require: { client: ${KNOWN} }`)
  const requiredByHand = byHand(`default decision := ${DENY}\ndecision := ${ALLOW} if input.party.client_id == "${KNOWN}"`)
  const denied = rules(`who: ["client:${KNOWN}"]`)
  const deniedByHand = byHand(`default decision := ${ALLOW}\ndecision := ${DENY} if input.party.client_id == "${KNOWN}"`)
  test.each([
    { title: 'a required app', guardrails: required, claimed: 403, authenticated: 200 },
    { title: 'a required app in hand-written Rego', guardrails: requiredByHand, claimed: 403, authenticated: 200 },
    { title: 'a denied app', guardrails: denied, claimed: 403, authenticated: 403 },
    { title: 'a denied app in hand-written Rego', guardrails: deniedByHand, claimed: 403, authenticated: 403 },
    { title: 'another app than the denied one', guardrails: rules('who: ["client:other-app"]'), claimed: 200, authenticated: 200 },
  ])('TR43: $title: $claimed if the name is claimed, $authenticated if the app authenticated', async ({ guardrails, claimed, authenticated }) => {
    const of = await startWith(await load(guardrails))
    const status = async (more: object) => statusOf(await of.call(of.caller({ sub: OWNER, scope: 'read', client_id: KNOWN, ...more })))
    expect(await status({})).toBe(claimed)
    expect(await status({ client_authenticated: true })).toBe(authenticated)
  })
})

describe('a fault denies', () => {
  const throws = (): never => {
    throw new PolicyFault('broken')
  }
  const lax = (decision: object) => ({ evaluate: () => decision }) as unknown as LoadedPolicy
  test.each([
    { title: 'of the rules', guardrails: { rules: { evaluate: throws } } },
    { title: 'of the rules that is no PolicyFault', guardrails: { rules: { evaluate: () => JSON.parse('{') } } },
    { title: 'asks the owner', guardrails: { rules: lax({ effect: 'ask', reasons: [{ code: 'guardrail' }], obligations: [] }) } },
    {
      title: 'allows under an obligation',
      guardrails: { rules: lax({ effect: 'allow', reasons: [{ code: 'no_guardrail' }], obligations: [{ kind: 'notify', rule: 'x' }] }) },
    },
    {
      title: 'of the module written by hand',
      guardrails: { handWritten: { evaluate: async () => throws(), kills: () => 3, isQuarantined: () => true, close: async () => undefined } },
    },
  ])('$title: 403 for owner and requester, nothing is forwarded, and it is counted', async ({ guardrails }) => {
    const of = await startWith(guardrails)
    for (const caller of [of.device, bob(of)]) {
      expect(refusalOf(await of.call(caller))).toEqual({ status: 403, error: 'policy_denied', reason: 'guardrail_denied' })
      expect(JSON.parse(of.audit.at(-1) ?? '{}')).toMatchObject({ reason: 'guardrail_fault' })
    }
    expect(of.upstream.received()).toBe('')
    const metrics = await (await fetch(`${of.adminOrigin}/metrics`)).text()
    expect(metrics).toContain('latchkey_sidecar_requests_total{status="403",reason="guardrail_fault"} 2')
    if ('handWritten' in guardrails) expect(metrics).toContain('latchkey_sidecar_guardrail_quarantined 1')
  })
})

test('U15: what is under way ends when a guardrail begins to deny it', async () => {
  let isClosed = false
  const seen: DecisionInput[] = []
  const module = await load({ rules: NOTHING_PASSES })
  const open = await load({ rules: NO_PLAYING })
  const of = await startWith({
    rules: {
      evaluate(input) {
        seen.push(input)
        return ((isClosed ? module : open).rules as LoadedPolicy).evaluate(input)
      },
    },
  })
  of.upstream.answerWith((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n'))
  await of.nonce()
  const path = `/guitars/${DEVICE}/events`
  const client = await openRaw(of.origin)
  client.send(`GET ${path} HTTP/1.1\r\nHost: ${of.host}\r\n${of.device.headers('GET', path)}\r\n`)
  await client.waitFor('\r\n\r\n1')
  isClosed = true
  await client.waitForEnd(2_000)
  await until(() => of.audit.some((line) => line.includes('"outcome":"cut"') && line.includes('guardrail_denied')))
  expect(seen.every(({ resource }) => resource.key === DEVICE)).toBe(true)
})

describe('FA37: what is no guardrail stops the start, with file and remedy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-guardrails-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  beforeAll(() => {
    writeFileSync(join(folder, 'sidecar.key.json'), JSON.stringify(exportPrivateJwk(createTestKey().privateKey)), { mode: 0o600 })
  })

  async function check(option: string, bytes: Uint8Array | undefined) {
    rmSync(join(folder, 'g.wasm'), { force: true })
    if (bytes !== undefined) writeFileSync(join(folder, 'g.wasm'), bytes)
    writeFileSync(
      join(folder, 'sidecar.yaml'),
      `listen: { host: 127.0.0.1, port: 0 }
admin: { host: 127.0.0.1, port: 0 }
public_origin: http://127.0.0.1:9090
upstream: http://127.0.0.1:8080
authz_server: { issuer: "http://127.0.0.1:9400", client_id: sidecar-1, key_file: sidecar.key.json }
data_directory: ./data
guardrails: { ${option} }
routes:
  - { method: GET, path: "/guitars/{id}", resource: "{id}", scope: read }
`,
    )
    return checkSidecarConfig(join(folder, 'sidecar.yaml'))
  }

  const SHARES = 'version: 1\nshares:\n  - { name: S, who: [anyone-signed-in], what: [everything], may: [everything] }\n'

  test('good ones are taken', async () => {
    expect((await check('rules: g.wasm', await build('g.yaml', NO_PLAYING))).guardrails).toEqual({ rules: 'g.wasm', decision_milliseconds: 50 })
    expect((await check('hand_written: g.wasm, decision_milliseconds: 1000', await build('g.rego', BY_HAND))).guardrails).toMatchObject({
      decision_milliseconds: 1000,
    })
  })

  test.each([
    {
      title: 'a missing file',
      option: 'rules: g.wasm',
      bytes: async () => undefined,
      message: /guardrails\.rules: .*g\.wasm does not exist\. Give the path/,
    },
    {
      title: 'a missing file by hand',
      option: 'hand_written: g.wasm',
      bytes: async () => undefined,
      message: /guardrails\.hand_written: .*g\.wasm does not exist/,
    },
    {
      title: 'an empty file',
      option: 'rules: g.wasm',
      bytes: async () => new Uint8Array(),
      message: /guardrails\.rules: .*g\.wasm cannot be used: .*Build it again: latchkey policy build guardrails\.yaml -o/,
    },
    {
      title: 'the text instead of the module',
      option: 'rules: g.wasm',
      bytes: async () => Buffer.from(NO_PLAYING),
      message: /not a WebAssembly module\. Build it again/,
    },
    {
      title: 'a sharing policy',
      option: 'rules: g.wasm',
      bytes: () => build('s.yaml', SHARES),
      message: /it does not decide as guardrails do\. Build it again/,
    },
    {
      title: 'Rego by hand where it would run without limits',
      option: 'rules: g.wasm',
      bytes: () => build('g.rego', BY_HAND),
      message: /guardrails\.rules: .*it was not built from a guardrails file\. Build it again/,
    },
    {
      title: 'a module by hand cut short',
      option: 'hand_written: g.wasm',
      bytes: async () => (await build('g.rego', BY_HAND)).subarray(0, 1000),
      message: /guardrails\.hand_written: .*g\.wasm cannot be used: .*latchkey policy build guardrails\.rego -o/,
    },
    { title: 'no file at all', option: '', bytes: async () => undefined, message: /guardrails/ },
    {
      title: 'a limit out of range',
      option: 'rules: g.wasm, decision_milliseconds: 4',
      bytes: async () => undefined,
      message: /guardrails\.decision_milliseconds: 4 must be >= 5/,
    },
  ])('$title', async ({ option, bytes, message }) => {
    await expect(check(option, await bytes())).rejects.toThrow(message)
  })
})
