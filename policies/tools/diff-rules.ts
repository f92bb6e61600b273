// `diff`: who gains and who loses from one text to another, and what is only written otherwise. It asks nobody and saves nothing.
import type { Change, Side } from '../analysis/compare-cell.ts'
import { diffPolicies, type PolicyDiff } from '../analysis/diff-policies.ts'
import type { Reworded } from '../analysis/list-reworded.ts'
import type { ChangeRow } from '../analysis/merge-changes.ts'
import { parsePolicy } from '../parse-policy.ts'
import { boundedBy, readOptions, refused, type TablePorts, type ToolResult, type ToolSource, tooLong } from './tool-result.ts'

/** Each of these people, with each of these things, for each of these abilities. */
export interface ListedChange {
  readonly change: Change
  readonly people: readonly string[]
  readonly things: readonly string[]
  readonly abilities: readonly string[]
  readonly before: Side
  readonly after: Side
  readonly text: string
}

export interface DiffResult extends ToolResult {
  /** Whether anybody's access is another than before; what is only reworded does not count. */
  readonly changed: boolean
  readonly gains: readonly ListedChange[]
  readonly loses: readonly ListedChange[]
  readonly limits: readonly ListedChange[]
  readonly reworded: readonly Reworded[]
  /** `sampled`: some rules combine in more ways than were tried. */
  readonly coverage?: PolicyDiff['coverage']
  readonly counts?: PolicyDiff['counts']
  /** In plain words, line by line. */
  readonly text: readonly string[]
}

export interface RulePair {
  readonly before: ToolSource
  readonly after: ToolSource
}

export const NO_CHANGE = { changed: false, gains: [], loses: [], limits: [], reworded: [], text: [] } as const

export function diffRules({ before, after }: RulePair, ports: TablePorts): DiffResult {
  const [was, is] = [parsePolicy(readOptions(before, ports)), parsePolicy(readOptions(after, ports))]
  if (!was.ok || !is.ok) return { ...refused([...(was.ok ? [] : was.error), ...(is.ok ? [] : is.error)]), ...NO_CHANGE }
  const texts = { before: before.text, after: after.text }
  const options = { before: was.value, after: is.value, household: ports.household ?? {}, now: ports.now, texts }
  const diff = boundedBy(ports, () => diffPolicies(options))
  if (diff === undefined) return { ...refused([tooLong(after)]), ...NO_CHANGE }
  const { gains, loses, limits, reworded, coverage, counts, text } = diff
  return {
    ok: true,
    diagnostics: [],
    warnings: [],
    changed: gains.length + loses.length + limits.length > 0,
    gains: gains.map(listed),
    loses: loses.map(listed),
    limits: limits.map(listed),
    reworded,
    coverage,
    counts,
    text,
  }
}

function listed({ change, people, things, abilities, before, after, text }: ChangeRow): ListedChange {
  const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id)
  return { change, people: ids(people), things: ids(things), abilities: ids(abilities), before, after, text }
}
