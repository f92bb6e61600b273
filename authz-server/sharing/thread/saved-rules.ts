// The saved rules that were asked about lately, read and loaded once: what a revision says never changes. Bounded by count and by size.
import { LRUCache } from 'lru-cache'
import type { RuleSet } from '../../../policies/model/rule-set.ts'
import { parsePolicy } from '../../../policies/parse-policy.ts'
import { loadPolicyModule, type PolicyModule } from '../../../policies/runtime/policy-module.ts'
import type { CallHost } from '../../../policies/threads/serve-jobs.ts'
import { RULES_FILE } from '../rules-file.ts'
import type { PolicyHead } from './job-types.ts'

/** A module in use takes about 100 KB. */
const MODULES_MAX = 100
const RULE_SETS_MAX = 200
/** Of text; what is built from it takes some twenty times as much. */
const RULE_SETS_MAX_CHARS = 2 * 1024 * 1024

export interface SavedText {
  readonly text: string
  readonly ruleSet: RuleSet
}

export interface SavedRules {
  read(policy: PolicyHead, call: CallHost): Promise<SavedText>
  load(policy: PolicyHead, call: CallHost): Promise<PolicyModule>
}

export function createSavedRules(): SavedRules {
  const texts = new LRUCache<string, SavedText>({ max: RULE_SETS_MAX, maxSize: RULE_SETS_MAX_CHARS, sizeCalculation: ({ text }) => text.length + 1 })
  const modules = new LRUCache<string, PolicyModule>({ max: MODULES_MAX })
  return {
    async read(policy, call) {
      const key = `${policy.owner} ${policy.revision} ${policy.artifact}`
      const known = texts.get(key)
      if (known !== undefined) return known
      const text = await call('loadText', policy)
      if (typeof text !== 'string') throw new Error(`revision ${policy.revision} of the rules of ${policy.owner} is not in the store`)
      const rules = parsePolicy({ text, file: RULES_FILE, saved: true })
      if (!rules.ok) throw new Error(`the saved rules of ${policy.owner} cannot be read: ${rules.error[0]?.message ?? ''}`)
      const saved = { text, ruleSet: rules.value }
      texts.set(key, saved)
      return saved
    },
    async load({ artifact }, call) {
      const known = modules.get(artifact)
      if (known !== undefined) return known
      const wasm = await call('loadArtifact', artifact)
      if (!(wasm instanceof Uint8Array)) throw new Error(`the artifact ${artifact} is not in the store`)
      const module = await loadPolicyModule(wasm)
      modules.set(artifact, module)
      return module
    },
  }
}
