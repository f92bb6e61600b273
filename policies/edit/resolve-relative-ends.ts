// Writes an instant in place of each `for`: what a share was given for begins to run at the save. Every other byte stays; no clock but the one handed in.
import { isScalar } from 'yaml'
import { toUtcText } from '../conditions/instant.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { parseDuration } from '../duration.ts'
import { type PolicyText, parsePolicy } from '../parse-policy.ts'
import { ok, type Result } from '../result.ts'
import { checkedEditWithRules, type EditedText, refuse, type Values } from './checked-edit.ts'
import { renameEntry } from './rename-entry.ts'
import { entryOf, itemsOf, listOf, mapAt, readSource } from './source.ts'
import { applySplices, type Splice } from './splice.ts'

/** A text without `for` comes back as it is. `now` in milliseconds since 1970. */
export function resolveRelativeEnds(source: PolicyText & { readonly now: number }): Result<string, Diagnostic[]> {
  const resolved = resolveWithRules(source)
  return resolved.ok ? ok(resolved.value.text) : resolved
}

/** The same, with what the text says. A text that cannot hold a `for` is read once. */
export function resolveWithRules(source: PolicyText & { readonly now: number }): Result<EditedText, Diagnostic[]> {
  const before = parsePolicy(source)
  if (!before.ok) return before
  const unchanged = ok({ text: source.text, ruleSet: before.value })
  if (!MAY_HOLD_FOR.test(source.text)) return unchanged
  const nodes = readSource(source.text)
  const splices: Splice[] = []
  for (const [index] of itemsOf(listOf(nodes, 'shares')).entries()) {
    const map = mapAt(nodes, 'shares', index)
    const entry = map && entryOf(map, 'for')
    if (entry === undefined || !isScalar(entry.value)) continue
    const renamed = renameEntry(entry, { key: 'until', value: endAt(entry.value.value, source.now) }, nodes)
    if (!renamed.ok) return refuse(source, renamed.error.offset, renamed.error.code)
    splices.push(...renamed.value)
  }
  return splices.length === 0
    ? unchanged
    : checkedEditWithRules(source, { after: applySplices(source.text, splices), change: (values) => resolveValues(values, source.now) })
}

/** Also where escapes spell the key: nothing else of a key begins with a backslash. */
const MAY_HOLD_FOR = /for|\\/

function resolveValues(values: Values, now: number): Values {
  const shares = (values['shares'] ?? []) as readonly Values[]
  return {
    ...values,
    shares: shares.map((share) => {
      const { for: span, ...rest } = share
      return span === undefined ? share : { ...rest, until: endAt(span, now) }
    }),
  }
}

/** The schema and the reading took it for a span. */
function endAt(span: unknown, now: number): string {
  return toUtcText(now + (parseDuration(String(span)) ?? 0) * 1000)
}
