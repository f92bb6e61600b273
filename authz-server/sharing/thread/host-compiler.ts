// The server's compiler as a thread sees it: one for all threads, since it takes 350 MB. It compiles nothing itself.
import type { CallHost } from '../../../policies/threads/serve-jobs.ts'
import type { PolicyCompiler } from '../../../policies/wasm/compile.ts'

export function createHostCompiler(call: CallHost, owner: string): PolicyCompiler {
  return {
    compile: async (rego) => (await call('compile', { rego, owner })) as Awaited<ReturnType<PolicyCompiler['compile']>>,
    // It is the server's to close.
    close: async () => undefined,
  }
}
