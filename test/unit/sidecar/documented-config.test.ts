// TR11, TR12, TR17, TR69: every YAML example of docs/sidecar.md is accepted as it is printed.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseConfig } from '../../../sidecar/config/parse-config.ts'

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'sidecar.md'), 'utf8')
const examples = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text)
const whole = parse(examples[0] ?? '') as Record<string, unknown>

test.each(examples.map((text, index) => ({ title: text.split('\n', 1)[0], text, index })))(
  'TR11, TR12, TR17, TR69: the example that begins with "$title"',
  ({ text }) => {
    const value = parse(text) as unknown
    const config = Array.isArray(value) ? { ...whole, routes: value } : { ...whole, ...(value as object) }
    const parsed = parseConfig(JSON.stringify(config))
    expect(parsed.ok ? [] : parsed.error).toEqual([])
    expect(examples.length).toBeGreaterThan(3)
  },
)
