// TR01: whatever the authz server answers or sends, the process lives and says no, and good words are heard afterwards.
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { AUTHZ_JSON_MAX_BYTES } from '../../../sidecar/limits.ts'
import { createBreaker } from '../../../sidecar/uma/breaker.ts'
import { createTicketSource, type TicketOutcome } from '../../../sidecar/uma/ticket-source.ts'
import { statusOf, until } from '../../support/raw-socket.ts'
import { DEVICE, OWNER, refusalOf, type SidecarRig, startRig } from '../../support/sidecar-rig.ts'

const askWith = (fetch: () => Promise<Response>): Promise<TicketOutcome> => {
  const budget = { spend: () => true }
  return createTicketSource({ fetch, breaker: createBreaker(() => 0), budget: budget as never }).get(
    { resource_id: 'r', resource_scopes: ['read'] },
    { address: '192.0.2.1' },
  )
}

describe('TR01: answers to a permission request', () => {
  const created = (body: string | Uint8Array<ArrayBuffer> | ReadableStream | null) => () => Promise.resolve(new Response(body, { status: 201 }))
  const broken = () => new ReadableStream({ start: (controller) => controller.error(new Error('reset')) })
  test.each<[string, () => Promise<Response>]>([
    ['no body', created(null)],
    ['no JSON', created('<html>')],
    ['bytes that are no UTF-8', created(new Uint8Array([0xff, 0xfe, 0x00]))],
    ['null', created('null')],
    ['a list', created('["ticket"]')],
    ['a ticket that is a number', created('{"ticket":1}')],
    ['a ticket with a line end', created('{"ticket":"a\\r\\nX-A: 1"}')],
    ['a ticket with a quote', created('{"ticket":"a\\", x=\\""}')],
    ['a ticket that is too long', created(JSON.stringify({ ticket: 'x'.repeat(513) }))],
    ['an answer that is too long', created(JSON.stringify({ ticket: 'x', more: 'x'.repeat(AUTHZ_JSON_MAX_BYTES) }))],
    ['10,000 levels', created('['.repeat(10_000))],
    ['a body that breaks', created(broken())],
    ['another status', () => Promise.resolve(new Response('{"ticket":"x"}', { status: 200 }))],
    ['a fault', () => Promise.reject(new TypeError('fetch failed'))],
    ['a fault that is nothing', () => Promise.reject(undefined)],
  ])('TR01: %s', async (_, fetch) => expect(await askWith(fetch)).toEqual({ kind: 'unreachable' }))

  test('TR01: any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect((await askWith(created(new Uint8Array(bytes)))).kind).toBe('unreachable')
      }),
      { numRuns: 200 },
    )
  })

  test('TR01: and a good one', async () => expect(await askWith(created('{"ticket":"t-1"}'))).toEqual({ kind: 'ticket', ticket: 't-1' }))
})

describe('TR01: words of the feed', () => {
  let rig: SidecarRig
  afterEach(() => rig.close())

  test.each([
    ['binary', '\u0000\u0001\ufffd'],
    ['lone surrogates', '\ud800'],
    ['empty', ''],
    ['three dots', '...'],
    ['JSON', '{"kind":"change"}'],
    ['a token without signature', `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.`],
    ['a header of 10,000 levels', `${Buffer.from('['.repeat(10_000)).toString('base64url')}.e30.AA`],
    ['200 KB', 'x'.repeat(200_000)],
  ])('TR01: %s', async (_, text) => {
    rig = await startRig()
    rig.issuer.sendEvent(text)
    rig.issuer.sendEvent(text)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(statusOf(await rig.call(rig.device))).toBe(200)
    await until(() => rig.issuer.openStreams() > 0)
    rig.issuer.change({ kind: 'device', id: DEVICE, status: 'revoked', owner: OWNER, epoch: 1 })
    await until(async () => refusalOf(await rig.call(rig.device)).reason === 'device_revoked', 10_000)
  })
})
