// An owner's saved rules in plain words, for pages. Kept by revision, so that opening a page again costs nothing.

import { LRUCache } from 'lru-cache'
import type { EpochSeconds } from '../../protocol/time.ts'
import { readMonotonic } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { PolicyHead } from '../store/policies-repository.ts'
import type { Resource } from '../store/resources-repository.ts'
import { listPublicClients } from '../tokens/is-authenticated-client.ts'
import { RulesUnavailable } from './rules-outcome.ts'
import type { RulesInWords } from './thread/job-types.ts'
import { inTurn } from './tool-limits.ts'

const KEPT_MAX = 500
const KEPT_MAX_CHARS = 16 * 1024 * 1024
/** Whether an end has passed is part of the words. */
const KEPT_SECONDS = 3600
const COST = 1

export interface KnownWords {
  readonly words: RulesInWords
  readonly keptUntil: EpochSeconds
}

export type RulesInWordsCache = LRUCache<string, KnownWords>

export const NO_RULES_IN_WORDS: RulesInWords = { shares: 0, sentences: [], more: 0, warnings: [] }

export function createRulesInWords(): RulesInWordsCache {
  return new LRUCache({ max: KEPT_MAX, maxSize: KEPT_MAX_CHARS, sizeCalculation: ({ words }) => sizeOf(words) })
}

export interface SeenRules {
  readonly policy: PolicyHead
  /** The owner's: warnings speak of them. */
  readonly things: readonly Resource[]
}

export async function readInWords(context: Context, seen: SeenRules, now: EpochSeconds): Promise<RulesInWords> {
  const known = context.rulesInWords.get(keyOf(seen))
  if (known !== undefined && known.keptUntil > now) return known.words
  const { policy, things } = seen
  const job = { kind: 'describe', owner: policy.owner, policy, things, publicClients: listPublicClients(context.config), now: now * 1000 } as const
  const outcome = await inTurn(
    context.toolLimits,
    { owner: policy.owner, cost: COST },
    { now: readMonotonic(context.ports.monotonic), run: () => context.policyEngine.run(job) },
  )
  if (!outcome.ok) throw new RulesUnavailable({ status: 503, reason: outcome.error })
  keepInWords(context, { ...seen, words: outcome.value }, now)
  return outcome.value
}

export function keepInWords(context: Context, { words, ...seen }: SeenRules & { readonly words: RulesInWords }, now: EpochSeconds): void {
  context.rulesInWords.set(keyOf(seen), { words, keptUntil: now + KEPT_SECONDS })
}

/** Other things may lead to other warnings. */
function keyOf({ policy, things }: SeenRules): string {
  const newest = things.reduce((latest, { createdAt }) => Math.max(latest, createdAt), 0)
  return `${policy.owner} ${policy.revision} ${policy.artifact} ${things.length} ${newest}`
}

function sizeOf({ sentences, warnings }: RulesInWords): number {
  const chars = [...sentences, ...warnings.map(({ message }) => message)].reduce((sum, text) => sum + text.length, 0)
  return chars + 1
}
