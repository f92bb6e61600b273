// Exact places in `hide` and `round`: what stands elsewhere in an answer is still shown as it is, and only a real answer tells whether anything does.
import type { Obligation } from '../../contract/obligations.ts'
import { anywhereName, parsePath, placeWords, readPlace } from '../../obligations/path.ts'
import { childPointer } from '../../yaml/read-yaml.ts'
import type { Warning, WarningContext } from './warning-context.ts'

const VERBS = { hide: 'hides', round: 'rounds' } as const

/** Not for `only_fields`, which shows less where it misses, and not beside `must: found`, which refuses what misses. */
export function findExactPlaces(context: WarningContext): readonly Warning[] {
  return context.ruleSet.shares.flatMap((share, index) => {
    const places = share.obligations.flatMap(placesOf)
    return places.flatMap(({ kind, path }): readonly Warning[] => {
      const name = lastName(path)
      const covered = name === undefined || places.some((other) => other.kind === kind && anywhereName(other.path)?.toLowerCase() === name.toLowerCase())
      if (covered) return []
      const message = `${path} ${VERBS[kind]} only this exact place. Any other "${name}" in the response, e.g. inside a list, is shown unchanged. Write ${wordOf(name)} to mean it everywhere, or add "must: found" to refuse responses without it.`
      return [{ ...placeOf(context, { kind, path, index, line: share.line }), code: 'exact_place', message }]
    })
  })
}

interface ExactPlace {
  readonly kind: 'hide' | 'round'
  readonly path: string
}

function placesOf(obligation: Obligation): readonly ExactPlace[] {
  if (obligation.kind === 'hide' && obligation.must === undefined) return obligation.paths.map((path) => ({ kind: 'hide', path }))
  return obligation.kind === 'round' && obligation.must === undefined ? [{ kind: 'round', path: obligation.path }] : []
}

/** Undefined where the path already covers every depth, or names nothing. */
function lastName(path: string): string | undefined {
  const steps = parsePath(path) ?? []
  return steps.some(({ deep }) => deep) ? undefined : (steps.findLast(({ step }) => step !== null)?.step ?? undefined)
}

function wordOf(name: string): string {
  return placeWords(readPlace(name)) === readPlace(name) ? readPlace(name) : `"${name}"`
}

function placeOf({ yaml, place, placeOfKey }: WarningContext, { kind, path, index, line }: ExactPlace & { readonly index: number; readonly line: number }) {
  const shares = ((yaml?.value ?? {}) as { readonly shares?: readonly Readonly<Record<string, unknown>>[] }).shares ?? []
  const written = shares[index]?.[kind]
  if (kind === 'round') return placeOfKey(childPointer(`/shares/${index}/round`, path))
  const at = Array.isArray(written) ? written.indexOf(path) : -1
  return place(at < 0 ? `/shares/${index}` : `/shares/${index}/hide/${at}`, line)
}
