// Carries out what the owner's rules ask of a JSON answer. An answer that cannot be looked through, or in which something cannot be done, is refused, never shown.
import type { PathStep, PlaceStep } from '../../policies/obligations/path.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import { TRANSFORM_MAX_VISITS } from '../limits.ts'
import type { AnswerObligation } from './answer-plan.ts'
import { dropRecent } from './drop-recent.ts'
import { type JsonNode, parseJsonText, printJsonText } from './json-text.ts'
import { buildPathTree, readPath } from './path-tree.ts'
import { hasAll, mustBeFound } from './required-places.ts'
import { roundValues } from './round-values.ts'
import { hideFields, keepFields } from './select-fields.ts'

export type TransformRefusal = 'cannot_hide' | 'obligation_impossible' | 'answer_too_recent' | 'place_not_found'

export interface TransformOptions {
  readonly obligations: readonly AnswerObligation[]
  /** Milliseconds since 1970. */
  readonly now: number
}

/** One way over the tree; gives why it cannot be done. */
type Pass = (root: JsonNode) => TransformRefusal | undefined

/** An empty body holds nothing to be hidden. */
export function transformAnswer(body: Buffer, options: TransformOptions): Result<Buffer, TransformRefusal> {
  if (body.length === 0) return ok(body)
  try {
    const { root, size } = parseJsonText(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body))
    const passes = planPasses(options)
    if (size * passes.length > TRANSFORM_MAX_VISITS) return err('cannot_hide')
    for (const pass of passes) {
      const refusal = pass(root)
      if (refusal !== undefined) return err(refusal)
    }
    return ok(Buffer.from(printJsonText(root)))
  } catch {
    return err('cannot_hide')
  }
}

/** What must be found is looked for first. Then what is too young goes, then what is not to be seen; what is left is made coarser. */
function planPasses({ obligations, now }: TransformOptions): readonly Pass[] {
  const passes: Pass[] = []
  const wanted = mustBeFound(obligations)
  // Of the answer as it came: what another rule takes out was there.
  if (wanted.length > 0) passes.push((root) => (hasAll(root, wanted) ? undefined : 'place_not_found'))
  for (const { path, seconds } of ofKind(obligations, 'delay')) {
    const steps = readPath(path).map(exactStep)
    passes.push((root) => delayRefusal(dropRecent(root, steps, now - seconds * 1000)))
  }
  for (const { paths } of ofKind(obligations, 'only_fields')) {
    const tree = buildPathTree(paths.map((path) => [path, true] as const))
    passes.push((root) => (keepFields(root, tree) ? undefined : 'cannot_hide'))
  }
  const hidden = ofKind(obligations, 'hide').flatMap(({ paths }) => paths.map((path) => [path, true] as const))
  const hiddenTree = buildPathTree(hidden, { foldsCase: true })
  if (hidden.length > 0) passes.push((root) => void hideFields(root, hiddenTree))
  const rounded = ofKind(obligations, 'round').map((obligation) => [obligation.path, obligation] as const)
  const roundedTree = buildPathTree(rounded, { foldsCase: true })
  if (rounded.length > 0) passes.push((root) => (roundValues(root, roundedTree) ? undefined : 'obligation_impossible'))
  return passes
}

function ofKind<K extends AnswerObligation['kind']>(
  obligations: readonly AnswerObligation[],
  kind: K,
): readonly Extract<AnswerObligation, { readonly kind: K }>[] {
  return obligations.filter((one) => one.kind === kind) as unknown as readonly Extract<AnswerObligation, { readonly kind: K }>[]
}

function delayRefusal(age: ReturnType<typeof dropRecent>): TransformRefusal | undefined {
  if (age === 'old') return undefined
  return age === 'recent' ? 'answer_too_recent' : 'obligation_impossible'
}

function exactStep({ step, deep }: PlaceStep): PathStep {
  if (deep) throw new Error('the time of an item has one exact place')
  return step
}
