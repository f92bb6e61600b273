// What the threads read of the database: the text of one revision, and the module of one digest. Both never change.
import type { Store } from '../store/store.ts'
import type { PolicyStore } from './policy-engine.ts'

export function createPolicyStore({ read }: Pick<Store, 'read'>): PolicyStore {
  return {
    loadText: ({ owner, revision }) => read.policies.findText(owner, revision),
    loadArtifact: (digest) => read.artifacts.find(digest),
  }
}
