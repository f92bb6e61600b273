// When a device polls next (RFC 8628 section 3.5), both edges of each rule.
import { expect, test } from 'vitest'
import { afterPoll, afterWait, nextWait, type PollEvent, startSchedule } from '../../../device/poll-schedule.ts'

function waits(events: readonly PollEvent[], interval?: number, expires = 10_000): (number | undefined)[] {
  let schedule = startSchedule(expires, interval)
  const out = [nextWait(schedule)]
  for (const event of events) {
    const wait = nextWait(schedule)
    if (wait !== undefined) schedule = afterWait(schedule, wait)
    schedule = afterPoll(schedule, event)
    out.push(nextWait(schedule))
  }
  return out
}

test.each<{ title: string; events: PollEvent[]; interval?: number; expected: (number | undefined)[] }>([
  { title: 'waits 5 s if the server names no interval', events: [], expected: [5] },
  { title: 'waits as long as the server says', events: ['pending'], interval: 30, expected: [30, 30] },
  { title: 'adds 5 s at slow_down, for good', events: ['slow_down', 'pending', 'pending'], interval: 5, expected: [5, 10, 10, 10] },
  { title: 'adds 5 s at each slow_down', events: ['slow_down', 'slow_down'], interval: 5, expected: [5, 10, 15] },
  { title: 'doubles while the server is away', events: ['unreachable', 'unreachable', 'unreachable'], interval: 5, expected: [5, 10, 20, 40] },
  { title: 'doubles up to a minute', events: Array(6).fill('unreachable') as PollEvent[], interval: 5, expected: [5, 10, 20, 40, 60, 60, 60] },
  { title: 'returns to the interval when the server is back', events: ['unreachable', 'unreachable', 'pending'], interval: 5, expected: [5, 10, 20, 5] },
  { title: 'keeps what slow_down added when the server is back', events: ['slow_down', 'unreachable', 'pending'], interval: 5, expected: [5, 10, 20, 10] },
  { title: 'never waits less than an interval longer than a minute', events: ['unreachable'], interval: 90, expected: [90, 90] },
])('RFC 8628 3.5: $title', ({ events, interval, expected }) => {
  expect(waits(events, interval)).toEqual(expected)
})

test.each([
  { expires: 10, expected: [5, 5, undefined] },
  { expires: 9, expected: [5, undefined, undefined] },
  { expires: 4, expected: [undefined, undefined, undefined] },
])('RFC 8628 3.2: polls for a code of $expires s only while it can be alive', ({ expires, expected }) => {
  expect(waits(['pending', 'pending'], 5, expires)).toEqual(expected)
})
