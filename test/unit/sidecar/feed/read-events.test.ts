import { expect, test } from 'vitest'
import { readEvents } from '../../../../sidecar/feed/read-events.ts'

async function* slices(text: string, bytes: number): AsyncGenerator<Uint8Array> {
  const whole = Buffer.from(text)
  for (let at = 0; at < whole.length; at += bytes) yield whole.subarray(at, at + bytes)
}

async function readAll(text: string, { bytes = 1024, max }: { readonly bytes?: number; readonly max?: number } = {}): Promise<readonly string[]> {
  const events: string[] = []
  for await (const event of readEvents(slices(text, bytes), max)) events.push(event)
  return events
}

test.each([
  { title: 'one event', text: 'data: a\n\n', events: ['a'] },
  { title: 'two events in one piece', text: 'data: a\n\ndata: b\n\n', events: ['a', 'b'] },
  { title: 'no space after the colon', text: 'data:a\n\n', events: ['a'] },
  { title: 'lines ended by CRLF', text: 'data: a\r\n\r\n', events: ['a'] },
  { title: 'several lines as one text', text: 'data: a\ndata: b\n\n', events: ['a\nb'] },
  { title: 'comments and other fields left out', text: ': hello\nid: 4\nevent: x\ndata: a\n\n', events: ['a'] },
  { title: 'an event that was never finished left out', text: 'data: a\n\ndata: b\n', events: ['a'] },
  { title: 'empty lines alone', text: '\n\n\n', events: [] },
])('reads $title, whole or byte by byte', async ({ text, events }) => {
  expect(await readAll(text)).toEqual(events)
  expect(await readAll(text, { bytes: 1 })).toEqual(events)
})

test('characters of several bytes survive being cut', async () => {
  expect(await readAll('data: Zoë 🎸\n\n', { bytes: 1 })).toEqual(['Zoë 🎸'])
})

test('bytes that are no UTF-8 break the stream', async () => {
  async function* body() {
    yield Buffer.from([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x0a, 0x0a])
  }
  await expect(readEvents(body()).next()).rejects.toThrow()
})

test('an event may be as long as the limit, and no longer, however it is cut into lines', async () => {
  const max = 100
  const line = (length: number) => `data:${'x'.repeat(length - 5)}\n`
  expect((await readAll(`${line(100)}\n`, { max })).length).toBe(1)
  expect((await readAll(`${line(50)}${line(50)}\n${line(100)}\n`, { max })).length).toBe(2)
  await expect(readAll(`${line(101)}\n`, { max })).rejects.toThrow('longer')
  await expect(readAll(`${line(101)}\n`, { max, bytes: 7 })).rejects.toThrow('longer')
  await expect(readAll(`${line(50)}${line(51)}\n`, { max })).rejects.toThrow('longer')
  await expect(readAll('data:\n'.repeat(21), { max })).rejects.toThrow('longer')
})

test('a line that never ends is given up at the limit', async () => {
  let sent = 0
  async function* endless() {
    for (;;) {
      sent += 10
      yield Buffer.from('data:xxxxx')
    }
  }
  await expect(readEvents(endless(), 1000).next()).rejects.toThrow('longer')
  expect(sent).toBeLessThan(1100)
})
