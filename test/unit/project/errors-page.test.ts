// docs/errors.md and the code name the same codes, both ways.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CLIENT_ERROR_CODES } from '../../../device/errors.ts'
import { REASON_CODES } from '../../../policies/contract/reasons.ts'
import { OAUTH_ERROR_CODES } from '../../../protocol/oauth/messages.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const page = readFileSync(join(ROOT, 'docs', 'errors.md'), 'utf8')

/** The codes in the first cells of a section's table. */
function codesOf(section: string): readonly string[] {
  const text = page.split(`\n## ${section}\n`)[1]?.split('\n## ')[0] ?? ''
  return [...text.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, code = '']) => code)).sort()
}

/** The members of a closed list that the compiler keeps complete. */
function readSource(file: string, pattern: RegExp): readonly string[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  return [...new Set([...text.matchAll(pattern)].map(([, code = '']) => code))].sort()
}

test.each([
  { section: 'Sidecar', codes: readSource('sidecar/refuse/answer-for.ts', /^ {4}case '(\w+)':/gm) },
  { section: 'Decision reasons', codes: [...REASON_CODES].sort() },
  { section: 'OAuth and UMA errors', codes: [...OAUTH_ERROR_CODES].sort() },
  { section: 'Rows of a device manifest', codes: readSource('authz-server/registry/manifest-row.ts', /^ {2}\| '(\w+)'$/gm) },
  { section: 'The device SDK', codes: [...CLIENT_ERROR_CODES].sort() },
])('$section: the page and the code name the same codes', ({ section, codes }) => {
  expect(codes.length).toBeGreaterThan(5)
  expect(codesOf(section)).toEqual(codes)
})
