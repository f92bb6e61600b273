// TR21: behind a proxy each client has its own address, for limits, rules, pages and logs; and nobody gets another one by writing a header field.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type AuthzWorld, startAuthzWorld } from '../../support/authz-world.ts'
import { createBob, createOwnerRules, type OwnerRules } from '../../support/owner-rules.ts'
import { sendRaw, statusOf, until } from '../../support/raw-socket.ts'
import { type Caller, DEVICE, refusalOf, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'
import { createVisitor } from '../../support/visitor.ts'

const TUNING = `/guitars/${DEVICE}/tuning`
const ALICE_HOME = '203.0.113.7'
const FAR_AWAY = '198.51.100.9'
const from = (address: string) => ({ 'x-forwarded-for': address })

describe('TR21: the confirm page', () => {
  let world: AuthzWorld
  afterEach(() => world.close())

  async function fromLine(changes: Parameters<typeof startAuthzWorld>[0], device: Record<string, string>, browser: Record<string, string>): Promise<string> {
    world = await startAuthzWorld(changes)
    await world.person('alice@example.test')
    const { user_code } = await world.startPairing('device:guitar-1', await world.device('guitar-1'), undefined, device)
    const alice = createVisitor(world.origin, browser)
    await alice.signIn('alice@example.test')
    const shown = await alice.submit('/device', '/device', { user_code })
    const { html } = await alice.open(shown.location)
    return /<dt>From<\/dt><dd>([^<]*)/.exec(html)?.[1] ?? html
  }

  const trusted = { trusted_proxies: ['127.0.0.1'] }
  test.each([
    { title: 'the same client', changes: trusted, device: from(ALICE_HOME), browser: from(ALICE_HOME), expected: 'the same network as this browser' },
    {
      title: 'one IPv6 network',
      changes: trusted,
      device: from('2001:db8::1'),
      browser: from('2001:db8::ffff:2'),
      expected: 'the same network as this browser',
    },
    {
      title: 'somebody far away',
      changes: trusted,
      device: from(FAR_AWAY),
      browser: from(ALICE_HOME),
      expected: `a different network than this browser (${FAR_AWAY})`,
    },
    { title: 'a device that the proxy does not name', changes: trusted, device: {}, browser: from(ALICE_HOME), expected: /^unknown/ },
    { title: 'a browser that the proxy does not name', changes: trusted, device: from(ALICE_HOME), browser: {}, expected: /^unknown/ },
    { title: 'two that the proxy does not name', changes: trusted, device: {}, browser: {}, expected: /^unknown/ },
    {
      title: 'two that name a network of proxies',
      changes: { trusted_proxies: ['127.0.0.1', '10.0.0.0/8'] },
      device: from('10.0.0.1'),
      browser: from('10.0.0.1'),
      expected: /^unknown/,
    },
    { title: 'a proxy that nobody configured', changes: {}, device: from(ALICE_HOME), browser: from(ALICE_HOME), expected: /^unknown/ },
    {
      title: 'a device that adds the field its proxy does not write',
      changes: trusted,
      device: { ...from(FAR_AWAY), forwarded: `for=${ALICE_HOME}` },
      browser: from(ALICE_HOME),
      expected: /^unknown/,
    },
  ])('TR21: $title', async ({ changes, device, browser, expected }) => {
    const line = await fromLine(changes, device, browser)
    if (typeof expected === 'string') expect(line).toBe(expected)
    else expect(line).toMatch(expected)
  })
})

describe('TR21: limits of the authz server', () => {
  let world: AuthzWorld
  beforeAll(async () => {
    world = await startAuthzWorld({ trusted_proxies: ['127.0.0.1'] })
  })
  afterAll(() => world.close())

  test('TR21: five wrong codes and thirty wrong passwords of one person lock nobody else', async () => {
    for (const name of ['mallory', 'alice']) await world.person(`${name}@example.test`)
    const mallory = createVisitor(world.origin, from(FAR_AWAY))
    const alice = createVisitor(world.origin, from(ALICE_HOME))
    await mallory.signIn('mallory@example.test')
    await alice.signIn('alice@example.test')
    const { user_code } = await world.startPairing('device:guitar-1', await world.device('guitar-1'))
    for (const last of 'BCDFGH') await mallory.submit('/device', '/device', { user_code: `BBBBBBB${last}` })
    const shown = await alice.submit('/device', '/device', { user_code })
    expect([shown.status, shown.location]).toEqual([303, expect.stringContaining('/device/confirm')])
    for (let turn = 0; turn < 31; turn += 1) await createVisitor(world.origin, from(FAR_AWAY)).signIn(`nobody${turn}@example.test`, 'wrong')
    expect((await createVisitor(world.origin, from(ALICE_HOME)).signIn('alice@example.test')).status).toBe(303)
  }, 60_000)

  test('TR21: the log has the client’s address', async () => {
    await createVisitor(world.origin, from(`10.1.1.1, ${ALICE_HOME}`)).signIn('alice@example.test', 'wrong')
    expect(world.log.filter(({ event }) => event === 'sign_in_refused').at(-1)?.facts).toEqual({ address: ALICE_HOME })
  })

  test('TR21: a warning names the address that is not trusted, once', async () => {
    const other = await startAuthzWorld()
    try {
      for (let turn = 0; turn < 3; turn += 1) await fetch(`${other.origin}/jwks`, { headers: from(ALICE_HOME) })
      const warnings = other.log.filter(({ event }) => event === 'forwarding_header_not_trusted')
      expect(warnings).toEqual([
        expect.objectContaining({ level: 'warn', facts: { address: '127.0.0.1', remedy: expect.stringContaining('trusted_proxies') } }),
      ])
    } finally {
      await other.close()
    }
  })
})

describe('TR21: the sidecar behind a trusted proxy', () => {
  let rig: SidecarRig
  let rules: OwnerRules
  let bob: Caller
  beforeAll(async () => {
    rules = createOwnerRules()
    rig = await startRig({ config: { trusted_proxies: ['127.0.0.1', '10.0.0.0/8'] } })
    bob = createBob(rig)
    await rules.share(rig, '    only: { from: [203.0.113.0/24] }\n')
  })
  afterAll(async () => {
    await rig.close()
    await rules.close()
  })
  const callAs = (headers: string) => rig.call(bob, 'GET', TUNING, { headers })

  test.each([
    { title: 'the address that the proxy names', headers: `X-Forwarded-For: ${ALICE_HOME}\r\n`, status: 200 },
    { title: 'the same as Forwarded', headers: `Forwarded: for=${ALICE_HOME};proto=https\r\n`, status: 200 },
    { title: 'through two proxies', headers: `X-Forwarded-For: ${ALICE_HOME}, 10.0.0.7\r\n`, status: 200 },
    { title: 'another address', headers: `X-Forwarded-For: ${FAR_AWAY}\r\n`, status: 403 },
    { title: 'an address that the client wrote itself', headers: `X-Forwarded-For: ${ALICE_HOME}, ${FAR_AWAY}\r\n`, status: 403 },
    { title: 'the field that the proxy does not write', headers: `X-Forwarded-For: ${FAR_AWAY}\r\nForwarded: for=${ALICE_HOME}\r\n`, status: 403 },
    { title: 'nothing', headers: '', status: 403 },
    { title: 'nonsense', headers: `X-Forwarded-For: ${ALICE_HOME}, nonsense\r\n`, status: 403 },
  ])('TR21: a rule about addresses sees $title: $status', async ({ headers, status }) => {
    expect(statusOf(await callAs(headers))).toBe(status)
  })

  test('TR21: the API and the audit line have the same address as the rule', async () => {
    rig.upstream.clear()
    rig.audit.length = 0
    expect(statusOf(await callAs(`X-Forwarded-For: 10.1.1.1, ${ALICE_HOME}\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: gopher\r\n`))).toBe(200)
    await until(() => rig.audit.some((line) => line.includes('"allowed"')))
    expect(JSON.parse(rig.audit.find((line) => line.includes('"allowed"')) ?? '')).toMatchObject({ ip: ALICE_HOME })
    expect(rig.upstream.received()).toMatch(new RegExp(`^x-forwarded-for: ${ALICE_HOME.replaceAll('.', '\\.')}\r?$`, 'im'))
    expect(rig.upstream.received()).toMatch(/^x-forwarded-proto: http\r?$/im)
    expect(rig.upstream.received()).not.toMatch(/evil|gopher|10\.1\.1\.1/)
  })

  test('TR21: where the client is not known, the API is not given the proxy for it', async () => {
    rig.upstream.clear()
    expect(statusOf(await rig.call(rig.device))).toBe(200)
    expect(rig.upstream.received()).toMatch(/^x-forwarded-for: unknown\r?$/im)
  })

  test('TR21: one caller without a token cannot use up the tickets of others', async () => {
    const ask = (address: string) => sendRaw(rig.origin, `GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\nX-Forwarded-For: ${address}\r\n\r\n`)
    let last = ''
    for (let turn = 0; turn < 75; turn += 1) last = await ask(FAR_AWAY)
    expect(last).not.toMatch(/ticket=/)
    expect(await ask(ALICE_HOME)).toMatch(/ticket=/)
  })
})

describe('TR21: the sidecar without trusted proxies', () => {
  let rig: SidecarRig
  afterEach(() => rig.close())

  test('TR21: nobody is believed, and the operator is warned once', async () => {
    rig = await startRig()
    const ask = () =>
      sendRaw(rig.origin, `GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\nX-Forwarded-For: ${ALICE_HOME}\r\nForwarded: for=${ALICE_HOME}\r\n\r\n`)
    for (let turn = 0; turn < 3; turn += 1) expect(refusalOf(await ask()).status).toBe(401)
    expect(rig.audit.every((line) => line.includes('"ip":"127.0.0.1"'))).toBe(true)
    expect(rig.notices.filter((notice) => notice.includes('trusted_proxies'))).toHaveLength(1)
  })

  test('TR21: callers without a token use up the tickets of their address, but not of a person who proves a token from there', async () => {
    rig = await startRig()
    const askUntilLimited = async (ask: () => Promise<string>) => {
      let [answer, turns] = [await ask(), 1]
      for (; answer.includes('ticket=') && turns < 500; turns += 1) answer = await ask()
      return { hasTicket: answer.includes('ticket='), status: statusOf(answer) }
    }
    expect(await askUntilLimited(() => sendRaw(rig.origin, `GET ${TUNING} HTTP/1.1\r\nHost: ${rig.host}\r\n\r\n`))).toEqual({ hasTicket: false, status: 401 })
    const [stranger, another] = ['person-7', 'person-8'].map((sub) => rig.caller({ sub, email: `${sub}@example.test`, email_verified: true }))
    if (stranger === undefined || another === undefined) throw new Error('two callers were made')
    expect(await rig.call(stranger, 'GET', TUNING)).toMatch(/ticket=/)
    expect(await askUntilLimited(() => rig.call(stranger, 'GET', TUNING))).toEqual({ hasTicket: false, status: 429 })
    expect(await rig.call(another, 'GET', TUNING)).toMatch(/ticket=/)
  })
})
