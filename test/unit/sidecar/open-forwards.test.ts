// What is being forwarded is judged again and again; a judgement that fails is a no for that request alone.
import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { ok } from '../../../protocol/result.ts'
import { createOpenForwards, type JudgeAgain, type OpenForward, type OpenForwards } from '../../../sidecar/proxy/open-forwards.ts'
import { until } from '../../support/raw-socket.ts'

let forwards: OpenForwards
afterEach(() => forwards.stop())

function openForward(id: string): OpenForward & { readonly cut: Promise<void> } {
  let onCut = (): void => undefined
  const cut = new Promise<void>((resolve) => {
    onCut = resolve
  })
  const response = Object.assign(new EventEmitter(), { req: { httpVersionMinor: 1 } as IncomingMessage, headersSent: true, socket: null, destroy: onCut })
  return {
    permit: { purpose: id } as OpenForward['permit'],
    record: { requestId: id, at: 0 as never, peer: { address: '', kind: 'client' } },
    response: response as unknown as ServerResponse,
    abandon: () => undefined,
    cut,
  }
}

test.each<[string, (id: string) => ReturnType<JudgeAgain>]>([
  ['rejects', () => Promise.reject(new Error('no policy'))],
  ['rejects with nothing', () => Promise.reject(undefined)],
])('TR01: a judge that %s cuts that request, and no other', async (_, fail) => {
  const judged: string[] = []
  forwards = createOpenForwards((permit) => {
    const id = permit.purpose ?? ''
    judged.push(id)
    return id === 'bad' ? fail(id) : Promise.resolve(ok(permit))
  })
  const bad = openForward('bad')
  const good = openForward('good')
  forwards.add(bad)
  forwards.add(good)
  forwards.recheck()
  await bad.cut
  expect(bad.record).toMatchObject({ cut: true, reason: 'internal_fault' })
  expect(good.record.cut).toBeUndefined()
  forwards.remove(bad)
  forwards.recheck()
  await until(() => judged.filter((id) => id === 'good').length > 1)
})

test('TR01: a judge that throws at once cuts all', async () => {
  forwards = createOpenForwards(() => {
    throw new Error('a fault of ours')
  })
  const one = openForward('one')
  forwards.add(one)
  forwards.recheck()
  await one.cut
  expect(one.record).toMatchObject({ cut: true, reason: 'internal_fault' })
})
