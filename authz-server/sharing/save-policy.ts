// Saves an owner's rules: compiled first, then text, version, module and the sidecars' notice in one transaction. What does not compile changes nothing.
import type { DiagnosticCode } from '../../policies/diagnostic.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { Policy } from '../store/policies-repository.ts'
import type { Repositories } from '../store/repositories.ts'
import type { Resource } from '../store/resources-repository.ts'
import { listPublicClients } from '../tokens/is-authenticated-client.ts'
import { keepInWords } from './rules-in-words.ts'
import type { BuiltRules, PlacedDiagnostic } from './thread/job-types.ts'

export interface PolicySave {
  readonly owner: string
  readonly text: string
  /** The revision that the text was made from; 0 if there was none. */
  readonly fromRevision: number
  /** Saves nothing if there are rules that would do nothing, so that the owner can be asked first. */
  readonly asksFirst?: boolean
}

export type SaveRefusal =
  /** The rules are right, but some of them do nothing as they are; nothing is saved before the owner says so. */
  | { readonly reason: 'warnings'; readonly warnings: readonly PlacedDiagnostic[] }
  | { readonly reason: 'text_wrong'; readonly diagnostics: readonly PlacedDiagnostic[] }
  /** The text is more than this server works on; a sentence with the remedy. */
  | { readonly reason: 'text_too_much'; readonly message: string }
  /** Somebody saved since; `current` is what is saved now. */
  | { readonly reason: 'revision_stale'; readonly current: Policy | undefined }

/** Words that stand for nobody and nothing: most likely misspelled, and the rule does nothing. Other warnings are shown beside the saved rules. */
const ASKED_ABOUT: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>(['unknown_thing', 'unknown_ability', 'public_client'])

/** The owner's new revision. */
export async function savePolicy(context: Context, save: PolicySave, now: EpochSeconds): Promise<Result<number, SaveRefusal>> {
  const { owner, text, fromRevision, asksFirst = false } = save
  const before = await context.store.read.policies.findHead(owner)
  // Looked at before the compiler is troubled; the transaction looks again.
  if ((before?.revision ?? 0) !== fromRevision) return stale(context, owner)
  const things = await context.store.read.resources.listOfOwner(owner)
  const built = await context.policyEngine.run({ kind: 'build', owner, text, things, publicClients: listPublicClients(context.config), now: now * 1000 })
  if (!built.ok) return err({ reason: 'text_too_much', message: built.error })
  if (built.value.kind === 'wrong') return err({ reason: 'text_wrong', diagnostics: built.value.diagnostics })
  const doubts = built.value.inWords.warnings.filter(({ code }) => ASKED_ABOUT.has(code))
  // Who has no things yet writes rules for things to come.
  if (asksFirst && things.length > 0 && doubts.length > 0) return err({ reason: 'warnings', warnings: doubts })
  const outcome = await commitBuilt(context, { owner, fromRevision, built: built.value, things }, now)
  return outcome === 'saved' ? ok(fromRevision + 1) : stale(context, owner)
}

async function stale(context: Context, owner: string): Promise<Result<never, SaveRefusal>> {
  return err({ reason: 'revision_stale', current: await context.store.read.policies.find(owner) })
}

export interface BuiltSave {
  readonly owner: string
  readonly fromRevision: number
  readonly built: BuiltRules
  readonly things: readonly Resource[]
  /** Done in the same transaction. If it answers false, nothing is saved. */
  readonly also?: (repositories: Repositories) => Promise<boolean>
}

export type CommitOutcome = 'saved' | 'revision_stale' | 'also_refused'

/** Thrown to undo a transaction whose outcome is known. */
class Undo extends Error {}

export async function commitBuilt(context: Context, save: BuiltSave, now: EpochSeconds): Promise<CommitOutcome> {
  let outcome: CommitOutcome = 'saved'
  try {
    await context.store.transaction(async (repositories) => {
      outcome = await write(repositories, save, now)
      if (outcome !== 'saved') throw new Undo()
    })
  } catch (fault) {
    if (!(fault instanceof Undo)) throw fault
  }
  if (outcome !== 'saved') return outcome
  const { owner, built, things } = save
  const policy = { owner, revision: save.fromRevision + 1, artifact: built.digest }
  keepInWords(context, { policy, things, words: built.inWords }, now)
  context.ports.log.info('policy_saved', policy)
  return 'saved'
}

async function write(repositories: Repositories, save: BuiltSave, now: EpochSeconds): Promise<CommitOutcome> {
  const { owner, built, fromRevision } = save
  const { text, digest, wasm } = built
  const revision = fromRevision + 1
  await repositories.artifacts.add({ digest, wasm }, now)
  if (!(await repositories.policies.saveNext({ owner, revision, text, artifact: digest, savedAt: now }))) return 'revision_stale'
  if (save.also !== undefined && !(await save.also(repositories))) return 'also_refused'
  await repositories.feedLog.append([{ kind: 'owner', owner, policy_revision: revision, artifact: digest }], now)
  return 'saved'
}
