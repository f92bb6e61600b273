// Saves an owner's rules: compiled first, then text, version, module and the sidecars' notice in one transaction. What does not compile changes nothing.
import type { Diagnostic } from '../../policies/diagnostic.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { Policy } from '../store/policies-repository.ts'
import type { Repositories } from '../store/repositories.ts'
import type { BuiltPolicy } from './policy-engine.ts'

export interface PolicySave {
  readonly owner: string
  readonly text: string
  /** The revision that the text was made from; 0 if there was none. */
  readonly fromRevision: number
  /** Done in the same transaction. If it answers false, nothing is saved. */
  readonly also?: (repositories: Repositories) => Promise<boolean>
}

export type SaveRefusal =
  | { readonly reason: 'text_wrong'; readonly diagnostics: readonly Diagnostic[] }
  /** Somebody saved since; `current` is what stands now. */
  | { readonly reason: 'revision_stale'; readonly current: Policy | undefined }
  | { readonly reason: 'also_refused' }

/** The owner's new revision. */
export async function savePolicy(context: Context, save: PolicySave, now: EpochSeconds): Promise<Result<number, SaveRefusal>> {
  const before = await context.store.read.policies.find(save.owner)
  // Looked at before the compiler is troubled; the transaction looks again.
  if ((before?.revision ?? 0) !== save.fromRevision) return err({ reason: 'revision_stale', current: before })
  const things = await context.store.read.resources.listOfOwner(save.owner)
  const text = context.policyEngine.resolve(save.text, now)
  if (!text.ok) return err({ reason: 'text_wrong', diagnostics: text.error })
  const built = await context.policyEngine.build(text.value, { now, things })
  if (!built.ok) return err({ reason: 'text_wrong', diagnostics: built.error })
  const outcome = await commit(context, { ...save, text: text.value, built: built.value }, now)
  if (outcome === 'revision_stale') return err({ reason: outcome, current: await context.store.read.policies.find(save.owner) })
  if (outcome === 'also_refused') return err({ reason: outcome })
  context.ports.log.info('policy_saved', { owner: save.owner, revision: save.fromRevision + 1, artifact: built.value.digest })
  return ok(save.fromRevision + 1)
}

type Outcome = 'saved' | 'revision_stale' | 'also_refused'

/** Thrown to undo a transaction whose outcome is known. */
class Undo extends Error {}

async function commit(context: Context, save: PolicySave & { readonly built: BuiltPolicy }, now: EpochSeconds): Promise<Outcome> {
  let outcome: Outcome = 'saved'
  try {
    await context.store.transaction(async (repositories) => {
      outcome = await write(repositories, save, now)
      if (outcome !== 'saved') throw new Undo()
    })
  } catch (fault) {
    if (!(fault instanceof Undo)) throw fault
  }
  return outcome
}

async function write(repositories: Repositories, save: PolicySave & { readonly built: BuiltPolicy }, now: EpochSeconds): Promise<Outcome> {
  const { owner, text, built } = save
  const revision = save.fromRevision + 1
  await repositories.artifacts.add(built, now)
  if (!(await repositories.policies.saveNext({ owner, revision, text, artifact: built.digest, savedAt: now }))) return 'revision_stale'
  if (save.also !== undefined && !(await save.also(repositories))) return 'also_refused'
  await repositories.feedLog.append([{ kind: 'owner', owner, policy_revision: revision, artifact: built.digest }], now)
  return 'saved'
}
