// What the server asks of the threads in which owners' rules are read, and what they answer. Types only; everything in them can be copied between threads.
import type { DecisionInput } from '../../../policies/contract/decision-input.ts'
import type { Reason } from '../../../policies/contract/reasons.ts'
import type { Diagnostic } from '../../../policies/diagnostic.ts'
import type { PolicyHead } from '../../store/policies-repository.ts'
import type { Resource } from '../../store/resources-repository.ts'
import type { RuleToolName } from '../tool-costs.ts'

export type { PolicyHead } from '../../store/policies-repository.ts'

/** A diagnostic with the line of the text that it speaks of. */
export interface PlacedDiagnostic extends Diagnostic {
  readonly excerpt: string
}

/** What a page says about rules. */
export interface RulesInWords {
  readonly shares: number
  readonly sentences: readonly string[]
  /** Sentences that were left out because there are too many. */
  readonly more: number
  readonly warnings: readonly PlacedDiagnostic[]
}

export interface BuiltRules {
  readonly kind: 'built'
  /** With an instant in place of each `for`. */
  readonly text: string
  readonly digest: string
  readonly wasm: Uint8Array
  readonly inWords: RulesInWords
}

export interface WrongRules {
  readonly kind: 'wrong'
  readonly diagnostics: readonly PlacedDiagnostic[]
}

/** Seen with the owner's things. */
interface WithThings {
  /** Who pays for it. */
  readonly owner: string
  /** Milliseconds since 1970. */
  readonly now: number
  readonly things: readonly Resource[]
  /** Client ids of apps that do not authenticate. */
  readonly publicClients: readonly string[]
}

export interface BuildJob extends WithThings {
  readonly kind: 'build'
  readonly text: string
}

export interface DescribeJob extends WithThings {
  readonly kind: 'describe'
  readonly policy: PolicyHead
}

export interface Question {
  readonly input: DecisionInput
  /** An answer to a request becomes a share that names an address, so only verified ones may ask. */
  readonly mayAsk: boolean
  /** The name of a public client may be claimed by anybody: it can block, but it opens nothing. */
  readonly isClientAuthenticated: boolean
}

export interface AssessJob {
  readonly kind: 'assess'
  readonly policy: PolicyHead
  readonly questions: readonly Question[]
}

/** The share that lets somebody ask. */
export interface AskingShare {
  readonly line: number
  readonly name: string
  /** In plain words. */
  readonly limits: readonly string[]
}

export type Assessment =
  | { readonly kind: 'granted' }
  /** `eachTime`: the owner decides about every request. */
  | { readonly kind: 'ask'; readonly share: AskingShare; readonly reasons: readonly Reason[]; readonly eachTime: boolean }
  | { readonly kind: 'denied' }

export interface ApproveJob extends WithThings {
  readonly kind: 'approve'
  readonly policy: PolicyHead
  readonly email: string
  readonly resourceKey: string
  readonly asked: readonly { readonly scope: string; readonly question: Question }[]
  /** The last day, `2026-12-31`; undefined: no end. */
  readonly until: string | undefined
  /** The day of the answer. */
  readonly today: string
}

/** The rules have no share any more that lets them ask for this. */
export type ApproveAnswer = BuiltRules | WrongRules | { readonly kind: 'rule_gone' } | { readonly kind: 'each_time' }

export interface ToolJob extends WithThings {
  readonly kind: 'tool'
  readonly tool: RuleToolName
  /** The request as it came. */
  readonly body: Uint8Array
  /** What is saved; undefined if nothing is. */
  readonly policy: PolicyHead | undefined
}

export interface ToolAnswer {
  readonly status: 200 | 400
  /** JSON. */
  readonly body: Uint8Array
}

export type RuleJob = BuildJob | DescribeJob | AssessJob | ApproveJob | ToolJob

export interface AnswerOf {
  readonly build: BuiltRules | WrongRules
  readonly describe: RulesInWords
  readonly assess: readonly Assessment[]
  readonly approve: ApproveAnswer
  readonly tool: ToolAnswer
}

/** What the threads may ask of the server while they work. */
export interface HostCalls {
  /** Counts against the owner's budget. */
  readonly compile: (asked: { readonly rego: string; readonly owner: string }) => Promise<unknown>
  /** The text of this revision. */
  readonly loadText: (policy: PolicyHead) => Promise<string | undefined>
  readonly loadArtifact: (digest: string) => Promise<Uint8Array | undefined>
}
