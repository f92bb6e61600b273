// Puts an owner's rules in force at a rig's sidecar: compiled for real, sent through the feed, waited for.
import { buildArtifact } from '../../policies/wasm/artifact.ts'
import { createCompiler } from '../../policies/wasm/compile.ts'
import { until } from './raw-socket.ts'
import { type Caller, DEVICE, OWNER, REQUESTER, RESOURCE, type SidecarRig } from './sidecar-rig.ts'

export interface OwnerRules {
  /** One share, "Bob may read", with these lines below it; gives its artifact's digest. */
  share(rig: SidecarRig, lines: string): Promise<string>
  /** The same with a whole document after its version. */
  enforce(rig: SidecarRig, text: string): Promise<string>
  close(): Promise<void>
}

export function createOwnerRules(): OwnerRules {
  const compiler = createCompiler()
  let revision = 1

  async function enforce(rig: SidecarRig, text: string): Promise<string> {
    const artifact = await buildArtifact({ text: `version: 1\n${text}`, file: 'policy.yaml', now: Date.now(), compiler })
    if (!artifact.ok) throw new Error(JSON.stringify(artifact.error))
    const { digest, wasm } = artifact.value
    rig.issuer.artifacts.set(digest, wasm)
    revision += 1
    rig.issuer.change({ kind: 'owner', owner: OWNER, policy_revision: revision, artifact: digest })
    await until(async () => (await (await fetch(`${rig.adminOrigin}/metrics`)).text()).includes(`feed_revision ${rig.issuer.revision}\n`))
    return digest
  }

  return {
    enforce,
    share: (rig, lines) => enforce(rig, `shares:\n  - name: Bob may read\n    who: [bob@example.test]\n    what: [${DEVICE}]\n    may: [read]\n${lines}`),
    close: () => compiler.close(),
  }
}

/** The person of that share, with a permission for it. */
export function createBob(rig: SidecarRig): Caller {
  return rig.caller({ sub: REQUESTER, email: 'bob@example.test', email_verified: true, permissions: [{ resource_id: RESOURCE, resource_scopes: ['read'] }] })
}
