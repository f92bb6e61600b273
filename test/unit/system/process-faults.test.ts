// TR01: a fault that nothing caught: what is logged, what ends the program, and that output which nobody reads does not.
import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import type { Log } from '../../../system/log.ts'
import { ignoreBrokenOutput, watchFaults } from '../../../system/process-faults.ts'

function watch() {
  const lines: string[] = []
  const ends: string[] = []
  const source = new EventEmitter()
  const write = (event: string, facts: unknown) => void lines.push(`${event} ${JSON.stringify(facts)}`)
  const log: Log = { debug: write, info: write, warn: write, error: write }
  const stop = watchFaults(source, { log, end: () => void ends.push('end') })
  return { source, lines, ends, stop }
}

const SECRET = 'eyJhbGciOiJFUzI1NiJ9.secret'
const withCode = Object.assign(new TypeError(`bad token ${SECRET}`), { code: 'ERR_INVALID_CHAR' })

test.each([
  { title: 'an error', cause: withCode, expected: /"name":"TypeError","code":"ERR_INVALID_CHAR","at":\["at .*process-faults\.test\.ts:\d+:\d+/ },
  { title: 'an error whose message spans lines', cause: new Error(`a\nat ${SECRET}\nb`), expected: /"name":"Error"/ },
  { title: 'an error with a code from outside', cause: Object.assign(new Error('x'), { code: SECRET }), expected: /"name":"Error","at"/ },
  { title: 'a string', cause: SECRET, expected: /"name":"string","at":\[\]/ },
  { title: 'nothing', cause: undefined, expected: /"name":"undefined"/ },
])('TR01: $title that is rejected is logged without its message, and ends nothing', ({ cause, expected }) => {
  const { source, lines, ends } = watch()
  source.emit('unhandledRejection', cause)
  expect(lines).toEqual([expect.stringMatching(/^unhandled_rejection /)])
  expect(lines[0]).toMatch(expected)
  expect(lines[0]).not.toContain('secret')
  expect(ends).toEqual([])
})

test('TR01: an exception that nothing caught is logged, and ends the program once', () => {
  const { source, lines, ends } = watch()
  source.emit('uncaughtException', withCode)
  source.emit('uncaughtException', new Error(SECRET))
  expect(lines).toEqual([expect.stringMatching(/^uncaught_exception /), expect.stringMatching(/^uncaught_exception /)])
  expect(lines.join()).not.toContain('secret')
  expect(ends).toEqual(['end'])
})

test('TR01: nothing is heard after the end', () => {
  const { source, stop } = watch()
  stop()
  expect(source.eventNames()).toEqual([])
})

test('TR01: a stream that nobody reads ends nothing', () => {
  const stream = new EventEmitter()
  expect(() => stream.emit('error', new Error('EPIPE'))).toThrow('EPIPE')
  ignoreBrokenOutput(stream)
  expect(stream.emit('error', new Error('EPIPE'))).toBe(true)
})
