// Workflow commands: what an owner writes can neither end one nor begin another.
import { expect, test } from 'vitest'
import { defuseCommands, formatGithub } from '../../../cli/policy/format-github.ts'

test.each<[title: string, file: string, message: string, line: string]>([
  ['plain', 'a.yaml', 'Bad.', '::error file=a.yaml,line=3,col=7,title=bad_value::Bad.'],
  ['percent', 'a%0A.yaml', '100%0A', '::error file=a%250A.yaml,line=3,col=7,title=bad_value::100%250A'],
  ['line ends', 'a\r\n.yaml', 'x\r\n::set-env::y', '::error file=a%0D%0A.yaml,line=3,col=7,title=bad_value::x%0D%0A::set-env::y'],
  ['colon and comma in a property', 'c:,a.yaml', 'a: b, c', '::error file=c%3A%2Ca.yaml,line=3,col=7,title=bad_value::a: b, c'],
])('%s', (_title, file, message, line) => {
  expect(formatGithub({ file, line: 3, column: 7, code: 'bad_value', message })).toBe(line)
  expect(formatGithub({ file, line: 3, column: 7, code: 'bad_value', message, severity: 'warning' })).toBe(line.replace('::error', '::warning'))
})

test.each([
  ['::stop-commands::x\nplain', '| ::stop-commands::x\nplain'],
  ['a\n  ::debug::x', 'a\n  | ::debug::x'],
  ['##[error]x', '| ##[error]x'],
  ['a :: b', 'a :: b'],
])('%j is no command', (text, defused) => {
  expect(defuseCommands(text)).toBe(defused)
})
